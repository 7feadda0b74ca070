// The outline of a vertebra is corrected by a round brush or by drawing its edge aside, on the slice that is shown. In the
// plane of the points every slice follows; beside it the slice is corrected alone. The points stay where they are.

import { effect } from "@preact/signals";
import { type Field, fieldOf, outlineOf, stroke, thinned } from "../../draw/brush";
import { shifted } from "../../draw/geometry";
import { pulled } from "../../draw/pull";
import { lengthOf, nearestOn, placeAt } from "../../draw/ring";
import { outlineThrough } from "../../draw/shape";
import { t } from "../../language/language";
import { setOf } from "../../model/names";
import { edit, held, hold, letGo, outlineHeld, selected, shown, signed, vertebra } from "../../model/store";
import type { Edit, Point, Series } from "../../model/types";
import { active, mouse, onPlane, pictureOf, seriesInView } from "../../views/looks";
import { type Correct, naming, setById, tool } from "../tool";
import { drewOn, outlineOn } from "./slices";

/** Millimetres of a body of common size; on a film without a scale its share of the body's height. */
const COMMON_HEIGHT_MM = 26;
const FIRST = { radius: 2.5, reach: 7 };
const [LEAST, MOST] = [0.5, 12];
const BEYOND = 12; // so far beside the outline one may paint in one stroke, in mm

/** One millimetre in the unit of the points. */
export function millimetre(hand: { set: string; vertebra: string }): number {
  if (setById(hand.set)?.calibrated) return 1;
  const [sa, sp, ia, ip] = vertebra(hand.vertebra)?.points ?? [];
  if (!sa || !sp || !ia || !ip) return 1;
  return Math.abs((ia[1] + ip[1] - sa[1] - sp[1]) / 2) / COMMON_HEIGHT_MM || 1;
}

export function beginCorrecting(id: string, mode: Correct["mode"] = "paint"): void {
  const set = setOf(id);
  if (!set || signed.value || (vertebra(id)?.points.length ?? 0) < 4) return;
  naming.value = null;
  selected.value = { vertebra: id, point: null };
  const mm = millimetre({ set: set.id, vertebra: id });
  tool.value = {
    kind: "correct",
    set: set.id,
    vertebra: id,
    mode,
    radius: FIRST.radius * mm,
    reach: FIRST.reach * mm,
    along: null,
    whole: false,
    refused: "",
  };
}

export interface Here {
  series: Series;
  ring: Point[] | null; // none where the body is not on this slice
  offset: number | null; // of the slice beside the points; null in their plane
}

/** The series whose slice is corrected: the one under the pointer, else the first of its set in view. */
function seriesOf(hand: Correct): Series | undefined {
  const own = seriesInView.value.filter((s) => s.set === hand.set);
  return own.find((s) => s.uid === active.value) ?? own[0];
}

/** The outline that the tool works on; null where no marrow is read on this slice. */
export function lineHere(hand: Correct, series: Series | undefined = seriesOf(hand)): Here | null {
  const picture = series && pictureOf(series);
  if (!series || !picture) return null;
  if (onPlane(series)) {
    const v = vertebra(hand.vertebra);
    const ring =
      outlineHeld(hand.vertebra, null) ??
      shown.value?.outlines[hand.vertebra] ??
      (v ? outlineThrough(v.points) : null);
    return { series, ring: ring && ring.length > 2 ? ring : null, offset: null };
  }
  if (picture.slice === null) return null;
  const offset = picture.offset_mm;
  const ring = outlineHeld(hand.vertebra, offset) ?? outlineOn(hand.vertebra, series)?.outline ?? null;
  return { series, ring, offset };
}

const round = (p: Point): Point => [Math.round(p[0] * 100) / 100, Math.round(p[1] * 100) / 100];

function asEdit(hand: Correct, here: Here, ring: readonly Point[], by: "brush" | "edge"): Edit {
  const aside = here.offset === null ? {} : { offset_mm: here.offset };
  return { kind: "redraw outline", vertebra: hand.vertebra, outline: ring.map(round), tool: by, ...aside };
}

