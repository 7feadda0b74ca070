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
  const own = tool.value;
  const points = own?.kind === "split" ? vertebra(own.vertebra)?.points : undefined;
  if (own?.kind === "split" && points) tool.value = { ...own, at: downTo(points, at) };
}

/** The halves and the names they would bear. */
export function splitInto(own: Split): { points: Point[]; level: string }[] {
  const v = vertebra(own.vertebra);
  const set = setById(own.set);
  if (!v || !set) return [];
  const [upper, lower] = halves(v.points, own.at);
  const [first, second] = own.side === "below" ? [0, 1] : [-1, 0];
  return [
    { points: upper, level: step(set, v.level, first) },
    { points: lower, level: step(set, v.level, second) },
  ];
}

export function split(): void {
  const own = tool.value;
  if (own?.kind !== "split") return;
  const halves = splitInto(own);
  const whole = shown.value?.outlines[own.vertebra];
  const lines = whole && halves[0] && halves[1] && cutOutline(whole, halves[0].points, halves[1].points);
  const [upper, lower] = halves.map((half, i) => drawn(own.set, half.level, half.points, lines?.[i]));
  put();
  if (upper && lower)
    edit({ kind: "split vertebra", vertebra: own.vertebra, into: [upper, lower], follow: "image" });
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
export function merged(own: Merge): { points: Point[]; level: string; ids: [string, string] } | null {
  const set = setById(own.set);
  const [up, down] = set ? lying(set).filter((one) => one.id === own.vertebra || one.id === own.other) : [];
  if (!up || !down) return null;
  return { points: together(up.v.points, down.v.points), level: up.v.level, ids: [up.id, down.id] };
}

export function merge(): void {
  const own = tool.value;
  const both = own?.kind === "merge" ? merged(own) : null;
  if (own?.kind !== "merge" || !both) return;
  put();
  const into = drawn(own.set, both.level, both.points, outlineOfBoth(both.ids));
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
  const own = tool.value;
  if (own?.kind !== "outline") return;
  tool.value = { ...own, line: own.drawing ? [...own.line, at] : [at], drawing: true, refused: "" };
}

const LEAST_SHARE = 0.2; // of the body through its points
const LEAST_REGION = 0.01; // the CSF behind a body is narrow

/**
 * The pen is lifted: the line closes itself. What encloses next to nothing is no outline, and one may draw again.
 * `pixel` is a pixel of the screen in the unit of the points.
 */
export function lift(pixel: number): void {
  const own = tool.value;
  if (own?.kind !== "outline") return;
  const ring = closedLine(own.line, 0.6 * pixel);
  const [sa, sp, ia, ip] = vertebra(own.vertebra)?.points ?? [];
  const share = own.region ? LEAST_REGION : LEAST_SHARE;
  const least = sa && sp && ia && ip ? share * area([sa, sp, ip, ia]) : 100 * pixel * pixel;
  if (ring.length < 5 || area(ring) < least) {
    tool.value = { ...own, line: [], drawing: false, refused: t("That line encloses too little.") };
    return;
  }
  put();
  if (own.region) edit({ kind: "place region", vertebra: own.vertebra, ...own.region, outline: ring });
  else edit({ kind: "redraw outline", vertebra: own.vertebra, outline: ring });
}

/** The outline that runs through the points, for those who do not draw. */
export function throughPoints(): void {
  const own = tool.value;
  const points = own?.kind === "outline" ? vertebra(own.vertebra)?.points : undefined;
  if (own?.kind !== "outline" || own.region || !points || points.length < 4) return;
  put();
  edit({ kind: "redraw outline", vertebra: own.vertebra, outline: outlineThrough(points) });
}
