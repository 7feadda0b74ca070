// The doors of cohorts.

import { ask, ROOT, send } from "../common/api";
import type { Analysis, Asked, Keep, Kept, Mapping, MappingAsked, Table, Time } from "./types";

export const upload = (file: File): Promise<Table> =>
  ask(`/cohort/tables?${new URLSearchParams({ name: file.name.slice(0, 200) })}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });

export const sheet = (table: string, name: string): Promise<Table> =>
  ask(`/cohort/tables/${table}?${new URLSearchParams({ sheet: name })}`);

export const registry = (): Promise<Table> => ask("/cohort/registry");

export const mapping = (table: string, asked: MappingAsked): Promise<Mapping> =>
  send("POST", `/cohort/tables/${table}/mapping`, asked);

export interface NewAnalysis {
  table: string | null;
  sheet?: string | null;
  question?: Asked;
  mapping?: MappingAsked;
  wrong_as_missing: boolean;
  repeats: Keep | null;
  times: Time[];
}

export const begin = (asked: NewAnalysis): Promise<{ analysis: string }> =>
  send("POST", "/cohort/analyses", asked);

export const look = (analysis: string): Promise<Analysis> => ask(`/cohort/analyses/${analysis}`);

export const kept = (): Promise<Kept> => ask("/cohort/kept");

export const open = (table: string): Promise<Table> => ask(`/cohort/tables/${table}`);

export const stop = (analysis: string): Promise<void> => send("DELETE", `/cohort/analyses/${analysis}`);

export const forget = (table: string): Promise<void> => send("DELETE", `/cohort/tables/${table}`);

export const file = (analysis: string, format: string): string =>
  `${ROOT}/cohort/analyses/${analysis}/report.${format}`;
