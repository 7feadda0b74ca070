// Edits that could not be made because somebody else had changed the reading, each beside what they did.

import { effect, signal } from "@preact/signals";
import * as api from "../model/api";
import { type Aside, again, aside, notTaken, own, saved } from "../model/queue";
import type { ConflictItem } from "./types";

export interface Meeting {
  one: Aside;
  item: ConflictItem | null; // null until the server has said what meets it
}

export const meetings = signal<Meeting[]>([]);

const stale = (): Aside[] => aside.value.filter((one) => one.stale && one.change.to === "edits");

/** Ask what meets each edit whenever one is set aside or the reading changes. */
export function watchConflicts(): void {
  effect(() => {
    const ones = stale();
    const revision = saved.value?.reading.revision;
    const known = new Map(meetings.peek().map((m) => [m.one, m.item]));
    meetings.value = ones.map((one) => ({ one, item: known.get(one) ?? null }));
    if (ones.length && revision) void ask(ones);
  });
}

async function ask(ones: Aside[]): Promise<void> {
  const edits = ones.flatMap(({ change }) =>
    change.to === "edits" ? [{ ...change.edit, id: change.id }] : [],
  );
  const base = ones[0]?.base ?? "";
  const items = await api.conflict(edits, base, [...own]).catch(() => null);
  const now = stale();
  if (!items || now.length !== ones.length || now.some((one, i) => one !== ones[i])) return;
  meetings.value = ones.map((one, i) => ({ one, item: items[i] ?? null }));
}

export const takeMine = (m: Meeting): void => again(m.one);
export const takeTheirs = (m: Meeting): void => notTaken(m.one);

/** Everything that meets nothing of theirs is made on the reading as it now is. */
export function layOver(): void {
  for (const m of meetings.value) if (m.item && m.item.theirs.length === 0 && !m.item.refused) again(m.one);
}
