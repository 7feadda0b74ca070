// Tools on a body that is there: cut it in two, join it with its neighbour, draw its outline anew.

import { cutOutline, joinedOutline } from "../draw/pieces";
import { area, closedLine, downTo, halves, outlineThrough, together } from "../draw/shape";
import { t } from "../language/language";
import { lying, type Placed, setOf, step } from "../model/names";
import { edit, shown, signed, vertebra } from "../model/store";
import type { LandmarkSet, Point } from "../model/types";
import { type Drawable, drawn, type Merge, naming, put, type Split, setById, tool } from "./tool";

const hasBody = (id: string): boolean => (vertebra(id)?.points.length ?? 0) >= 4;

export function beginSplitting(id: string): void {
  const set = setOf(id);
  if (!set || !hasBody(id) || signed.value) return;
  naming.value = null;
  tool.value = { kind: "split", set: set.id, vertebra: id, at: 0.5, side: "below" };
}

export function cutAt(at: Point): void {
  const t = tool.value;
  const points = t?.kind === "split" ? vertebra(t.vertebra)?.points : undefined;
  if (t?.kind === "split" && points) tool.value = { ...t, at: downTo(points, at) };
}

/** The halves and the names they would bear. */
export function splitInto(t: Split): { points: Point[]; level: string }[] {
  const v = vertebra(t.vertebra);
  const set = setById(t.set);
  if (!v || !set) return [];
  const [upper, lower] = halves(v.points, t.at);
  const [first, second] = t.side === "below" ? [0, 1] : [-1, 0];
  return [
    { points: upper, level: step(set, v.level, first) },
    { points: lower, level: step(set, v.level, second) },
  ];
}

export function split(): void {
  const t = tool.value;
  if (t?.kind !== "split") return;
  const halves = splitInto(t);
  const whole = shown.value?.outlines[t.vertebra];
  const lines = whole && halves[0] && halves[1] && cutOutline(whole, halves[0].points, halves[1].points);
  const [upper, lower] = halves.map((half, i) => drawn(t.set, half.level, half.points, lines?.[i]));
  put();
  if (upper && lower)
    edit({ kind: "split vertebra", vertebra: t.vertebra, into: [upper, lower], follow: "image" });
}

export function beginMerging(id: string): void {
  const set = setOf(id);
  if (!set || signed.value || !hasBody(id)) return;
  const [up, down] = neighbours(set, id);
  naming.value = null;
  tool.value = { kind: "merge", set: set.id, vertebra: id, other: (down ?? up)?.id ?? null };
}

/** The bodies above and below one. */
export function neighbours(set: LandmarkSet, id: string): [Placed | undefined, Placed | undefined] {
  const all = lying(set);
  const place = all.findIndex((one) => one.id === id);
  return [all[place - 1], all[place + 1]];
}

/** Both bodies as one; it bears the upper one's name, and those below move up. */
export function merged(t: Merge): { points: Point[]; level: string; ids: [string, string] } | null {
  const set = setById(t.set);
  const [up, down] = set ? lying(set).filter((one) => one.id === t.vertebra || one.id === t.other) : [];
  if (!up || !down) return null;
  return { points: together(up.v.points, down.v.points), level: up.v.level, ids: [up.id, down.id] };
}

export function merge(): void {
  const t = tool.value;
  const both = t?.kind === "merge" ? merged(t) : null;
  if (t?.kind !== "merge" || !both) return;
  put();
  const into = drawn(t.set, both.level, both.points, outlineOfBoth(both.ids));
  edit({ kind: "merge vertebrae", vertebrae: both.ids, into, follow: "image" });
}

function outlineOfBoth([up, down]: [string, string]): Point[] {
  const [upper, lower] = [shown.value?.outlines[up], shown.value?.outlines[down]];
  const [a, b] = [vertebra(up)?.points, vertebra(down)?.points];
  return upper && lower && a && b ? joinedOutline([upper, lower], a, b) : [];
}

export function beginOutline(id: string, region: Drawable | null = null): void {
  const set = setOf(id);
  if (!set || signed.value) return;
  naming.value = null;
  tool.value = { kind: "outline", set: set.id, vertebra: id, line: [], drawing: false, refused: "", region };
}

export function drawTo(at: Point): void {
  const t = tool.value;
  if (t?.kind !== "outline") return;
  tool.value = { ...t, line: t.drawing ? [...t.line, at] : [at], drawing: true, refused: "" };
}

const LEAST_SHARE = 0.2; // of the body through its points
const LEAST_REGION = 0.01; // the CSF behind a body is narrow

/**
 * The pen is lifted: the line closes itself. What encloses next to nothing is no outline, and one may draw again.
 * `pixel` is a pixel of the screen in the unit of the points.
 */
export function lift(pixel: number): void {
  const t = tool.value;
  if (t?.kind !== "outline") return;
  const ring = closedLine(t.line, 0.6 * pixel);
  const [sa, sp, ia, ip] = vertebra(t.vertebra)?.points ?? [];
  const share = t.region ? LEAST_REGION : LEAST_SHARE;
  const least = sa && sp && ia && ip ? share * area([sa, sp, ip, ia]) : 100 * pixel * pixel;
  if (ring.length < 5 || area(ring) < least) {
    tool.value = { ...t, line: [], drawing: false, refused: t("That line encloses too little.") };
    return;
  }
  put();
  if (t.region) edit({ kind: "place region", vertebra: t.vertebra, ...t.region, outline: ring });
  else edit({ kind: "redraw outline", vertebra: t.vertebra, outline: ring });
}

/** The outline that runs through the points, for those who do not draw. */
export function throughPoints(): void {
  const t = tool.value;
  const points = t?.kind === "outline" ? vertebra(t.vertebra)?.points : undefined;
  if (t?.kind !== "outline" || t.region || !points || points.length < 4) return;
  put();
  edit({ kind: "redraw outline", vertebra: t.vertebra, outline: outlineThrough(points) });
}
