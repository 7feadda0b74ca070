// Edits on their way to the server: sent in order, one after the other, kept while the line is down, kept over a
// reload. One that is refused is set aside and shown with its reason: it is never dropped in silence.

import { batch, signal } from "@preact/signals";
import * as api from "./api";
import type { Point, Problem, View } from "./types";

/** Points that are held or on their way to the server: drawn where the reader put them, at once. */
export interface Held {
  vertebra: string;
  points: Point[];
  moved: string[];
  /** An outline that is being drawn; beside the plane of the points where `offset` is a distance in mm. */
  outline?: Point[];
  offset?: number | null;
}

export interface Waiting {
  change: api.Change;
  held: Held | null;
  base: string; // the revision of the reading that it was made on
  at: string; // when it was made
}

/** What was not done, why, and whether the reading had been changed by somebody else. */
export interface Aside extends Waiting {
  problem: Problem;
  stale: boolean;
}

export const saved = signal<View | null>(null);
export const waiting = signal<Waiting[]>([]); // not saved yet, oldest first
export const aside = signal<Aside[]>([]);
export const offline = signal(false);
export const nextTry = signal<(() => void) | null>(null); // ends the pause before the next attempt

export const newId = (): string => crypto.randomUUID().replaceAll("-", "");

/** The edits that this page has saved: they are nobody else's. */
export const own = new Set<string>();

let whenDone: (view: View) => void = () => {};

/** What is to happen, in the same batch, once the server has answered with the reading as it then is. */
export function onDone(act: (view: View) => void): void {
  whenDone = act;
}

export function queue(change: api.Change, held: Held | null): void {
  const base = saved.value?.reading.revision ?? "";
  waiting.value = [...waiting.value, { change, held, base, at: new Date().toISOString() }];
  keep();
  if (waiting.value.length === 1) void send();
}

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 8000;

async function send(): Promise<void> {
  let pause = FIRST_PAUSE;
  while (waiting.value[0] && saved.value) {
    const first = waiting.value[0];
    try {
      const view = await api.change(first.change, first.base);
      if (first.change.to === "edits") own.add(first.change.id);
      pause = FIRST_PAUSE;
      const { revision } = view.reading; // what waits behind it was made on it
      done(
        view,
        waiting.value.slice(1).map((w) => ({ ...w, base: revision })),
      );
    } catch (error) {
      if (error instanceof api.Refused) await setAside(error);
      else {
        offline.value = true;
        await rest(pause);
        pause = Math.min(LONGEST_PAUSE, 2 * pause);
      }
    }
  }
  keep();
}

/** A refusal concerns one edit; that the reading has changed concerns all that wait: the reader decides on each. */
async function setAside(refused: api.Refused): Promise<void> {
  const stale = refused.status === 412;
  const view = await api.load().catch(() => saved.value as View);
  const [first, ...others] = waiting.value;
  const out = stale ? waiting.value : first ? [first] : [];
  batch(() => {
    aside.value = [...aside.value, ...out.map((w) => ({ ...w, problem: refused.problem, stale }))];
    const { revision } = view.reading;
    done(view, stale ? [] : others.map((w) => ({ ...w, base: w.base === first?.base ? revision : w.base })));
  });
}

function done(view: View, left: Waiting[]): void {
  batch(() => {
    saved.value = view;
    waiting.value = left;
    offline.value = false;
    whenDone(view);
  });
  keep();
}

function rest(ms: number): Promise<void> {
  return new Promise((again) => {
    const wake = () => {
      clearTimeout(timer);
      nextTry.value = null;
      globalThis.removeEventListener?.("online", wake);
      again();
    };
    const timer = setTimeout(wake, ms);
    nextTry.value = wake;
    globalThis.addEventListener?.("online", wake);
  });
}

/** Make an edit that was set aside on the reading as it now is. */
export function again(one: Aside): void {
  leave(one);
  queue(one.change, one.held);
}

/** Leave an edit that somebody else's stands against: it goes into the history, taken back, and can be brought back. */
export function notTaken(one: Aside): void {
  leave(one);
  if (one.change.to === "edits") queue({ ...one.change, back: newId() }, null);
}

export function leave(one: Aside): void {
  aside.value = aside.value.filter((a) => a !== one);
  keep();
}

// --- over a reload: edits carry an id, so that one whose answer was lost is not made twice

const key = (): string => `ovcf-kept-${saved.value?.reading.id ?? ""}`;

function keep(): void {
  if (typeof sessionStorage === "undefined" || !saved.value) return;
  const edits = [...aside.value, ...waiting.value]
    .filter((w) => w.change.to === "edits")
    .map(({ change, held, base, at }) => ({ change, held, base, at }));
  if (edits.length) sessionStorage.setItem(key(), JSON.stringify(edits));
  else sessionStorage.removeItem(key());
}

/** Send what was kept when the page was last closed. */
export function takeUp(): void {
  if (typeof sessionStorage === "undefined" || waiting.value.length || aside.value.length) return;
  const text = sessionStorage.getItem(key());
  if (!text) return;
  const base = saved.value?.reading.revision ?? "";
  waiting.value = (JSON.parse(text) as Waiting[]).map((w) => ({
    ...w,
    base: w.base ?? base,
    at: w.at ?? "",
  }));
  void send();
}
