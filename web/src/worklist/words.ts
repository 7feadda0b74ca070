// The worklist in words: each status with its mark and what to do next.

import { day } from "../common/words";
import type { DueVisit, WorkLine } from "./types";

export { day };

export type Mark = "urgent" | "open" | "asked" | "turning" | "tick" | "dashed";

export function next(line: WorkLine): { mark: Mark; words: string } {
  if (line.status === "waiting") return { mark: "turning", words: "Waits for its turn" };
  if (line.status === "being assessed") return { mark: "turning", words: "Being assessed" };
  if (line.status === "set aside") return { mark: "dashed", words: "Set aside: see why" };
  if (line.status === "not assessed") return { mark: "dashed", words: "Assess it" };
  const urgent = line.status === "draft" ? (line.summary?.urgent ?? []) : [];
  if (urgent.length > 0) return { mark: "urgent", words: `Urgent: ${urgent.join(", ")}` };
  if (line.status === "signed") return { mark: "tick", words: `Signed ${day(line.changed_at)}` };
  if (line.patient === null) return { mark: "asked", words: "Whose is it?" };
  if (line.summary && line.summary.asked.length > 0)
    return { mark: "asked", words: `Which vertebra is which? ${line.summary.asked.join(", ")}` };
  return { mark: "open", words: "Check and sign" };
}

/** What images can be read for, in the words of the views. */
export const ROLES: Record<string, string> = {
  "lateral radiograph": "Radiograph",
  "sagittal T1": "T1",
  "sagittal T2": "T2",
  "sagittal STIR": "STIR",
  "sagittal fat-suppressed T2": "FS T2",
  CT: "CT",
};

export const FILTERS = [
  { name: "All", status: [] },
  { name: "To read", status: ["draft"] },
  { name: "In work", status: ["waiting", "being assessed"] },
  { name: "Needs help", status: ["set aside", "not assessed"] },
  { name: "Signed", status: ["signed"] },
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
  `${visit.window} visit ${visit.due}, was due ${day(visit.first_day)} to ${day(visit.last_day)}`;

export const share = (part: number, whole: number): string =>
  whole ? `${Math.floor((100 * part) / whole)}%` : "";
