// What the doors of cohorts answer (ovcf.server.api.cohort.shapes).

import type { Report } from "../report/types";

export interface Column {
  heading: string;
  kind: string;
  examples: string[];
  missing: number;
  levels: string[];
  ambiguous: string;
}

/** Which rows count of a patient who has several. */
export type Keep = "first" | "last" | "none" | "all";

export interface Repeats {
  heading: string;
  patients: number;
  rows: number;
  alike: number;
  examples: { patient: string; rows: number[] }[];
}

export interface Time {
  name: string;
  begin: string;
  end: string;
  day_first: boolean | null;
}

export interface Kept {
  tables: { table: string; name: string; at: string }[];
  analyses: { analysis: string; name: string; asked: string; at: string; state: Analysis["state"] }[];
}

export interface Table {
  table: string;
  name: string;
  rows: number;
  columns: Column[];
  sheets: string[];
  notes: string[];
  unknown: string[];
  repeats: Repeats | null;
}

export interface Guess {
  heading: string;
  column: string;
  label: string;
  unit: string;
  factor: number;
  examples: string[];
  certain: boolean;
  doubts: string[];
  codes: { code: string; label: string }[];
  allowed: string[];
}

export interface Mapping {
  guesses: Guess[];
  unused: string[];
  unfit: { heading: string; column: string; examples: string[] }[];
  unknown_values: string[];
  decimal_comma: boolean;
  open: number;
  known: { code: string; label: string }[];
}

export interface MappingAsked {
  design: string;
  sheet: string | null;
  named: Record<string, string>;
  answers: Record<string, Record<string, string>>;
}

export interface Asked {
  question: string;
  outcome?: string;
  by?: string[];
  columns?: string[];
  time?: string;
  event?: string | null;
  lower?: string[];
  at?: number[];
  unit?: string;
}

export interface Analysis {
  analysis: string;
  state: "waiting" | "running" | "done" | "failed";
  why: { where: string; problem: string; remedy: string } | null;
  report: Report | null;
}
