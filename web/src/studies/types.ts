// What the doors of clinical studies answer (ovcf.server.api.study.shapes).

export interface StudyLine {
  code: string;
  version: string;
  title: string;
  screened: number;
  enrolled: number;
  planned: number | null;
  open_queries: number;
  locked: boolean;
  mine: number;
}

export interface Criterion {
  id: string;
  text: string;
  fact: string;
  label: string;
  test: string;
  limit: string;
  exclusion: boolean;
}

export interface Field {
  id: string;
  label: string;
  kind: "number" | "whole number" | "yes or no" | "choice" | "date" | "text";
  unit: string;
  low: number | null;
  high: number | null;
  choices: string[];
  required: boolean;
  source: string;
}

export interface Form {
  id: string;
  title: string;
  fields: Field[];
}

export interface Outcome {
  id: string;
  title: string;
  window: string;
  primary: boolean;
  adjudicators: number;
}

export interface Protocol {
  version: string;
  digest: string;
  title: string;
  consent_required: boolean;
  sample_size: number | null;
  sample_size_reason: string;
  criteria: Criterion[];
  arms: { id: string; title: string }[];
  visits: { window: string; from_day: number; to_day: number; forms: string[] }[];
  forms: Form[];
  outcomes: Outcome[];
  readers: string;
  pins: string[];
  versions: { version: string; digest: string; recorded_at: string; because: string }[];
}

export interface StudyDetail extends StudyLine {
  protocol: Protocol;
  may: string[];
  whole: boolean;
  /** The words by which a treatment is entered. */
  treatments: string[];
  levels: string[];
}

export type CaseState = "to read" | "in work" | "read" | "waiting";

export interface CaseLine {
  task: string;
  label: string;
  state: CaseState;
  open_on: string | null;
}

export interface RoundLine {
  code: string;
  begun_at: string;
  closed: boolean;
  readers: number;
  read: number;
  tasks: number;
  mine: number;
}

export interface Progress {
  reader: string;
  read: number;
  cases: number;
  repeats_read: number;
  repeats: number;
  next_on: string | null;
}

export interface Round {
  code: string;
  begun_at: string;
  closed: boolean;
  because: string;
  seed: number | null;
  washout_days: number;
  repeats_percent: number;
  measures: string[];
  ratings: string[];
  mine: CaseLine[];
  progress: Progress[];
  not_read: string[];
}

export interface ConsensusLine {
  patient: string;
  window: string;
  reading: string | null;
  why: string;
  not_agreed: string[];
}

export interface Candidate {
  code: string;
  on: string;
  decision: "eligible" | "not eligible" | "pending" | string;
  because: string;
  facts: Record<string, boolean | number | string>;
  unknown: string[];
  number: string | null;
}

export interface FormState {
  form: string;
  known: number;
  fields: number;
  missing: string[];
}

export interface VisitState {
  window: string;
  first_day: string;
  last_day: string;
  held_on: string | null;
  state: "held" | "due" | "later" | "overdue" | "gone";
  forms: FormState[];
  reading: string | null;
}

export interface Treatment {
  id: string;
  kind: string;
  began: string;
  ended: string | null;
  levels: string[];
  drug: string;
  crossover: boolean;
}

export interface Patient {
  number: string;
  code: string;
  patient: string;
  episode: string;
  treatments: Treatment[];
  arm: string;
  on: string;
  crossed: string;
  left: string;
  left_on: string | null;
  visits: VisitState[];
}

export interface Entry {
  form: string;
  window: string;
  held_on: string | null;
  filled: boolean;
  values: Record<string, boolean | number | string>;
  implausible: string[];
}

export interface Query {
  id: string;
  number: string;
  patient: string;
  window: string;
  form: string;
  field: string;
  rule: string;
  text: string;
  value: string | null;
  now: string | null;
  state: "open" | "answered" | "closed";
  asked_at: string;
  asked_by: string;
  events: { at: string; by: string; step: string; text: string }[];
}

export interface Judgement {
  patient: string;
  outcome: string;
  title: string;
  window: string;
  level: string;
  held_on: string | null;
  stage: string;
  given: number;
  mine: string | null;
  turn: boolean;
  worked_on_record: boolean;
  answer: string | null;
  judges: string[];
}

export interface BarePicture {
  at: string;
  series: number;
  role: string;
  posture: string;
  spacing: [number, number];
  calibrated: boolean;
  offset_mm: number;
  size: [number, number];
}

export interface BareVisit {
  window: string;
  pictures: BarePicture[];
}

export interface Lock {
  locked: boolean;
  at: string | null;
  digest: string;
  because: string;
  unsettled: string[];
}

export interface Merged {
  site: string;
  patients: number;
  added: number;
  there: number;
  conflicts: string[];
}

export interface Figure {
  found: number | null;
  truth: number;
}

export interface Exercise {
  id: string;
  label: string;
  made_at: string;
  signed_at: string | null;
  level: string;
  minutes: number;
  mean_mm: number | null;
  worst_mm: number | null;
  missing: string[];
  truth: Record<string, [number, number][]>;
  points: Record<string, Record<string, number>>;
  vhl_percent: Figure | null;
  ka_deg: Figure | null;
  grade: Figure | null;
}
