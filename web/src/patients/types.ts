// What the server says of a patient and the course of a fracture (ovcf.server.api.course).

import type { PatientLine } from "../worklist/types";

export interface Answer {
  instrument: string;
  text: string;
  value: number | null;
  answers: Record<string, number>;
  /** Null for what a reading has, or what was not asked. */
  fact: string | null;
}

export interface VisitSeen {
  id: string;
  window: string;
  status: "held" | "planned" | "missed";
  on: string | null;
  day: number | null;
  reading: string | null;
  study: string | null;
  signed: boolean;
  answers: Answer[];
}

export interface Course {
  quantity: string;
  title: string;
  unit: string;
  chart: string;
  verdict: string;
  said: string;
  change: string;
  before: string;
  values: { visit: string; on: string | null; value: string; how: string; change: string; verdict: string }[];
}

export interface Instrument {
  instrument: string;
  label: string;
  low: number;
  high: number;
  whole: boolean;
  words: string[];
  domains: string[];
}

export interface Forms {
  instruments: Instrument[];
  treatments: string[];
  events: string[];
  levels: string[];
  windows: string[];
}

export interface Episode {
  id: string;
  levels: string[];
  fractured_on: string | null;
  mechanism: string;
}

export interface CoursePage {
  patient: PatientLine;
  episodes: Episode[];
  episode: string;
  visits: VisitSeen[];
  timeline: {
    level: string;
    signed: boolean;
    summary: string[];
    questions: string[];
    warnings: string[];
    courses: Course[];
    outcomes: { name: string; visit: string; answer: string; because: string }[];
    prevention: [string, string][];
    alerts: { title: string; now: boolean; texts: string[] }[];
  };
  why: { where: string; problem: string; remedy: string } | null;
  plan: { window: string; first_day: string; last_day: string; due: string; said: string }[];
  next: string;
  forms: Forms;
}

/** A fact as it now stands (ovcf.server.api.shapes.Fact). */
export interface Fact {
  id: string;
  kind: string;
  values: Record<string, unknown>;
  recorded_at: string;
  reason: string | null;
}
