// What a published score says of itself, as `ovcf score list --json` gives it. Nothing here is particular to one score.

export type Word = boolean | number | string;

export interface Fact {
  input: string;
  relation: "in" | "<" | "<=" | "=" | ">=" | ">";
  values: Word[];
  /** The answer where the input is not known; null: then the answer is not known either. */
  unknown: boolean | null;
}

export interface Some {
  at_least: number;
  of: Condition[];
}

export type Condition = Fact | Some;

/** Arithmetic on ids of inputs or quantities, numbers, or arithmetic again. */
export interface Calc {
  do: "+" | "-" | "*" | "/" | "abs" | "min" | "max" | "floor" | "by word" | "first known";
  of: (Calc | number | string)[];
}

export interface Quantity {
  id: string;
  name: string;
  value: Calc;
  unit: string | null;
  decimals: number | null;
  signed: boolean;
}

export interface Input {
  id: string;
  name: string;
  kind: "number" | "whole" | "word" | "level" | "flag" | "text" | "numbers";
  help: string;
  unit: string | null;
  low: number | null;
  high: number | null;
  decimals: number | null;
  words: string[];
  place: "option" | "first" | "rest";
  required: boolean;
  default: Word | null;
  error_of: string;
  unknown_word: string;
  /** Of kind "numbers": how many are given together at most; arithmetic names them id[1] and so on. */
  many: number;
}

export interface Case {
  points: number | null;
  label: string;
  when: Condition | null;
  note: string;
  outside: string;
}

export interface Item {
  name: string;
  cases: Case[];
  shows: string;
  parts: [string, Condition][];
  zero_if_unknown: boolean;
  when: Condition | null;
}

export interface Group {
  label: string;
  when: Condition | null;
  meaning: string;
}

export interface Check {
  name: string;
  alike: Condition;
  otherwise: string;
  asked: boolean;
}

export interface Advice {
  text: string;
  when: Condition | null;
  evidence: string[];
}

export interface Score {
  id: string;
  name: string;
  version: string;
  title: string;
  population: string;
  not_for: string;
  evidence: string[];
  inputs: Input[];
  about: string;
  quantities: Quantity[];
  items: Item[];
  groups: Group[];
  classes: Group[];
  checks: Check[];
  flags: Advice[];
  advice: Advice[];
  /** What goes before the score. */
  alerts: Advice[];
  average: { at_least: number; times: number; partly: string } | null;
  unknown: string;
  formula: string;
}

export interface Published {
  score: Score;
  totals: number[];
  /** What kind of score it is: the folder of its declaration. */
  part: string;
  tolerance: number;
}

/** The input that a name in arithmetic belongs to: `answer[2]` is one of the numbers of `answer`. */
export function inputOf(name: string): string {
  return name.replace(/\[\d+\]$/, "");
}

/** A number, a flag as 0 or 1, a word by its place among the words; null is not known. */
export type Known = ReadonlyMap<string, number | null>;
