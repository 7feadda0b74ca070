// What the list shows, and what is chosen in it.

import { effect, signal, untracked } from "@preact/signals";
import * as api from "./api";
import type { DueVisit, Glance, OverduePrevention, Study, WorkLine } from "./types";
import { FILTERS } from "./words";

export const lines = signal<WorkLine[]>([]);
export const more = signal<string | null>(null);
export const due = signal<DueVisit[]>([]);
export const untreated = signal<OverduePrevention[]>([]);
export const filter = signal(0);
export const word = signal("");
export const sort = signal("-arrived");
export const chosen = signal<string | null>(null);
export const progress = signal<Record<string, string>>({});
export const glance = signal<{ id: string; study: Study; seen: Glance | null } | null>(null);
export const trouble = signal("");
export const loaded = signal(false);
export const assigning = signal<WorkLine | null>(null);
export const giving = signal<string | null>(null); // the study that is being given its patient

/** What the service has just answered of a study stands in its row at once. */
export function put(study: Study): void {
  lines.value = lines.value.map((line) => (line.id === study.id ? { ...line, ...study } : line));
}

export const current = (): WorkLine | undefined => lines.value.find((line) => line.id === chosen.value);

export function say(error: unknown): void {
  trouble.value = error instanceof Error ? error.message : String(error);
}

let asked = 0;

/** Asked for once: it changes over weeks, not while studies arrive. */
async function readUntreated(): Promise<void> {
  try {
    untreated.value = await api.untreated();
  } catch (error) {
    say(error);
  }
}

export async function refresh(): Promise<void> {
  const mine = ++asked;
  try {
    const page = await api.worklist({
      status: [...(FILTERS[filter.value]?.status ?? [])],
      q: word.value,
      sort: sort.value,
    });
    if (mine !== asked) return; // a later question is on its way
    lines.value = page.items;
    more.value = page.next;
    trouble.value = "";
    loaded.value = true;
    if (!current()) chosen.value = page.items[0]?.id ?? null;
    due.value = await api.due();
  } catch (error) {
    say(error);
  }
}

export async function goOn(): Promise<void> {
  if (!more.value) return;
  try {
    const page = await api.worklist({
      status: [...(FILTERS[filter.value]?.status ?? [])],
      q: word.value,
      sort: sort.value,
      cursor: more.value,
    });
    lines.value = [...lines.value, ...page.items];
    more.value = page.next;
  } catch (error) {
    say(error);
  }
}

let looking = 0;

export async function look(): Promise<void> {
  const line = current();
  const mine = ++looking;
  if (!line) {
    glance.value = null;
    return;
  }
  try {
    const study = await api.study(line.id);
    if (mine !== looking) return;
    const before = glance.value?.id === line.id ? glance.value : null;
    const same = before?.study.revision === study.revision && before?.study.status === study.status;
    glance.value = { id: line.id, study, seen: same ? before.seen : null };
    if (glance.value.seen || (study.status !== "draft" && study.status !== "signed")) return;
    const seen = await api.glance(study);
    if (mine === looking) glance.value = { id: line.id, study, seen };
  } catch (error) {
    if (mine === looking) say(error);
  }
}

export function step(by: number): void {
  const at = lines.value.findIndex((line) => line.id === chosen.value);
  const to = lines.value[Math.max(0, Math.min(lines.value.length - 1, at + by))];
  if (to) chosen.value = to.id;
}

/** Open the reading of a line; a study that belongs to nobody is given a patient first. */
export function open(line: WorkLine): void {
  if (line.reading) location.assign(`/readings/${line.reading}/`);
  else if (line.status === "draft" && line.patient === null) assigning.value = line;
  else chosen.value = line.id;
}

export async function act(doing: Promise<unknown>): Promise<boolean> {
  try {
    await doing;
    await refresh();
    await look();
    return true;
  } catch (error) {
    say(error);
    return false;
  }
}

export function start(): void {
  void readUntreated();
  let pause: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    filter.value;
    word.value;
    sort.value;
    clearTimeout(pause);
    pause = setTimeout(() => void refresh(), 120);
  });
  effect(() => {
    chosen.value;
    void untracked(look);
  });
  let soon: ReturnType<typeof setTimeout> | undefined;
  api.listen((kind, data) => {
    if (kind === "job" && data.study)
      progress.value = { ...progress.value, [data.study]: data.progress ?? "" };
    clearTimeout(soon);
    soon = setTimeout(() => void refresh().then(look), 250);
  });
}
