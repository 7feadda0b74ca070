// Moving points: by pointer or by key, drawn at once, previewed while it lasts, saved as one edit when it ends.

import { ENDPLATE, type Moved, shiftedEndplate, turnedEndplate, withEndplate } from "../../draw/endplate";
import { shifted } from "../../draw/geometry";
import { held, hold, letGo, type Selected, saved, selected, signed, vertebra, warm } from "../../model/store";
import type { Edit, Endplate, Point } from "../../model/types";

/** One point of a vertebra, or all of them where `point` is null; with `line` one end of an endplate, or all of it. */
export interface Grip extends Selected {
  from: Point[];
  follows: boolean; // the middle of the endplate goes along with an end: nobody has placed it by hand
}

export function grip({ vertebra: id, point, line }: Selected): Grip | null {
  const v = vertebra(id);
  if (!v || v.points.length === 0 || signed.value) return null;
  const middle = line && saved.value?.point_names[ENDPLATE[line][2]];
  const taken = { vertebra: id, point, line, from: v.points, follows: !middle || !v.moved.includes(middle) };
  warm(asEdit(taken, v.points));
  return taken;
}

/** The points of a grip moved by a vector in the frame. */
export function moveBy(g: Grip, by: Point): void {
  if (g.line) {
    const points = withEndplate(g.from, g.line, movedLine(g, g.line, by));
    hold({ vertebra: g.vertebra, points, moved: movedNames(g) }, asEdit(g, points));
    return;
  }
  const points =
    g.point === null ? shifted(g.from, by) : g.from.map((p, i) => (i === g.point ? plus(p, by) : p));
  hold({ vertebra: g.vertebra, points, moved: movedNames(g) }, asEdit(g, points));
}

export function release(g: Grip): void {
  const points = held.value?.points;
  letGo(points && held.value?.vertebra === g.vertebra ? asEdit(g, points) : null);
}

function movedLine(g: Grip, line: Endplate, by: Point): Moved {
  if (g.point === null) return shiftedEndplate(g.from, line, by);
  return turnedEndplate(
    g.from,
    line,
    g.point === ENDPLATE[line][0] ? "anterior" : "posterior",
    by,
    g.follows,
  );
}

/** The places of the points that a grip moves. */
function places(g: Grip): number[] {
  if (!g.line) return g.point === null ? g.from.map((_, i) => i) : [g.point];
  const [a, p, m] = ENDPLATE[g.line];
  const all = g.point === null ? [a, p, m] : g.follows ? [g.point, m] : [g.point];
  return all.filter((i) => i < g.from.length);
}

function asEdit(g: Grip, points: Point[]): Edit {
  if (g.line) {
    const moving = places(g);
    const ends = (["anterior", "posterior", "middle"] as const).flatMap((end, k) => {
      const at = points[ENDPLATE[g.line as Endplate][k] as number];
      return at && moving.includes(ENDPLATE[g.line as Endplate][k] as number) ? [[end, at] as const] : [];
    });
    return { kind: "move endplate", vertebra: g.vertebra, endplate: g.line, ...Object.fromEntries(ends) };
  }
  if (g.point === null) return { kind: "place vertebra", vertebra: g.vertebra, points };
  const name = saved.value?.point_names[g.point] ?? "";
  return { kind: "move point", vertebra: g.vertebra, point: name, to: points[g.point] as Point };
}

function movedNames(g: Grip): string[] {
  const names = saved.value?.point_names ?? [];
  return places(g).map((i) => names[i] ?? "");
}

const plus = (p: Point, by: Point): Point => [p[0] + by[0], p[1] + by[1]];

// --- arrow keys: presses that follow each other quickly are one edit

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * What is selected goes where an arrow points: 0.2 mm, with Shift 1 mm; pixels of the screen where nobody knows the
 * millimetre. False where the key is no arrow.
 */
export function arrow(event: KeyboardEvent, calibrated: boolean, scale: number): boolean {
  const to = ARROWS[event.key];
  if (!to) return false;
  const step = calibrated ? (event.shiftKey ? 1 : 0.2) : (event.shiftKey ? 5 : 1) / scale;
  event.preventDefault();
  event.stopPropagation();
  nudge([to[0] * step, to[1] * step]);
  return true;
}

const PAUSE_MS = 450;
let nudging: { grip: Grip; by: Point; timer: ReturnType<typeof setTimeout> } | null = null;

export function nudge(by: Point): void {
  const now = selected.value;
  if (!now) return;
  const same = (g: Grip) => g.vertebra === now.vertebra && g.point === now.point && g.line === now.line;
  if (nudging && !same(nudging.grip)) endNudge();
  const g = nudging?.grip ?? grip(now);
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
