// What the server says: the view of one reading (ovcf.server.views.view) and the edits that can be asked for
// (ovcf.reading.editing.edits). Points are in the frame of their landmark set.

import type { Area } from "../marrow/types";
import type { Edit } from "./edits";

export type { Drawn, Edit, Endplate, Follow, SliceOutline } from "./edits";

export type Point = readonly [number, number];

export interface Picture {
  number: number;
  origin: Point;
  spacing: Point; // (row, column)
  size: Point; // (rows, columns)
  offset_mm: number;
  slice: number | null; // of marrow signal, from 0 at the patient's right
}

export interface SliceOut {
  series: string;
  slice: number;
  edits: string[];
}

export type RegionName = "body" | "csf" | "attenuation";

export interface Region {
  region: RegionName;
  series: string;
  slice: number;
  outline: Point[];
  edits: string[];
  said: string;
  warning: string;
  /** The published band of an attenuation that was taken. */
  meaning: string;
}

export interface Series {
  uid: string;
  role: string;
  description: string;
  set: string;
  pictures: Picture[];
}

export interface LandmarkSet {
  id: string;
  name: string;
  series: string;
  modality: string;
  posture: string;
  calibrated: boolean;
  unit: string;
  placed_by: string;
  chosen: boolean;
  thoracic: number;
  lumbar: number;
  names: string[];
  vertebrae: string[];
}

export interface Vertebra {
  level: string;
  label: string;
  set: string;
  points: Point[];
  radius: number[];
  errors: string[];
  moved: string[];
  readers: string[];
  hands: Record<string, string>; // the reader who placed a point, by its name
  accepted: boolean;
  stale: boolean;
  redrawn: boolean;
  withheld: string;
  unusable: string;
  state: string;
  excluded: string[];
  slices_out: SliceOut[];
}

/** One thing that a reader may say, and the edit that says it. */
export interface Answer {
  label: string;
  edit: Edit;
}

/** Which vertebra is assessed, asked before signing (ovcf.server.views.signing_view). */
export interface BeforeSigning {
  assess: Answer[];
  none: Answer;
  unknown: Answer;
}

export interface Reading {
  id: string;
  revision: string;
  status: "draft" | "confirmed" | "superseded";
  addendum: boolean;
  reader: string;
  edits: number;
  undo: boolean;
  redo: boolean;
  open: string[];
  before_signing: BeforeSigning | null;
  notice: string;
}

export interface Patient {
  id: string;
  person: string;
  visit: string;
  t_score: string;
}

export interface ClinicalFact {
  field: string;
  label: string;
  kind: "yes or no" | "number" | "whole number" | "word" | "date" | "text";
  words: string[];
  low: number | null;
  high: number | null;
  value: Value;
  edits: string[];
  from_images: boolean;
  /** Whether a yes is an emergency: it is asked before all else. */
  urgent: boolean;
}

export interface ClinicalGroup {
  title: string;
  facts: ClinicalFact[];
}

export interface Urgent {
  id: string;
  topic: string;
  text: string;
  acknowledged: boolean;
  /** No emergency, and to be seen before all else. */
  alert: boolean;
}

/** What the sources say of a patient like this (ovcf.server.views.guidance_view). */
export interface GuidanceStatement {
  id: string;
  topic: string;
  urgency: string;
  text: string;
  criteria: { text: string; answer: string; because: string }[];
  sources: { number: number; citation: string; doi: string }[];
}

export interface Item {
  name: string;
  finding: string;
  points: number | null;
  possible: number[];
  note: string;
  value: number | null;
  text: string;
  interval: Point | null;
  limits: number[];
  span: Point | null;
  doubt: string;
  lines: string;
}

export interface Score {
  name: string;
  version: string;
  complete: boolean;
  total: number | null;
  total_text: string;
  of: string;
  group: string;
  sentence: string;
  columns: { total: number; probability: number | null; text: string }[];
  items: Item[];
  reasons: string[];
  advisories: string[];
}

/** A score beside NASOVCF. */
export interface OtherScore {
  name: string;
  version: string;
  sentence: string;
  items: { name: string; finding: string; points: string }[];
  said: string[];
  whom: string;
  alerts: string[];
}

export interface MeasurementRow {
  id: string;
  name: string;
  definition: string;
  levels: string[];
  on: {
    image: string;
    value: number;
    text: string;
    short: string;
    interval: string;
    warnings: string[];
  }[];
}

export interface Lines {
  measurement: string;
  text: string;
  segments: [Point, Point][];
}

export interface Finding {
  name: string;
  level: string;
  value: string;
  doubt: string;
  reasons: string[];
  image: string;
  suggested: boolean;
}

export type Value = string | number | boolean | null;

export interface FactKind {
  finding: string;
  label: string;
  of_index: boolean;
  options: { value: Value; label: string }[];
  number: { low: number; high: number; unit: string } | null;
}

export interface Fact {
  finding: string;
  otherwise: string;
  value: Value;
  edits: string[];
}

/** A finding that asks for the reader's word (ovcf.server.views.findings.to_judge). */
export interface ToJudge {
  id: string;
  vertebra: string;
  level: string;
  name: string;
  suggested: string;
  sure: string;
  reasons: string[];
  image: string;
  lines: string;
  answers: Answer[];
  take: number | null;
  absent: number | null;
  unknown: number | null;
  said: number | null;
  edits: string[];
}

export interface Question {
  set: string;
  image: string;
  labellings: string[];
  names: Record<string, { level: string; share: string }[]>;
  /** How likely a body is S1 and no lumbar vertebra, for each that may be. */
  sacral: Record<string, string>;
}

export interface HistoryEntry {
  id: string;
  at: string;
  reader: string;
  words: string;
  vertebra: string;
  in_force: boolean;
  revoke: string;
}

export interface Version {
  status: string;
  reader: string;
  at: string;
  reason: string;
}

export interface Choices {
  roles: string[];
  studied: {
    uid: string;
    description: string;
    role: string;
    changed: boolean;
    reasons: string[];
    seen: boolean;
  }[];
  thresholds: { name: string; label: string; sd: number; usual: number; by: string }[];
}

/** The reading beside the draft that it began from. */
export interface Draft {
  differences: { what: string; level: string; image: string; before: string; after: string }[];
  points: Record<string, Point[]>;
}

export interface Withheld {
  name: string;
  level: string;
  reason: string;
  remedy: string;
}

export interface View {
  point_names: string[];
  states: string[];
  series: Series[];
  sets: LandmarkSet[];
  vertebrae: Record<string, Vertebra>;
  outlines: Record<string, Point[]>;
  reading: Reading;
  choices: Choices;
  versions: Version[];
  history: HistoryEntry[];
  patient: Patient;
  clinical: ClinicalGroup[];
  impression: { lead: string; rest: string }[];
  index: string | null;
  questions: Question[];
  urgent: Urgent[];
  guidance: GuidanceStatement[];
  score: Score | null;
  other_scores: OtherScore[];
  measurements: Record<string, MeasurementRow>;
  lines: Record<string, Lines[]>;
  findings: Record<string, Finding>;
  to_judge: ToJudge[];
  kinds: FactKind[];
  facts: Record<string, Fact[]>;
  regions: Record<string, Region[]>;
  areas: Record<string, Area[]>;
  withheld: Withheld[];
  warnings: string[];
}

/** The parts of a view that a preview changes; of parts by name only the entries that change, null for one gone. */
export type Changes = {
  [K in keyof View]?: View[K] extends Record<string, infer V> ? Record<string, V | null> : View[K];
};

export interface Problem {
  where: string;
  problem: string;
  remedy: string;
}
