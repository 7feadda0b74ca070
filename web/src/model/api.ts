// The few doors of the reading that is shown, relative to its page: it may lie at the root of a server or deeper.
// Every answer is a view, changes to one, or a problem with its remedy.

import { refused } from "../common/api";
import type { ConflictItem } from "../conflict/types";
import type { SignalView, ThresholdName } from "../marrow/types";
import type { Changes, Draft, Edit, SliceOutline, View } from "./types";

export { Refused } from "../common/api";

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init);
  if (answer.status >= 500) throw new TypeError(`the server answered ${answer.status}`); // as good as none: again later
  if (answer.ok) return (await answer.json()) as T;
  throw await refused(answer);
}

function post<T>(path: string, revision: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "If-Match": revision };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return ask<T>(path, { method: "POST", headers, body: body === undefined ? null : JSON.stringify(body) });
}

export const load = (): Promise<View> => ask("api/reading");

export const draft = (): Promise<Draft> => ask("api/draft");

/** What counts in a body at a threshold; at that of the reading where `sd` is null. */
export const signal = (vertebra: string, name: ThresholdName, sd: number | null): Promise<SignalView> =>
  ask(`api/signal/${encodeURIComponent(vertebra)}/${name}${sd === null ? "" : `?sd=${sd}`}`);

export const slices = (vertebra: string): Promise<SliceOutline[]> =>
  ask(`api/slices/${encodeURIComponent(vertebra)}`);

export const preview = (edit: Edit, revision: string): Promise<Changes> =>
  post("api/preview", revision, edit);

export type Change =
  | { to: "edits"; id: string; edit: Edit; back?: string } // with `back` it is taken back at once, under that id
  | { to: "undo" | "redo" | "confirm" }
  | { to: "addendum"; reason: string };

export function change(asked: Change, revision: string): Promise<View> {
  const body =
    asked.to === "edits"
      ? asked.back
        ? [
            { ...asked.edit, id: asked.id },
            { kind: "revoke", edit: asked.id, id: asked.back },
          ]
        : { ...asked.edit, id: asked.id }
      : asked.to === "addendum"
        ? { reason: asked.reason }
        : undefined;
  return post(`api/${asked.to}`, revision, body);
}

/** Edits that were made on an older state of the reading, each beside what others did to the same since. */
export const conflict = (
  edits: (Edit & { id: string })[],
  base: string,
  own: string[],
): Promise<ConflictItem[]> =>
  ask("api/conflict", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ edits, base, own }),
  });

export async function picture(address: string): Promise<ImageBitmap> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return createImageBitmap(await answer.blob());
}
