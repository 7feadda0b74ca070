// Views of one vertebra at several visits: the same level in the middle, the same millimetres on the screen.
// Only drawing: every number that is shown is the server's.

import { bounds, type Camera, fitted, type Size } from "../draw/geometry";
import { centreOf, similarity } from "../draw/shape";
import type { LandmarkSet, Picture, Point, Series, Vertebra, View } from "../model/types";

/** How all linked views are looked at. */
export interface Look {
  /** The level in the middle. */
  level: string;
  /** 1 shows all marked vertebrae. */
  zoom: number;
  /** How far the middle is moved from the level, in screen pixels at zoom 1; null until the reader moves: all is seen. */
  by: Point | null;
  /** How far beside the plane of the points the slice lies, in mm. */
  slice: number;
}

/** One visit as a pane shows it. */
export interface Seen {
  view: View;
  /** Where its pictures lie. */
  from: string;
}

/** Room for the names before the spine. */
const MARGIN = 62;

export const setOf = (view: View, series: Series): LandmarkSet | undefined =>
  view.sets.find((s) => s.id === series.set);

export function bodiesOf(view: View, set: LandmarkSet): (Vertebra & { id: string })[] {
  return set.vertebrae.flatMap((id) => {
    const v = view.vertebrae[id];
    return v && v.points.length > 0 ? [{ ...v, id }] : [];
  });
}

export const bodyOf = (view: View, set: LandmarkSet, level: string): Vertebra | undefined =>
  bodiesOf(view, set).find((v) => v.level === level);

/** The scale at which all marked vertebrae of a set are seen: screen pixels to one unit. */
export function scaleToFit(view: View, set: LandmarkSet, size: Size): number | null {
  const points = bodiesOf(view, set).flatMap((v) => v.points);
  return points.length ? fitted(bounds(points), size, MARGIN).scale : null;
}

/**
 * The scales of the panes at zoom 1, in screen pixels to one unit of their sets: one and the same for all that have
 * millimetres, its own for one without.
 */
export function scales(
  panes: readonly { view: View; set: LandmarkSet | undefined; size: Size }[],
): (number | null)[] {
  const own = panes.map(({ view, set, size }) => (set ? scaleToFit(view, set, size) : null));
  const common = Math.min(
    ...own.filter((s, i): s is number => s !== null && Boolean(panes[i]?.set?.calibrated)),
  );
  return own.map((s, i) => (s !== null && panes[i]?.set?.calibrated ? common : s));
}

/** How far the middle of all marked vertebrae lies from a level, in screen pixels at zoom 1; the mean of the panes. */
export function middleFrom(
  level: string,
  panes: readonly { view: View; set: LandmarkSet | undefined }[],
  scale: readonly (number | null)[],
): Point {
  const found = panes.flatMap(({ view, set }, i): Point[] => {
    const body = set && bodyOf(view, set, level);
    const own = scale[i];
    if (!body || !own) return [];
    const box = bounds(bodiesOf(view, set).flatMap((v) => v.points));
    const [x, y] = centreOf(body.points);
    return [[((box.left + box.right) / 2 - x) * own, ((box.top + box.bottom) / 2 - y) * own]];
  });
  const mean = (i: 0 | 1) => found.reduce((sum, p) => sum + p[i], 0) / Math.max(1, found.length);
  return [mean(0), mean(1)];
}

/**
 * The camera of a pane: the level of the look moved `by` screen pixels from its middle; null where the visit does not
 * show that level.
 */
export function cameraOf(
  view: View,
  set: LandmarkSet,
  look: { level: string; zoom: number; by: Point },
  scale: number,
): Camera | null {
  const body = bodyOf(view, set, look.level);
  if (!body) return null;
  const [x, y] = centreOf(body.points);
  return { centre: [x + look.by[0] / scale, y + look.by[1] / scale], scale: scale * look.zoom };
}

/** The picture of a series nearest to a slice. */
export function pictureAt(series: Series, slice: number): Picture | undefined {
  return series.pictures.reduce<Picture | undefined>(
    (best, p) => (!best || Math.abs(p.offset_mm - slice) < Math.abs(best.offset_mm - slice) ? p : best),
    undefined,
  );
}

/** The levels that every visit shows in the series chosen, cranial to caudal. */
export function levelsInAll(panes: readonly { view: View; set: LandmarkSet | undefined }[]): string[] {
  const named = panes.map(({ view, set }) => (set ? bodiesOf(view, set).map((v) => v.level) : []));
  const [first = [], ...others] = named;
  return first.filter((level) => others.every((other) => other.includes(level)));
}

/** The level itself where both visits show it, else the nearest one on the first that both do. */
export function levelNear(
  level: string,
  first: { view: View; set: LandmarkSet },
  other: { view: View; set: LandmarkSet },
): string | null {
  const names = bodiesOf(first.view, first.set).map((v) => v.level);
  const at = Math.max(0, names.indexOf(level));
  const far = (name: string) => Math.abs(names.indexOf(name) - at);
  return levelsInAll([first, other]).reduce<string | null>(
    (best, name) => (best === null || far(name) < far(best) ? name : best),
    null,
  );
}

/** Where the bodies of one visit lie on another, the two laid on each other at the vertebra below the level. */
export interface Laid {
  /** The vertebra that the two visits are laid on. */
  on: string;
  bodies: { level: string; points: Point[] }[];
}

export function laidOver(
  earlier: { view: View; set: LandmarkSet },
  later: { view: View; set: LandmarkSet },
  level: string,
): Laid | null {
  const common = levelsInAll([later, earlier]);
  const place = common.indexOf(level);
  const on = place < 0 ? undefined : common[place + 1];
  const [from, to] = on
    ? [bodyOf(earlier.view, earlier.set, on), bodyOf(later.view, later.set, on)]
    : [undefined, undefined];
  if (!on || !from || !to) return null;
  const corners = (v: Vertebra): Point[] => v.points.slice(0, 4) as Point[];
  const move = similarity(corners(from), corners(to), earlier.set.calibrated && later.set.calibrated);
  const shown = common.slice(Math.max(0, place - 1), place + 2);
  return {
    on,
    bodies: shown.map((name) => ({
      level: name,
      points: (bodyOf(earlier.view, earlier.set, name)?.points ?? []).map(move),
    })),
  };
}

/** The series of a visit that shows what another one shows: of the same role, else the first. */
export function seriesLike(view: View, role: string): Series | undefined {
  return view.series.find((s) => s.role === role) ?? view.series[0];
}

/**
 * The camera that shows a level of another visit as the current one shows it: at the same place of the screen, at the
 * same millimetres; where one of the two has no scale, as large against all its vertebrae.
 */
export function linkedCamera(
  now: { view: View; set: LandmarkSet; camera: Camera; size: Size },
  other: { view: View; set: LandmarkSet; size: Size },
  level: string,
): Camera | null {
  const [here, there] = [bodyOf(now.view, now.set, level), bodyOf(other.view, other.set, level)];
  if (!here || !there) return null;
  const same = now.set.calibrated && other.set.calibrated;
  const [own, fits] = [scaleToFit(now.view, now.set, now.size), scaleToFit(other.view, other.set, now.size)];
  const factor = same || !own || !fits ? 1 : fits / own;
  const [a, b] = [centreOf(here.points), centreOf(there.points)];
  return {
    scale: now.camera.scale * factor,
    centre: [b[0] + (now.camera.centre[0] - a[0]) / factor, b[1] + (now.camera.centre[1] - a[1]) / factor],
  };
}
