// The visits of the fracture that the open reading is of, and the one that is looked at beside it.

import { batch, signal } from "@preact/signals";
import { ask } from "../common/api";
import { said } from "../common/words";
import type { View } from "../model/types";
import { active, inOrderOfRole, seriesShown, solo } from "../views/looks";

interface Beside {
  reading: string;
  window: string;
  on: string | null;
  day: number | null;
  signed: boolean;
  study: string | null;
}

interface ReadingVisits {
  patient: string;
  code: string;
  reading: string;
  visits: Beside[];
}

/** The id of a reading that a registry keeps; a reading of a file has none here. */
export const kept = /^\/readings\/([\w-]+)\//.exec(globalThis.location?.pathname ?? "")?.[1];

export const visits = signal<ReadingVisits | null>(null);
/** The reading that is looked at beside this one, and why it cannot be. */
export const prior = signal<{ visit: Beside; view: View } | null>(null);
export const priorTrouble = signal("");

export async function loadVisits(): Promise<void> {
  if (!kept) return;
  try {
    visits.value = await ask<ReadingVisits>(`/readings/${kept}/visits`);
  } catch {
    // the reading itself says what is wrong; without the deck it can be read all the same
  }
}

const others = (): Beside[] => visits.value?.visits.filter((v) => v.reading !== kept) ?? [];

/** Show a visit beside the current one, both with the series that was looked at last. */
export async function showBeside(visit: Beside): Promise<void> {
  if (visit.reading === kept) return;
  try {
    const view = await ask<View>(`/readings/${visit.reading}`);
    const roles = new Set(view.series.map((s) => s.role));
    const now = seriesShown.value.find((s) => s.uid === active.value);
    const best =
      now && roles.has(now.role) ? now : inOrderOfRole(seriesShown.value).find((s) => roles.has(s.role));
    batch(() => {
      prior.value = { visit, view };
      priorTrouble.value = "";
      if (!solo.value && best) solo.value = best.uid;
    });
  } catch (error) {
    priorTrouble.value = said(error);
  }
}

export function putAway(): void {
  batch(() => {
    prior.value = null;
    solo.value = "";
  });
}

/** The visit before this one beside it, or the next after it where it is the first; away if it is there. */
export function turnPrior(): void {
  if (prior.value) {
    putAway();
    return;
  }
  const all = visits.value?.visits ?? [];
  const at = all.findIndex((v) => v.reading === kept);
  const one = all[at - 1] ?? all[at + 1];
  if (one) void showBeside(one);
}

/** Another visit beside the current one. */
export function stepBeside(by: number): void {
  const all = others();
  const at = all.findIndex((v) => v.reading === prior.value?.visit.reading);
  const next = at < 0 ? all[by < 0 ? all.length - 1 : 0] : all[at + by];
  if (next) void showBeside(next);
}

/** Open the reading of the visit before or after. */
export function stepVisit(by: number): void {
  const all = visits.value?.visits ?? [];
  const next = all[all.findIndex((v) => v.reading === kept) + by];
  if (next) location.assign(`/readings/${next.reading}/`);
}
