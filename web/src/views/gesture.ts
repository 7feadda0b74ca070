// Moving points: by pointer or by key, drawn at once, previewed while it lasts, saved as one edit when it ends.

import { shifted } from "../draw/geometry";
import { held, hold, letGo, saved, selected, signed, vertebra, warm } from "../model/store";
import type { Edit, Point } from "../model/types";

/** One point of a vertebra, or all of them where `point` is null. */
export interface Grip {
  vertebra: string;
  point: number | null;
  from: Point[];
}

export function grip(id: string, point: number | null): Grip | null {
  const v = vertebra(id);
  if (!v || v.points.length === 0 || signed.value) return null;
  const taken = { vertebra: id, point, from: v.points };
  warm(asEdit(taken, v.points));
  return taken;
}

/** The points of a grip moved by a vector in the frame. */
export function moveBy(g: Grip, by: Point): void {
  const points =
    g.point === null ? shifted(g.from, by) : g.from.map((p, i) => (i === g.point ? plus(p, by) : p));
  hold({ vertebra: g.vertebra, points, moved: movedNames(g) }, asEdit(g, points));
}

export function release(g: Grip): void {
  const points = held.value?.points;
  letGo(points && held.value?.vertebra === g.vertebra ? asEdit(g, points) : null);
}

function asEdit(g: Grip, points: Point[]): Edit {
  if (g.point === null) return { kind: "place vertebra", vertebra: g.vertebra, points };
  const name = saved.value?.point_names[g.point] ?? "";
  return { kind: "move point", vertebra: g.vertebra, point: name, to: points[g.point] as Point };
}

function movedNames(g: Grip): string[] {
  const names = saved.value?.point_names.slice(0, g.from.length) ?? [];
  return g.point === null ? names : names.slice(g.point, g.point + 1);
}

const plus = (p: Point, by: Point): Point => [p[0] + by[0], p[1] + by[1]];

// --- arrow keys: presses that follow each other quickly are one edit

const PAUSE_MS = 450;
let nudging: { grip: Grip; by: Point; timer: ReturnType<typeof setTimeout> } | null = null;

export function nudge(by: Point): void {
  const now = selected.value;
  if (!now) return;
  if (nudging && (nudging.grip.vertebra !== now.vertebra || nudging.grip.point !== now.point)) endNudge();
  const g = nudging?.grip ?? grip(now.vertebra, now.point);
  if (!g) return;
  if (nudging) clearTimeout(nudging.timer);
  const total = nudging ? plus(nudging.by, by) : by;
  nudging = { grip: g, by: total, timer: setTimeout(endNudge, PAUSE_MS) };
  moveBy(g, total);
}

export function endNudge(): void {
  if (!nudging) return;
  clearTimeout(nudging.timer);
  const { grip: g } = nudging;
  nudging = null;
  release(g);
}
