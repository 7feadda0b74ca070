// The doors of the service that the worklist uses.

import { ask, ROOT, send } from "../common/api";
import type { DueVisit, Glance, OverduePrevention, PatientLine, Study, WorkPage } from "./types";

export { Refused } from "../common/api";

/** So many of whom to call stand below the worklist; the rest on the page of patients. */
export const SHOWN = 12;

export interface Asked {
  status?: string[];
  assigned?: boolean;
  q?: string;
  sort: string;
  cursor?: string | null;
}

export function worklist(asked: Asked): Promise<WorkPage> {
  const query = new URLSearchParams({ sort: asked.sort, limit: "50" });
  for (const status of asked.status ?? []) query.append("status", status);
  if (asked.assigned !== undefined) query.set("assigned", String(asked.assigned));
  if (asked.q) query.set("q", asked.q);
  if (asked.cursor) query.set("cursor", asked.cursor);
  return ask(`/worklist?${query}`);
}

export const due = async (): Promise<DueVisit[]> => (await ask<{ items: DueVisit[] }>("/worklist/due")).items;

/** The first fractures, of longest ago, for which no osteoporosis drug is recorded 16 weeks later. */
export const untreated = async (): Promise<OverduePrevention[]> =>
  (await ask<{ items: OverduePrevention[] }>(`/worklist/prevention?untreated=true&limit=${SHOWN + 1}`)).items;

export const study = (id: string): Promise<Study> => ask(`/studies/${id}`);

export const glance = (line: { id: string; reading: string | null }): Promise<Glance> =>
  ask(line.reading ? `/readings/${line.reading}` : `/studies/${line.id}/draft`);

export const thumbnail = (id: string): string => `${ROOT}/studies/${id}/thumbnail`;

export const patients = (word: string): Promise<{ items: PatientLine[] }> =>
  ask(`/patients?${new URLSearchParams({ q: word, limit: "12" })}`);

export const newPatient = (code: string | null): Promise<PatientLine> =>
  send("POST", "/patients", code ? { code } : {});

export const newStudy = (uploads: string[], name: string): Promise<{ study: string; job: string | null }> =>
  send("POST", "/studies", { uploads, name });

export const example = (): Promise<{ study: string }> => send("POST", "/example");

export const assign = (id: string, patient: string, window: string, held_on: string): Promise<Study> =>
  send("POST", `/studies/${id}/visit`, { patient, window, held_on });

export const assess = (id: string): Promise<unknown> => send("POST", "/assessments", { study: id });

export const cancel = (job: string): Promise<unknown> => send("POST", `/jobs/${job}/cancel`);

export const discard = (id: string): Promise<void> => send("DELETE", `/studies/${id}`);

export const giveTo = (id: string, reader: string | null): Promise<Study> =>
  send("POST", `/studies/${id}/reader`, { reader });

/** Told when a job moves or a study changes; the browser opens the stream again by itself. */
export function listen(told: (kind: "job" | "study", data: { study?: string; progress?: string }) => void) {
  const source = new EventSource(`${ROOT}/events`);
  for (const kind of ["job", "study"] as const)
    source.addEventListener(kind, (event) => told(kind, JSON.parse((event as MessageEvent<string>).data)));
  source.addEventListener("open", () => told("study", {})); // what happened before it was open was not told
  return source;
}
