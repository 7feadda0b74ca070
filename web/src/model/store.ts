// What the page knows: the reading as saved, the gesture that is under way with its preview, and what is selected.

import { batch, computed, signal } from "@preact/signals";
import * as api from "./api";
import { merge } from "./merge";
import type { Changes, Edit, Point, Problem, Vertebra, View } from "./types";

/** Points that are held or on their way to the server: drawn where the reader put them, at once. */
export interface Held {
  vertebra: string;
  points: Point[];
  moved: string[];
}

interface Waiting {
  change: api.Change;
  held: Held | null;
}

export interface Selected {
  vertebra: string;
  point: number | null;
}

export const saved = signal<View | null>(null);
export const previewed = signal<Changes | null>(null);
export const held = signal<Held | null>(null);
export const selected = signal<Selected | null>(null);
export const lit = signal<string>(""); // the measurement whose lines are shown bright
export const problem = signal<Problem | null>(null); // why the last edit or load failed
export const doubtful = signal<Problem | null>(null); // why what is held has no numbers
export const waiting = signal<Waiting[]>([]); // edits that are not saved yet, oldest first
export const offline = signal(false);

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

export async function open(): Promise<void> {
  try {
    const view = await api.load();
    batch(() => {
      saved.value = view;
      offline.value = false;
      problem.value = null;
      selected.value ??= first(view);
    });
  } catch (error) {
    problem.value = why(error);
  }
}

function first(view: View): Selected | null {
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
    if (asked) change({ to: "edits", edit: asked }, points);
    else if (waiting.value.length === 0) previewed.value = null;
  });
}

// --- edits: saved in order, one after the other; kept here while the line is down

export const edit = (asked: Edit): void => change({ to: "edits", edit: asked });

export function change(asked: api.Change, points: Held | null = null): void {
  waiting.value = [...waiting.value, { change: asked, held: points }];
  if (waiting.value.length === 1) void send();
}

async function send(): Promise<void> {
  while (waiting.value[0] && saved.value) {
    try {
      done(await api.change(waiting.value[0].change, saved.value.reading.revision), null);
    } catch (error) {
      if (error instanceof api.Refused) {
        done(await api.load().catch(() => saved.value as View), error.problem);
      } else {
        offline.value = true;
        await new Promise((again) => setTimeout(again, 1500));
      }
    }
  }
  void ask();
}

function done(view: View, refused: Problem | null): void {
  batch(() => {
    saved.value = view;
    waiting.value = waiting.value.slice(1);
    offline.value = false;
    problem.value = refused;
    previewed.value = null;
    if (selected.value && !view.vertebrae[selected.value.vertebra]) selected.value = first(view);
  });
}

function why(error: unknown): Problem {
  if (error instanceof api.Refused) return error.problem;
  return {
    where: "The server",
    problem: "does not answer",
    remedy: "See whether ovcf reading open still runs.",
  };
}
