// What may be asked, in words, and which columns each question needs.

import { t } from "../language/language";
import type { Asked, Column } from "./types";

export interface Part {
  /** The field of the question that it fills. */
  name: "outcome" | "by" | "columns" | "time" | "lower";
  words: string;
  hint: string;
  many: boolean;
  needed: boolean;
  /** Which columns are offered first. */
  fits: (column: Column) => boolean;
}

export interface Question {
  name: string;
  words: string;
  says: string;
  parts: Part[];
  /** A published design, whose columns are understood as a whole. */
  design?: true;
  /** A design that has one row for each treated vertebra; any other has one for each patient. */
  vertebrae?: true;
  /** May be asked of the registry. */
  registry: boolean;
}

const groups = (c: Column) =>
  c.kind === "boolean" || (any(c) && c.levels.length > 1 && c.levels.length <= 12);
const numbers = (c: Column) => c.kind === "number" || c.kind === "integer";
const two = (c: Column) => c.kind === "boolean" || c.levels.length === 2;
const any = (c: Column) => !["text", "empty", "id", "date"].includes(c.kind);

const outcome: Part = {
  name: "outcome",
  words: t("Outcome"),
  hint: t("yes and no, 1 and 0, or words"),
  many: false,
  needed: true,
  fits: groups,
};

export const QUESTIONS: Question[] = [
  {
    name: "table1",
    words: t("Who are the patients, by group?"),
    says: t("Table 1: each variable by group, with its test and why this one."),
    registry: true,
    parts: [
      { name: "by", words: t("Groups"), hint: t("one column"), many: false, needed: true, fits: groups },
      {
        name: "columns",
        words: t("Describe"),
        hint: t("all where none is chosen"),
        many: true,
        needed: false,
        fits: any,
      },
    ],
  },
  {
    name: "roc",
    words: t("Does a score tell who?"),
    says: t("ROC curves: area with its interval, cut-offs, every two markers compared (DeLong)."),
    registry: true,
    parts: [
      { ...outcome, fits: two },
      {
        name: "by",
        words: t("Markers"),
        hint: t("numbers; more speaks for the event"),
        many: true,
        needed: true,
        fits: numbers,
      },
      {
        name: "lower",
        words: t("Of which less speaks for it"),
        hint: t("such as a T-score"),
        many: true,
        needed: false,
        fits: numbers,
      },
    ],
  },
  {
    name: "km",
    words: t("When does it happen?"),
    says: t("Kaplan-Meier curves with numbers at risk, log-rank test, hazard ratios."),
    registry: true,
    parts: [
      {
        name: "time",
        words: t("Time followed"),
        hint: t("one column"),
        many: false,
        needed: true,
        fits: numbers,
      },
      outcome,
      {
        name: "by",
        words: t("Groups"),
        hint: t("none, or one column"),
        many: false,
        needed: false,
        fits: groups,
      },
    ],
  },
  {
    name: "regression",
    words: t("What goes with the outcome?"),
    says: t("Linear regression for a number, logistic for yes and no, Cox's with a time."),
    registry: true,
    parts: [
      { ...outcome, hint: t("a number, or yes and no"), fits: any },
      { name: "by", words: t("Predictors"), hint: t("any columns"), many: true, needed: true, fits: any },
      {
        name: "time",
        words: t("Time followed"),
        hint: t("only for Cox's model"),
        many: false,
        needed: false,
        fits: numbers,
      },
    ],
  },
  {
    name: "agreement",
    words: t("Do readers agree?"),
    says: t("ICC, standard error of measurement, smallest detectable change, limits of agreement."),
    registry: true,
    parts: [
      {
        name: "by",
        words: t("Readings"),
        hint: t("a column for each reader or repeat"),
        many: true,
        needed: true,
        fits: numbers,
      },
    ],
  },
  {
    name: "validate",
    words: t("Does NASOVCF hold here?"),
    says: t("External validation beside Han 2025, with the checklist of TRIPOD+AI."),
    registry: true,
    design: true,
    parts: [],
  },
  {
    name: "nasovcf",
    words: t("Han's design as a whole"),
    says: t("The score, non-union, progressive kyphosis, height loss, kyphosis, pain, disability."),
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "multicentre",
    words: t("NASOVCF in several centres"),
    says: t("Each centre and pooled, missing data, death, two readers."),
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "nagao",
    words: t("Nagao's design"),
    says: t("Edema at each visit and severe collapse at 1 year."),
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "voormolen",
    words: t("Voormolen's design"),
    says: t("Edema in the year after vertebroplasty, one row for each treated vertebra."),
    registry: false,
    design: true,
    vertebrae: true,
    parts: [],
  },
  {
    name: "kadri",
    words: t("Kadri's design"),
    says: t("Bone quality and time to a secondary fracture, death as a competing event."),
    registry: false,
    design: true,
    parts: [],
  },
];

/** What is asked for, from what was chosen; null while something that is needed is not. */
export function asked(
  question: Question,
  chosen: Partial<Record<Part["name"], string[]>>,
  event: string,
): Asked | null {
  const found: Asked = { question: question.name };
  for (const part of question.parts) {
    const given = chosen[part.name] ?? [];
    if (part.needed && given.length === 0) return null;
    if (part.name === "outcome" || part.name === "time") found[part.name] = given[0] ?? "";
    else found[part.name] = part.name === "by" && !part.many ? given.slice(0, 1) : given;
  }
  if (question.name === "agreement" && (found.by?.length ?? 0) < 2) return null;
  const lower = found.lower ?? [];
  if (lower.length > 0) found.by = [...new Set([...(found.by ?? []), ...lower])];
  if (event && question.parts.some((part) => part.name === "outcome")) found.event = event;
  return found;
}
