// What the doors of administration answer (ovcf.server.api.admin.shapes).

import type { Problem } from "../model/types";

export interface Account {
  id: string;
  code: string;
  name: string;
  site: string;
  role: string;
  all_sites: boolean;
  active: boolean;
  ways: string[];
  link_until: string | null;
  sessions: number;
  seen_at: string | null;
  since: string;
  /** Cases that are assigned to them and not signed; blinded ones of studies that they have not given back. */
  unread: number;
  unread_blinded: number;
  /** Their code since they went to another site. */
  now: string | null;
}

export interface Said {
  at: string;
  by: string;
  role: string;
  active: boolean;
  all_sites: boolean;
  reason: string;
}

export interface Link {
  address: string;
  until: string;
}

export interface Site {
  code: string;
  name: string;
  people: number;
  patients: number;
  simulated: boolean;
}

export interface SignIn {
  accounts: boolean;
  address: string;
  secure: boolean;
  idle_minutes: number;
  session_hours: number;
  link_days: number;
  password_characters: number;
  attempts: number;
  locked_minutes: number;
  provider: {
    name: string;
    issuer: string;
    client_id: string;
    person: string;
    scopes: string;
    newcomers_site: string | null;
    newcomers_role: string | null;
    needed: string | null;
  } | null;
}

export interface AuditLine {
  seq: number;
  at: string;
  by: string;
  name: string;
  action: string;
  kind: string;
  row: string;
  patient: string;
  patient_id: string | null;
  erased: boolean;
  link: string;
  digest: string;
  chain: string;
}

export interface AuditChoices {
  people: string[];
  kinds: string[];
  actions: string[];
}

export interface Chore {
  kind: "audit" | "files" | "backup" | "backup check";
  state: "running" | "done" | "failed";
  by: string;
  started_at: string;
  ended_at: string | null;
  about: string;
  counted: number;
  found: string[];
  more: number;
  why: string;
}

export interface Backup {
  name: string;
  size: number;
  made_at: string;
  rows: number | null;
  files: number | null;
  head: string | null;
  revision: string | null;
  fits: boolean;
}

export interface Job {
  id: string;
  study: string;
  state: "queued" | "running" | "done" | "set aside" | "cancelled";
  attempts: number;
  enqueued_at: string;
  started_at: string | null;
  ended_at: string | null;
  progress: string;
  seconds: number | null;
  reading: string | null;
  why: Problem | null;
  name: string;
  patient: string;
  by: string;
  worker: string;
  peak_bytes: number | null;
}

export interface Work {
  counts: Record<Job["state"], number>;
  oldest_waiting: string | null;
  items: Job[];
}

export interface Storage {
  taken: { kind: string; files: number; bytes: number }[];
  database: number;
  backups: number;
  uploads: number;
  free: number;
  whole: number;
  files: number;
  sealed: number;
  seals: boolean;
}

export type Card = { [name: string]: Card } | (string | number)[] | string | number;

export interface Model {
  file: string;
  sha256: string;
  released: boolean;
  bytes: number;
  name: string;
  version: string;
  card: Record<string, Card>;
}

export interface Finding {
  what: string;
  good: boolean | null;
  number: number | null;
  of: number | null;
  at: string | null;
}

export interface Health {
  software: string;
  source: string;
  python: string;
  database: string;
  revision: string;
  newest: string;
  findings: Finding[];
}
