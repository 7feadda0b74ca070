// What may be asked, in words, and which columns each question needs.

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
  /** May be asked of the registry. */
  registry: boolean;
}

const groups = (c: Column) => c.kind === "boolean" || (c.levels.length > 1 && c.levels.length <= 12);
const numbers = (c: Column) => c.kind === "number" || c.kind === "integer";
const two = (c: Column) => c.kind === "boolean" || c.levels.length === 2;
const any = (c: Column) => c.kind !== "text" && c.kind !== "empty";

const outcome: Part = {
  name: "outcome",
  words: "Outcome",
  hint: "yes and no, 1 and 0, or words",
  many: false,
  needed: true,
  fits: groups,
};

export const QUESTIONS: Question[] = [
  {
    name: "table1",
    words: "Who are the patients, by group?",
    says: "Table 1: each variable by group, with its test and why this one.",
    registry: true,
    parts: [
      { name: "by", words: "Groups", hint: "one column", many: false, needed: true, fits: groups },
      {
        name: "columns",
        words: "Describe",
        hint: "all where none is chosen",
        many: true,
        needed: false,
        fits: any,
      },
    ],
  },
  {
    name: "roc",
    words: "Does a score tell who?",
    says: "ROC curves: area with its interval, cut-offs, every two markers compared (DeLong).",
    registry: true,
    parts: [
      { ...outcome, fits: two },
      {
        name: "by",
        words: "Markers",
        hint: "numbers; more speaks for the event",
        many: true,
        needed: true,
        fits: numbers,
      },
      {
        name: "lower",
        words: "Of which less speaks for it",
        hint: "such as a T-score",
        many: true,
        needed: false,
        fits: numbers,
      },
    ],
  },
  {
    name: "km",
    words: "When does it happen?",
    says: "Kaplan-Meier curves with numbers at risk, log-rank test, hazard ratios.",
    registry: true,
    parts: [
      { name: "time", words: "Time followed", hint: "one column", many: false, needed: true, fits: numbers },
      outcome,
      { name: "by", words: "Groups", hint: "none, or one column", many: false, needed: false, fits: groups },
    ],
  },
  {
    name: "regression",
    words: "What goes with the outcome?",
    says: "Linear regression for a number, logistic for yes and no, Cox's with a time.",
    registry: true,
    parts: [
      { ...outcome, hint: "a number, or yes and no", fits: any },
      { name: "by", words: "Predictors", hint: "any columns", many: true, needed: true, fits: any },
      {
        name: "time",
        words: "Time followed",
        hint: "only for Cox's model",
        many: false,
        needed: false,
        fits: numbers,
      },
    ],
  },
  {
    name: "agreement",
    words: "Do readers agree?",
    says: "ICC, standard error of measurement, smallest detectable change, limits of agreement.",
    registry: true,
    parts: [
      {
        name: "by",
        words: "Readings",
        hint: "a column for each reader or repeat",
        many: true,
        needed: true,
        fits: numbers,
      },
    ],
  },
  {
    name: "validate",
    words: "Does NASOVCF hold here?",
    says: "External validation beside Han 2025, with the checklist of TRIPOD+AI.",
    registry: true,
    design: true,
    parts: [],
  },
  {
    name: "nasovcf",
    words: "Han's design as a whole",
    says: "The score, non-union, progressive kyphosis, height loss, kyphosis, pain, disability.",
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "multicentre",
    words: "NASOVCF in several centres",
    says: "Each centre and pooled, missing data, death, two readers.",
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "nagao",
    words: "Nagao's design",
    says: "Edema at each visit and severe collapse at 1 year.",
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "voormolen",
    words: "Voormolen's design",
    says: "Edema in the year after vertebroplasty, one row for each treated vertebra.",
    registry: false,
    design: true,
    parts: [],
  },
  {
    name: "kadri",
    words: "Kadri's design",
    says: "Bone quality and time to a secondary fracture, death as a competing event.",
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
