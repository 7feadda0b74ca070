// The worklist in words: each status with its mark and what to do next.

import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import type { DueVisit, WorkLine } from "./types";

export { day };

export type Mark = "urgent" | "open" | "asked" | "turning" | "tick" | "dashed";

export function next(line: WorkLine): { mark: Mark; words: string } {
  if (line.status === "waiting") return { mark: "turning", words: t("Waits for its turn") };
  if (line.status === "being assessed") return { mark: "turning", words: t("Being assessed") };
  if (line.status === "set aside") return { mark: "dashed", words: t("Set aside: see why") };
  if (line.status === "not assessed") return { mark: "dashed", words: t("Assess it") };
  const urgent = line.status === "draft" ? (line.summary?.urgent ?? []) : [];
  if (urgent.length > 0)
    return { mark: "urgent", words: t("Urgent: {join}", { join: urgent.map(said).join(COMMA) }) };
  if (line.status === "signed")
    return { mark: "tick", words: t("Signed {changed_at}", { changed_at: day(line.changed_at) }) };
  if (line.patient === null) return { mark: "asked", words: t("Whose is it?") };
  if (line.summary && line.summary.asked.length > 0)
    return {
      mark: "asked",
      words: t("Which vertebra is which? {join}", { join: line.summary.asked.join(COMMA) }),
    };
  return { mark: "open", words: t("Check and sign") };
}

/** What images can be read for, in the words of the views. */
export const ROLES: Record<string, string> = {
  "lateral radiograph": t("Radiograph"),
  "sagittal T1": "T1",
  "sagittal T2": "T2",
  "sagittal STIR": "STIR",
  "sagittal fat-suppressed T2": "FS T2",
  CT: "CT",
};

export const FILTERS = [
  { name: t("All"), status: [] },
  { name: t("To read"), status: ["draft"] },
  { name: t("In work"), status: ["waiting", "being assessed"] },
  { name: t("Needs help"), status: ["set aside", "not assessed"] },
  { name: t("Signed"), status: ["signed"] },
] as const;

export const WINDOWS = [
  "pretreatment",
  "1 month",
  "3 months",
  "6 months",
  "12 months",
  "unscheduled",
] as const;

export const dueWords = (visit: DueVisit): string =>
  t("{window} visit {due}, was due {first_day} to {last_day}", {
    window: said(visit.window),
    due: said(visit.due),
    first_day: day(visit.first_day),
    last_day: day(visit.last_day),
  });

export const share = (part: number, whole: number): string =>
  whole ? `${Math.floor((100 * part) / whole)}%` : "";
