// The tool in the reader's hand, if any. Here: what tools there are, and the placing of the six points of a body.

import { signal } from "@preact/signals";
import { AROUND } from "../draw/body";
import { centreOf, expectedCentre, ghost, inOrder, template } from "../draw/shape";
import type { AreaTool } from "../marrow/area";
import { around, lying, nameAt, setOf } from "../model/names";
import { newId } from "../model/queue";
import { edit, saved, selected, shown, signed, vertebra } from "../model/store";
import type { Drawn, LandmarkSet, Point } from "../model/types";
import { bringIntoView } from "../views/looks";

/** Six points are placed once around; `vertebra` is null while a new one is added. */
export interface Place {
  kind: "place";
  set: string;
  vertebra: string | null;
  level: string | null;
  placed: Point[];
  pointer: Point | null;
  shape: Point[];
}

/** A body is cut; `side` says whose names move. */
export interface Split {
  kind: "split";
  set: string;
  vertebra: string;
  at: number;
  side: "below" | "above";
}

export interface Merge {
  kind: "merge";
  set: string;
  vertebra: string;
  other: string | null;
}

export interface Outline {
  kind: "outline";
  set: string;
  vertebra: string;
  line: Point[];
  drawing: boolean;
  refused: string;
  region: Drawable | null; // a region of bone quality, in place of the outline of the body
}

export interface Drawable {
  region: "body" | "csf";
  series: string;
  slice: number;
}

/** An outline is corrected: painted, erased, or drawn aside at its edge (tools/correct). */
export interface Correct {
  kind: "correct";
  set: string;
  vertebra: string;
  mode: "paint" | "erase" | "edge";
  radius: number; // of the brush, in the unit of the points
  reach: number; // how far along the edge follows, to either side
  along: number | null; // where the keys hold the edge
  whole: boolean; // the keys shift the whole outline
  refused: string;
}

export type Tool = Place | Split | Merge | Outline | Correct | AreaTool | { kind: "names" };

export const tool = signal<Tool | null>(null);

/** The body whose name is being chosen, and where in its view. */
export const naming = signal<{ vertebra: string; series: string; at: Point } | null>(null);

export function put(): void {
  tool.value = null;
  naming.value = null;
}

/** Whether the tool in hand is about to rename this body: the name to be stands in place of its own. */
export function renaming(id: string): boolean {
  const t = tool.value;
  if (t?.kind === "merge") return t.other !== null && (t.vertebra === id || t.other === id);
  return (t?.kind === "split" || t?.kind === "place") && t.vertebra === id;
}

export const setById = (id: string): LandmarkSet | undefined => shown.value?.sets.find((s) => s.id === id);

export const drawn = (set: string, level: string, points: Point[], outline: Point[] = []): Drawn => ({
  vertebra: `${set}-${newId().slice(0, 12)}`,
  level,
  points,
  ...(outline.length > 2 && { outline }),
});

/** Begin to place the points of a vertebra that has none, or whose points are all to be placed anew. */
export function beginPlacing(id: string): void {
  const set = setOf(id);
  if (!set || signed.value) return;
  const rank = set.vertebrae.indexOf(id);
  const bodies = (ids: string[]) =>
    ids.map((v) => vertebra(v)?.points ?? []).filter((points) => points.length >= 4);
  const [above, below] = [bodies(set.vertebrae.slice(0, rank)), bodies(set.vertebrae.slice(rank + 1))];
  const own = vertebra(id)?.points ?? [];
  const near = [above.at(-1), below[0]].filter((b): b is Point[] => b !== undefined);
  const centre = own.length >= 4 ? centreOf(own) : expectedCentre(above, below);
  begin(set.id, id, near, centre ?? pictureCentre(set.id));
}

/** Begin to place a vertebra that was not seen; at a place of the image, or below the lowest one. */
export function beginAdding(set: LandmarkSet, at: Point | null): void {
  if (signed.value) return;
  const bodies = lying(set).map((one) => one.v.points);
  const centre = at ?? expectedCentre(bodies, []) ?? pictureCentre(set.id);
  const { above, below } = around(set, centre);
  const near = [above.at(-1), below[0]].flatMap((one) => (one ? [one.v.points] : []));
  begin(set.id, null, near, centre);
}

function begin(set: string, id: string | null, near: Point[][], centre: Point): void {
  const shape = template(near).map((p): Point => [p[0] + centre[0], p[1] + centre[1]]);
  naming.value = null;
  tool.value = { kind: "place", set, vertebra: id, level: null, placed: [], pointer: null, shape };
  bringIntoView(set, shape);
}

function pictureCentre(set: string): Point {
  const picture = saved.value?.series.find((s) => s.set === set)?.pictures[0];
  if (!picture) return [0, 0];
  const [rows, columns] = picture.size;
  const [down, across] = picture.spacing;
  return [picture.origin[0] + (columns * across) / 2, picture.origin[1] + (rows * down) / 2];
}

export const ghostOf = (t: Place): Point[] => ghost(t.shape, t.placed, t.pointer);

/** The name that the vertebra bears, or is to bear: the reader's choice, or what its place proposes. */
export function levelOf(t: Place): string {
  if (t.vertebra) return vertebra(t.vertebra)?.label ?? "";
  const set = setById(t.set);
  return t.level ?? (set ? nameAt(set, centreOf(ghostOf(t))) : "");
}

export function placeNext(at: Point): void {
  const t = tool.value;
  if (t?.kind !== "place") return;
  const placed = [...t.placed, at];
  if (placed.length < AROUND.length) tool.value = { ...t, placed };
  else finish({ ...t, placed }, inOrder(placed));
}

export function placeBack(): void {
  const t = tool.value;
  if (t?.kind === "place") tool.value = { ...t, placed: t.placed.slice(0, -1) };
}

/** Take the ghost as it lies. */
export function placeRest(): void {
  const t = tool.value;
  if (t?.kind === "place") finish(t, ghostOf(t));
}

function finish(t: Place, points: Point[]): void {
  const level = levelOf(t);
  const unplaced = setById(t.set)?.vertebrae.find((id) => {
    const v = vertebra(id);
    return v?.level === level && v.points.length === 0;
  });
  const id = t.vertebra ?? unplaced;
  put();
  if (id) {
    edit({ kind: "place vertebra", vertebra: id, points });
    selected.value = { vertebra: id, point: null };
  } else {
    edit({ kind: "add vertebra", landmark_set: t.set, drawn: drawn(t.set, level, points), follow: "image" });
  }
}