function show(hand: Correct, here: Here, ring: Point[], by: "brush" | "edge"): void {
  const points = vertebra(hand.vertebra)?.points ?? [];
  hold(
    { vertebra: hand.vertebra, points, moved: [], outline: ring, offset: here.offset },
    asEdit(hand, here, ring, by),
  );
}

function save(hand: Correct, here: Here, ring: readonly Point[], by: "brush" | "edge"): void {
  if (here.offset !== null) drewOn(hand.vertebra, here.series, ring.map(round));
  letGo(asEdit(hand, here, ring, by));
}

// --- the pointer: one press is one stroke, and one edit

interface Stroke {
  here: Here;
  field: Field | null; // of a brush
  along: number; // where the edge is held
  ring: Point[]; // before the stroke
  now: Point[];
  start: Point;
  last: Point;
  erase: boolean;
  begun: boolean;
}

let doing: Stroke | null = null;

/** The press begins; `other` turns painting into erasing and back, `pixel` is a pixel of the screen in the unit. */
export function pressed(at: Point, other: boolean, pixel: number): void {
  endNudge();
  const hand = tool.value;
  if (hand?.kind !== "correct" || signed.value) return;
  const here = lineHere(hand);
  const erase = (hand.mode === "erase") !== other;
  doing = null;
  if (!here || (!here.ring && (hand.mode === "edge" || erase))) {
    tool.value = {
      ...hand,
      refused: here ? t("This body has no outline on this slice.") : t("No marrow is read here."),
    };
    return;
  }
  const ring = here.ring ?? disc(at, hand.radius);
  const common = { here, ring, now: ring, start: at, last: at, erase, begun: false };
  if (hand.mode === "edge") {
    const near = nearestOn(ring, at);
    if (near.far > Math.max(14 * pixel, hand.reach / 2)) {
      tool.value = { ...hand, refused: t("Press nearer to the edge.") };
      return;
    }
    doing = { ...common, field: null, along: near.along };
  } else {
    doing = { ...common, field: fieldOf(ring, BEYOND * millimetre(hand) + hand.radius), along: 0 };
  }
  tool.value = { ...hand, refused: "", along: null };
  dragged(at);
}

export function dragged(at: Point): void {
  const [hand, now] = [tool.value, doing];
  if (hand?.kind !== "correct" || !now) return;
  if (now.begun && !held.value) {
    doing = null; // Escape was pressed
    return;
  }
  if (now.field) {
    stroke(now.field, now.last, at, hand.radius, now.erase);
    now.now = outlineOf(now.field);
  } else {
    const by: Point = [at[0] - now.start[0], at[1] - now.start[1]];
    if (!now.begun && by[0] === 0 && by[1] === 0) return;
    now.now = pulled(now.ring, now.along, by, hand.reach);
  }
  now.last = at;
  now.begun = true;
  show(hand, now.here, now.now.length > 2 ? now.now : now.ring, now.field ? "brush" : "edge");
}

export function lifted(): void {
  const [hand, now] = [tool.value, doing];
  doing = null;
  if (hand?.kind !== "correct" || !now?.begun || !held.value) return;
  const before = new Set(now.ring);
  const changed = now.now.length !== now.ring.length || now.now.some((p) => !before.has(p));
  if (now.now.length < 3) {
    tool.value = { ...hand, refused: t("That would leave nothing.") };
    letGo(null);
  } else if (changed || now.here.ring === null) {
    save(hand, now.here, thinned(now.now, 0.01 * millimetre(hand)), now.field ? "brush" : "edge");
  } else {
    if (now.field && now.erase)
      tool.value = { ...hand, refused: t("An outline has no holes: begin at its edge.") };
    letGo(null);
  }
}

/** The press became something else (two fingers): nothing is drawn. */
export function givenUp(): void {
  if (doing?.begun) letGo(null);
  doing = null;
}

function disc(at: Point, radius: number): Point[] {
  return Array.from({ length: 24 }, (_, k): Point => {
    const turn = (2 * Math.PI * k) / 24;
    return [at[0] + radius * Math.cos(turn), at[1] + radius * Math.sin(turn)];
  });
}

