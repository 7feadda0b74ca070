// An area that is left out of the marrow of a body: drawn by hand, or taken as a circle that keys move; then its reason.

import { centreOf, closedLine } from "../draw/shape";
import { setOf } from "../model/names";
import { edit, shown, signed, vertebra } from "../model/store";
import type { Picture, Point, Series } from "../model/types";
import { naming, put, tool } from "../tools/tool";
import { middleOf, movedBy, scaled } from "./regions";
import type { Area, Reason } from "./types";

export interface AreaTool {
  kind: "area";
  set: string;
  vertebra: string;
  series: string;
  slice: number;
  line: Point[];
  drawing: boolean;
  ring: Point[]; // closed, waiting for its reason
  through: boolean;
  everywhere: boolean;
  refused: string;
}

const areaTool = (): AreaTool | null => (tool.value?.kind === "area" ? tool.value : null);

const RADIUS_MM = 5;

export function beginArea(id: string, at: { series: string; slice: number }): void {
  const set = setOf(id);
  const points = vertebra(id)?.points ?? [];
  if (!set || signed.value || points.length < 4) return;
  naming.value = null;
  tool.value = {
    kind: "area",
    set: set.id,
    vertebra: id,
    ...at,
    line: [],
    drawing: false,
    ring: circle(centreOf(points), RADIUS_MM),
    through: false,
    everywhere: true,
    refused: "",
  };
}

const circle = ([x, y]: Point, radius: number): Point[] =>
  Array.from({ length: 32 }, (_, k): Point => {
    const turn = (2 * Math.PI * k) / 32;
    return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
  });

export function areaTo(at: Point): void {
  const t = areaTool();
  if (t)
    tool.value = { ...t, line: t.drawing ? [...t.line, at] : [at], drawing: true, ring: [], refused: "" };
}

/** The pen is lifted: the line closes itself; a press without a line puts the circle there. */
export function liftArea(pixel: number): void {
  const t = areaTool();
  if (!t) return;
  const ring = closedLine(t.line, 0.6 * pixel);
  const [x, y] = middleOf(t.line);
  const wide = Math.max(...t.line.map((p) => Math.hypot(p[0] - x, p[1] - y)));
  tool.value = {
    ...t,
    line: [],
    drawing: false,
    ring: ring.length < 5 || wide < 3 * pixel ? circle([x, y], RADIUS_MM) : ring,
  };
}

/** Keys of the tool: arrows move the area, + and - make it larger and smaller. */
export function areaKey(key: string, shift: boolean): boolean {
  const t = areaTool();
  if (!t) return false;
  const by = ARROWS[key];
  const step = shift ? 1 : 0.2;
  if (by) tool.value = { ...t, ring: movedBy(t.ring, [by[0] * step, by[1] * step]) };
  else if (key === "+" || key === "=") tool.value = { ...t, ring: scaled(t.ring, 1.1) };
  else if (key === "-") tool.value = { ...t, ring: scaled(t.ring, 1 / 1.1) };
  return by !== undefined || ["+", "=", "-"].includes(key);
}

const ARROWS: Record<string, Point> = {
  arrowleft: [-1, 0],
  arrowright: [1, 0],
  arrowup: [0, -1],
  arrowdown: [0, 1],
};

export function leaveOut(reason: Reason, note: string): void {
  const t = areaTool();
  if (!t || t.ring.length < 3) return;
  put();
  edit({
    kind: "leave out",
    vertebra: t.vertebra,
    series: t.series,
    slice: t.slice,
    outline: t.ring,
    reason,
    note,
    through: t.through ? "body" : "slice",
    of: t.everywhere ? "study" : "series",
  });
}

/** The areas that hold on the slice that is shown. */
export function areasOn(ids: readonly string[], series: Series, picture: Picture | undefined): Area[] {
  const view = shown.value;
  if (!view || !picture) return [];
  return ids
    .flatMap((id) => view.areas[id] ?? [])
    .filter((a) => {
      if (a.series !== series.uid && !a.everywhere) return false;
      if (a.through) return true;
      if (a.series === series.uid) return a.slice === picture.slice;
      const drawn = view.series.find((s) => s.uid === a.series)?.pictures.find((p) => p.slice === a.slice);
      const near = nearest(series, drawn?.offset_mm ?? Number.NaN);
      return near === picture;
    });
}

const nearest = (series: Series, mm: number): Picture | undefined =>
  series.pictures.reduce<Picture | undefined>(
    (best, p) => (!best || Math.abs(p.offset_mm - mm) < Math.abs(best.offset_mm - mm) ? p : best),
    undefined,
  );
