// The patient whose page is open: the course, what was done, and which visits are looked at beside each other.

import { batch, computed, signal } from "@preact/signals";
import { ask } from "../common/api";
import { said } from "../common/words";
import type { Size } from "../draw/geometry";
import type { View } from "../model/types";
import type { Look, Seen } from "../visits/link";
import type { CoursePage, Fact, VisitSeen } from "./types";

export const patient = /^\/patients\/([\w-]+)\//.exec(globalThis.location?.pathname ?? "")?.[1] ?? null;

export const course = signal<CoursePage | null>(null);
export const treatments = signal<Fact[]>([]);
export const events = signal<Fact[]>([]);
/** Whether the course has been read; until then only the visits are known. */
export const whole = signal(false);
export const trouble = signal("");
/** The reader has checked that the visits mean the same vertebrae by the same names. */
export const confirmedLevels = signal(false);
export const episode = signal<string | null>(null);

/** The visits that are looked at: earlier and later, by id. */
export const beside = signal<[string | null, string | null]>([null, null]);
export const role = signal("lateral radiograph");
export const look = signal<Look>({ level: "", zoom: 1, by: null, slice: 0 });
export const sizes = signal<(Size | null)[]>([null, null]);
export const layOver = signal(true);
export const readings = signal<Record<string, View>>({});

/** Visits that can be looked at, first to last. */
export const toSee = computed<VisitSeen[]>(() => course.value?.visits.filter((v) => v.reading) ?? []);

export const visit = (id: string | null): VisitSeen | undefined =>
  course.value?.visits.find((v) => v.id === id);

export function seen(id: string | null): Seen | null {
  const reading = visit(id)?.reading;
  const view = reading ? readings.value[reading] : undefined;
  return reading && view ? { view, from: `/api/v1/readings/${reading}/pictures/` } : null;
}

export async function load(): Promise<void> {
  const query = new URLSearchParams();
  if (episode.value) query.set("episode", episode.value);
  if (confirmedLevels.value) query.set("confirmed_levels", "true");
  try {
    if (!course.value) {
      const first = await ask<CoursePage>(`/patients/${patient}/course?visits_only=true&${query}`);
      batch(() => {
        course.value = first;
        const [level] = first.episodes.find((e) => e.id === first.episode)?.levels ?? [];
        if (level) look.value = { ...look.value, level };
        chooseVisits();
      });
      void loadReadings().catch(() => {}); // asked again below, where a refusal is told
    }
    const [page, done, happened] = await Promise.all([
      ask<CoursePage>(`/patients/${patient}/course?${query}`),
      ask<Fact[]>(`/patients/${patient}/facts/treatments`),
      ask<Fact[]>(`/patients/${patient}/facts/events`),
    ]);
    batch(() => {
      course.value = page;
      treatments.value = done.filter((f) => f.values.episode_id === page.episode);
      events.value = happened.filter((f) => f.values.episode_id === page.episode);
      trouble.value = "";
      // the level of the course, unless the reader has looked at another one already
      if (!whole.value && page.timeline.level && look.value.by === null)
        look.value = { ...look.value, level: page.timeline.level };
      whole.value = true;
      chooseVisits();
    });
    await loadReadings();
  } catch (error) {
    trouble.value = said(error);
  }
}

/** First and last, unless the reader chose others. */
function chooseVisits(): void {
  const all = toSee.value;
  const there = (id: string | null) => all.some((v) => v.id === id);
  const [left, right] = beside.value;
  if (there(left) && (there(right) || all.length < 2)) return;
  beside.value = [all[0]?.id ?? null, all.length > 1 ? (all.at(-1)?.id ?? null) : null];
}

export async function loadReadings(): Promise<void> {
  await Promise.all(
    beside.value.map(async (id) => {
      const reading = visit(id)?.reading;
      if (!reading || readings.value[reading]) return;
      const view = await ask<View>(`/readings/${reading}`);
      batch(() => {
        readings.value = { ...readings.value, [reading]: view };
        if (!look.value.level) look.value = { ...look.value, level: view.index ?? firstLevel(view) };
      });
    }),
  );
}

const firstLevel = (view: View): string =>
  Object.values(view.vertebrae).find((v) => v.points.length > 0)?.level ?? "";

/** Look at another visit: in the later pane, or with `place` 0 in the earlier one. */
export function show(id: string, place: 0 | 1): void {
  if (!visit(id)?.reading) return;
  const next: [string | null, string | null] = [...beside.value];
  next[place] = id;
  beside.value = next;
  void loadReadings().catch((error) => {
    trouble.value = said(error);
  });
}

/** The visit before or after the one in a pane. */
export function step(place: 0 | 1, by: number): void {
  const all = toSee.value;
  const at = all.findIndex((v) => v.id === beside.value[place]);
  const next = all[at + by];
  if (next) show(next.id, place);
}

/** Do something that changes what is known, then show how it now is; true where it was done. */
export async function act(doing: Promise<unknown>): Promise<boolean> {
  try {
    await doing;
    await load();
    return true;
  } catch (error) {
    trouble.value = said(error);
    return false;
  }
}