// --- sizes

/** Larger or smaller, by so many steps of a tenth. */
export function resize(steps: number): void {
  const hand = tool.value;
  if (hand?.kind !== "correct") return;
  const mm = millimetre(hand);
  const which = hand.mode === "edge" ? "reach" : "radius";
  const most = hand.mode === "edge" ? 2 * MOST : MOST;
  const size = Math.min(most, Math.max(LEAST, (hand[which] / mm) * 1.15 ** steps));
  tool.value = { ...hand, [which]: Math.round(10 * size) * 0.1 * mm };
}

export function setSize(mm: number): void {
  const hand = tool.value;
  if (hand?.kind === "correct")
    tool.value = { ...hand, [hand.mode === "edge" ? "reach" : "radius"]: mm * millimetre(hand) };
}

// --- keys: the edge is held at one place of the outline and pushed; pushes that follow each other quickly are one edit

const PAUSE_MS = 450;
let nudging: {
  t: Correct;
  here: Here;
  ring: Point[];
  by: Point;
  timer: ReturnType<typeof setTimeout>;
} | null = null;

/** Where the keys hold the edge: where it was held, else nearest to the pointer, else in the middle above. */
export function holdAt(hand: Correct, ring: readonly Point[]): number {
  if (hand.along !== null) return hand.along;
  const under = mouse.value?.set === hand.set ? mouse.value.at : null;
  const top = vertebra(hand.vertebra)?.points[4] ?? ring[0];
  return nearestOn(ring, under ?? (top as Point)).along;
}

/** The place that is held goes along the outline, by a share of it. */
export function goAlong(steps: number): void {
  endNudge();
  const hand = tool.value;
  const ring = hand?.kind === "correct" ? lineHere(hand)?.ring : null;
  if (hand?.kind !== "correct" || !ring) return;
  const whole = lengthOf(ring);
  tool.value = { ...hand, whole: false, along: (holdAt(hand, ring) + (steps * whole) / 48 + whole) % whole };
}

export function push(by: Point): void {
  const hand = tool.value;
  if (hand?.kind !== "correct" || signed.value) return;
  if (!nudging) {
    const here = lineHere(hand);
    if (!here?.ring) return;
    const held_ = { ...hand, along: holdAt(hand, here.ring) };
    tool.value = held_;
    nudging = { t: held_, here, ring: here.ring, by: [0, 0], timer: setTimeout(endNudge, PAUSE_MS) };
  }
  clearTimeout(nudging.timer);
  nudging.timer = setTimeout(endNudge, PAUSE_MS);
  nudging.by = [nudging.by[0] + by[0], nudging.by[1] + by[1]];
  show(nudging.t, nudging.here, pushedRing(), "edge");
}

function pushedRing(): Point[] {
  if (!nudging) return [];
  const { t: hand, ring, by } = nudging;
  return hand.whole ? shifted(ring, by) : pulled(ring, hand.along ?? 0, by, hand.reach);
}

export function endNudge(): void {
  if (!nudging) return;
  clearTimeout(nudging.timer);
  const ring = pushedRing();
  const { t: hand, here, by } = nudging;
  const place = placeAt(nudging.ring, hand.along ?? 0);
  nudging = null;
  if (!held.value) return;
  save(hand, here, ring, "edge");
  const now = tool.value;
  if (now?.kind === "correct")
    tool.value = { ...now, along: nearestOn(ring, [place[0] + by[0], place[1] + by[1]]).along };
}

effect(() => {
  if (tool.value?.kind !== "correct") endNudge();
});

/** The outline of the points in place of the one that is there. */
export function likePoints(): void {
  const hand = tool.value;
  const points = hand?.kind === "correct" ? vertebra(hand.vertebra)?.points : undefined;
  if (hand?.kind !== "correct" || !points) return;
  endNudge();
  edit({ kind: "redraw outline", vertebra: hand.vertebra, outline: outlineThrough(points) });
}
