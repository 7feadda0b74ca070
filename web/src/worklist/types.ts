// What the service says of studies, patients and jobs (ovcf.server.api.shapes).

import type { View } from "../model/types";

export type Status = "waiting" | "being assessed" | "set aside" | "not assessed" | "draft" | "signed";

export interface WorkLine {
  id: string;
  status: Status;
  name: string;
  patient: string | null;
  code: string | null;
  visit: string | null;
  window: string | null;
  held_on: string | null;
  acquired_on: string | null;
  images: number;
  arrived_at: string;
  changed_at: string;
  assigned_to: string | null;
  signed_by: string | null;
  reading: string | null;
  revision: number | null;
  summary: { lead: string; urgent: string[]; asked: string[]; roles: string[]; earlier: boolean } | null;
  job: string | null;
}

export interface WorkPage {
  items: WorkLine[];
  next: string | null;
}

export interface Trouble {
  where: string;
  problem: string;
  remedy: string;
  code: string;
}

export interface Job {
  id: string;
  study: string;
  state: "queued" | "running" | "done" | "set aside" | "cancelled";
  attempts: number;
  progress: string;
  why: Trouble | null;
}

export interface Study extends WorkLine {
  files: number;
  newest_job: Job | null;
}

export interface DueVisit {
  patient: string;
  code: string;
  window: string;
  first_day: string;
  last_day: string;
  due: string;
}

/** A fracture after which something against the next one is overdue. */
export interface OverduePrevention {
  patient: string;
  code: string;
  levels: string[];
  fractured_on: string;
  weeks: number;
  /** The time to begin an osteoporosis drug is over and none is recorded. */
  untreated: boolean;
  overdue: { indicator: string; said: string }[];
}

export interface PatientLine {
  id: string;
  code: string;
  sex: string | null;
  birth_year: number | null;
}

export interface Visit {
  id: string;
  window: string;
  status: string;
  planned_on: string | null;
  held_on: string | null;
}

export interface Patient extends PatientLine {
  episodes: { id: string; levels: string[]; fractured_on: string | null }[];
  visits: Visit[];
  studies: WorkLine[];
}

/** The part of a reading's view that is shown beside the list. */
export type Glance = Pick<View, "impression" | "urgent" | "questions" | "withheld" | "reading" | "patient">;
