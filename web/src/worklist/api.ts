// The doors of the service that the worklist uses.

import type { Problem } from "../model/types";
import type { DueVisit, Glance, PatientLine, Study, WorkPage } from "./types";

const ROOT = "/api/v1";

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${problem.where} ${problem.problem}. ${problem.remedy}`);
  }
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(ROOT + path, init);
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  const type = answer.headers.get("content-type") ?? "";
  const problem: Problem = type.includes("json")
    ? ((await answer.json()) as Problem)
    : { where: "The server", problem: `answered ${answer.status}`, remedy: "Load the page again." };
  throw new Refused(answer.status, problem);
}

const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  ask(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });

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

export const due = async (): Promise<DueVisit[]> =>
  (await ask<{ items: DueVisit[] }>("/worklist/due")).items;

export const me = (): Promise<{ code: string; name: string; role: string }> => ask("/me");

export const study = (id: string): Promise<Study> => ask(`/studies/${id}`);

export const glance = (line: { id: string; reading: string | null }): Promise<Glance> =>
  ask(line.reading ? `/readings/${line.reading}` : `/studies/${line.id}/draft`);

export const thumbnail = (id: string): string => `${ROOT}/studies/${id}/thumbnail`;

export const timeline = (patient: string): string => `${ROOT}/patients/${patient}/timeline.html`;

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
  return source;
}
