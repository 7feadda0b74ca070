// What the page knows: the reading as saved, the gesture that is under way with its preview, and what is selected.

import { batch, computed, signal } from "@preact/signals";
import { t } from "../language/language";
import * as api from "./api";
import { merge } from "./merge";
import { aside, type Held, newId, offline, onDone, queue, saved, takeUp, waiting } from "./queue";
import type { Changes, Edit, Endplate, Point, Problem, Vertebra, View } from "./types";

export { aside, type Held, offline, saved, waiting } from "./queue";

export interface Selected {
  vertebra: string;
  point: number | null;
  /** An endplate is taken as a line: all of it, or the end that `point` names. */
  line?: Endplate | undefined;
}

export const previewed = signal<Changes | null>(null);
export const held = signal<Held | null>(null);
export const selected = signal<Selected | null>(null);
export const pointed = signal<Selected | null>(null); // what the pointer would take, if it were pressed
export const lit = signal<string>(""); // the measurement whose lines are shown bright
export const problem = signal<Problem | null>(null); // why the reading could not be opened
export const doubtful = signal<Problem | null>(null); // why what is held has no numbers

export const shown = computed<View | null>(() => (saved.value ? merge(saved.value, previewed.value) : null));

export const signed = computed(() => saved.value !== null && saved.value.reading.status !== "draft");

/** A vertebra with the points that are held, or on their way, laid over it. */
export function vertebra(id: string): Vertebra | undefined {
  let v = shown.value?.vertebrae[id];
  for (const h of [...waiting.value.map((w) => w.held), held.value]) {
    if (v && h?.vertebra === id)
      v = { ...v, points: h.points, moved: [...new Set([...v.moved, ...h.moved])] };
  }
  return v;
}

/** The outline that is being drawn, or is on its way, on the slice that lies `offset` beside the points (null: on none). */
export function outlineHeld(id: string, offset: number | null): Point[] | undefined {
  const all = [...waiting.value.map((w) => w.held), held.value];
  return all.findLast((h) => h?.vertebra === id && h.outline && (h.offset ?? null) === offset)?.outline;
}

/** The vertebra of the same name on another image. */
export function counterpartOn(set: string, id: string): string | undefined {
  const view = shown.value;
  const level = view?.vertebrae[id]?.level;
  return view?.sets.find((s) => s.id === set)?.vertebrae.find((v) => view.vertebrae[v]?.level === level);
}

export async function open(): Promise<void> {
  try {
    const view = await api.load();
    batch(() => {
      saved.value = view;
      offline.value = false;
      problem.value = null;
      selected.value ??= first(view);
    });
    takeUp();
  } catch (error) {
    problem.value = why(error);
  }
}

function first(view: View): Selected | null {
  const [asked] = view.reading.before_signing?.assess ?? [];
  if (asked && "vertebra" in asked.edit) return { vertebra: asked.edit.vertebra, point: null };
  const chosen = view.sets.find((s) => s.chosen) ?? view.sets[0];
  const id = chosen?.vertebrae.find((v) => view.vertebrae[v]?.level === view.index) ?? chosen?.vertebrae[0];
  return id ? { vertebra: id, point: null } : null;
}

// --- a gesture: never more than one preview under way, and only the newest that was asked for counts

let wanted: Edit | null = null;
let asking = false;

/** The reader holds these points: draw them there, and ask what would follow. */
export function hold(points: Held, asked: Edit): void {
  held.value = points;
  wanted = asked;
  void ask();
}

/** The reader has taken a point and not moved it yet: let the server get ready for what will be asked. */
export function warm(asked: Edit): void {
  if (asking || waiting.value.length > 0 || !saved.value) return;
  wanted = asked;
  void ask();
}

async function ask(): Promise<void> {
  if (asking) return;
  asking = true;
  while (wanted && saved.value && waiting.value.length === 0) {
    const now: Edit = wanted;
    const { revision } = saved.value.reading;
    wanted = null;
    const still = () => held.value !== null && saved.value?.reading.revision === revision;
    try {
      const changes = await api.preview(now, revision);
      if (still()) {
        batch(() => {
          previewed.value = changes;
          doubtful.value = null;
        });
      }
    } catch (error) {
      const overtaken = error instanceof api.Refused && error.status === 409;
      if (still() && !overtaken) doubtful.value = why(error);
    }
  }
  asking = false;
}

/** The gesture ends: with an edit, which is saved, or without one, and everything is as it was. */
export function letGo(asked: Edit | null): void {
  wanted = null;
  const points = held.value;
  batch(() => {
    held.value = null;
    doubtful.value = null;
    if (asked) change({ to: "edits", id: newId(), edit: asked }, points);
    else if (waiting.value.length === 0) previewed.value = null;
  });
}

export const edit = (asked: Edit): void => change({ to: "edits", id: newId(), edit: asked });

export function change(asked: api.Change, points: Held | null = null): void {
  queue(asked, points);
}

onDone((view) => {
  previewed.value = null;
  const now = selected.value;
  if (now && !view.vertebrae[now.vertebra]) selected.value = heir(view) ?? first(view);
  void ask();
});

/** Who is selected once the selected vertebra is gone: the one that the newest edit put in its place. */
function heir(view: View): Selected | null {
  const newest = view.history.find((entry) => entry.in_force)?.vertebra;
  return newest ? { vertebra: newest, point: null } : null;
}

/** The newest edit that was refused for this vertebra, to be shown where it was made. */
export function refusedAt(id: string): Held | null {
  return aside.value.findLast((a) => a.held?.vertebra === id)?.held ?? null;
}

function why(error: unknown): Problem {
  if (error instanceof api.Refused) return error.problem;
  return {
    where: t("The server"),
    problem: t("does not answer"),
    remedy: t("See whether ovcf reading open still runs."),
  };
}
