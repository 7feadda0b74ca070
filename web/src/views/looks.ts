// How each series is looked at: camera, slice and window. Series of one landmark set share their camera and slice,
// so that a place in one is the same place in the others.

import { computed, signal } from "@preact/signals";
import { type Box, bounds, type Camera, edges, fitted, panned, type Size, toScreen } from "../draw/geometry";
import { FULL, fittedTo, type Window } from "../draw/grey";
import { saved, selected } from "../model/store";
import type { Picture, Point, Series, View } from "../model/types";

export const cameras = signal<Record<string, Camera>>({}); // by landmark set
export const slices = signal<Record<string, number>>({}); // by landmark set: mm beside the plane of the points
export const windows = signal<Record<string, Window>>({}); // by series
export const hidden = signal(false); // overlays, while Space is held
export const magnifying = signal(false); // the magnifier is on by choice, not only while a point is held
export const solo = signal(""); // the one series that is shown alone
export const looksNarrow = signal(false); // room for one view only
/** Where the pointer is, so that the same place is shown in the other series of its set. */
export const mouse = signal<{ series: string; set: string; at: Point } | null>(null);
/** The menu that is open in a view: on a body, or on the ground. */
export const menu = signal<{
  series: string;
  set: string;
  vertebra: string | null;
  at: Point;
  frame: Point;
} | null>(null);
export const active = signal(""); // the series under the pointer or focus

export const windowOf = (series: string): Window => windows.value[series] ?? FULL;

/** The picture of a series nearest to the slice that is shown. */
export function pictureOf(series: Series): Picture | undefined {
  const at = slices.value[series.set] ?? 0;
  return series.pictures.reduce<Picture | undefined>(
    (best, p) => (!best || Math.abs(p.offset_mm - at) < Math.abs(best.offset_mm - at) ? p : best),
    undefined,
  );
}

export function scroll(series: Series, by: number): void {
  const now = pictureOf(series);
  const place = now ? series.pictures.indexOf(now) : 0;
  const next = series.pictures[Math.min(series.pictures.length - 1, Math.max(0, place + by))];
  if (next) slices.value = { ...slices.value, [series.set]: next.offset_mm };
}

/** Whether the slice shown is the one that the points lie in. */
export const onPlane = (series: Series): boolean => Math.abs(pictureOf(series)?.offset_mm ?? 0) < 1e-6;

/**
 * What a view shows at first: the marked vertebrae, or the whole picture where there are none, or where it is asked
 * which is which: sacrum and ribs, which tell it, lie outside of those that were marked.
 */
export function firstCamera(view: View, series: Series, size: Size): Camera {
  const set = view.sets.find((s) => s.id === series.set && !view.questions.some((q) => q.set === s.id));
  const points = set?.vertebrae.flatMap((id) => view.vertebrae[id]?.points ?? []) ?? [];
  const picture = series.pictures[0];
  const box: Box | null = points.length ? bounds(points) : picture ? edges(picture) : null;
  return box ? fitted(box, size, MARGIN) : { centre: [0, 0], scale: 1 };
}

/** Turn every view to the selected vertebra: the one of the same name on the other images. */
export function centreOnSelected(): void {
  const view = saved.value;
  const level = selected.value && view?.vertebrae[selected.value.vertebra]?.level;
  if (!view || !level) return;
  const next = { ...cameras.value };
  for (const set of view.sets) {
    const points = set.vertebrae.map((id) => view.vertebrae[id]).find((v) => v?.level === level)?.points;
    const camera = next[set.id];
    if (!points?.length || !camera) continue;
    const box = bounds(points);
    next[set.id] = { ...camera, centre: [(box.left + box.right) / 2, (box.top + box.bottom) / 2] };
  }
  cameras.value = next;
}

/** Select the vertebra of a name on an image, and turn every view to it. */
export function selectLevel(level: string, set: string): void {
  const view = saved.value;
  const id = view?.sets.find((s) => s.id === set)?.vertebrae.find((v) => view.vertebrae[v]?.level === level);
  if (!id) return;
  selected.value = { vertebra: id, point: null };
  centreOnSelected();
}

/** How large the view of each series is; told by the views. */
export const sizes = new Map<string, Size>();

/** Move the views of a set just so that some points can be seen whole, the names beside them too. */
export function bringIntoView(set: string, points: readonly Point[]): void {
  const camera = cameras.value[set];
  const series = seriesInView.value.find((s) => s.set === set);
  const size = series && sizes.get(series.uid);
  if (!camera || !size || points.length === 0) return;
  const box = bounds(points.map((p) => toScreen(p, camera, size)));
  const by = (low: number, high: number, room: number): number =>
    low < MARGIN ? MARGIN - low : high > room - MARGIN ? room - MARGIN - high : 0;
  const move: Point = [by(box.left, box.right, size.width), by(box.top, box.bottom, size.height)];
  if (move[0] || move[1]) cameras.value = { ...cameras.value, [set]: panned(camera, move) };
}

/** The vertebra of the same name on the images of other sets, brought into view where it is out of it. */
export function followLevel(set: string, id: string): void {
  const view = saved.value;
  const level = view?.vertebrae[id]?.level;
  if (!view || !level || view.questions.length > 0) return; // while names are asked for, they lead nowhere
  for (const other of view.sets) {
    const there = other.vertebrae.map((v) => view.vertebrae[v]).find((v) => v?.level === level);
    if (other.id !== set && there) bringIntoView(other.id, there.points);
  }
}

const MARGIN = 34;

/** The views on the page: the radiograph and the sharpest MR large, the others small beside them. */
const ORDER = [
  "lateral radiograph",
  "sagittal T2",
  "CT",
  "sagittal T1",
  "sagittal STIR",
  "sagittal fat-suppressed T2",
];
const rank = (s: Series) => ORDER.indexOf(s.role) + 1 || ORDER.length + 1;
export const inOrderOfRole = (series: readonly Series[]): Series[] =>
  [...series].sort((a, b) => rank(a) - rank(b));
export const seriesShown = computed<Series[]>(() => inOrderOfRole(saved.value?.series ?? []).slice(0, 4));

/** Those that are on the page now: all of them, or one alone. */
export const seriesInView = computed<Series[]>(() => {
  const all = seriesShown.value;
  const alone = all.find((s) => s.uid === solo.value) ?? (looksNarrow.value ? all[0] : undefined);
  return alone ? [alone] : all;
});

/** The window a series is shown with until the reader changes it: that of the marked bodies in the plane. */
export function firstWindow(view: View, series: Series, picture: Picture, pixels: ImageData): Window {
  const set = view.sets.find((s) => s.id === series.set);
  const bodies =
    set?.vertebrae.map((id) => view.vertebrae[id]?.points ?? []).filter((p) => p.length > 0) ?? [];
  const [down, across] = picture.spacing;
  return fittedTo(
    pixels,
    bodies.map(bounds).map((box) => ({
      left: (box.left - picture.origin[0]) / across,
      right: (box.right - picture.origin[0]) / across,
      top: (box.top - picture.origin[1]) / down,
      bottom: (box.bottom - picture.origin[1]) / down,
    })),
  );
}

const NARROW = "(width <= 700px)";

/** On a small screen one view is shown at a time. */
export function watchWidth(): void {
  const asked = matchMedia(NARROW);
  const tell = () => {
    looksNarrow.value = asked.matches;
  };
  asked.addEventListener("change", tell);
  tell();
}
