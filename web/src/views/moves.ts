// What keys do to the views: zoom, pan, grey levels, one view large, all as it was.

import { panned } from "../draw/geometry";
import { dragged } from "../draw/grey";
import type { Point, Series } from "../model/types";
import {
  active,
  cameras,
  looksNarrow,
  magnifying,
  seriesShown,
  slices,
  solo,
  windowOf,
  windows,
} from "./looks";

export const activeSeries = (): Series | undefined =>
  seriesShown.value.find((s) => s.uid === active.value) ?? seriesShown.value[0];

function look(change_: (camera: (typeof cameras.value)[string]) => (typeof cameras.value)[string]): void {
  const set = activeSeries()?.set;
  const camera = set && cameras.value[set];
  if (set && camera) cameras.value = { ...cameras.value, [set]: change_(camera) };
}

export const zoomActive = (factor: number): void =>
  look((camera) => ({ ...camera, scale: camera.scale * factor }));

const STEP = 40;

/** Moves the picture one step the other way. */
export function pan([x, y]: Point): void {
  look((camera) => panned(camera, [-STEP * x, -STEP * y]));
}

export function grey(by: Point): void {
  const series = activeSeries();
  if (series) windows.value = { ...windows.value, [series.uid]: dragged(windowOf(series.uid), by) };
}

export function turnSolo(): void {
  if (looksNarrow.value) return;
  solo.value = solo.value ? "" : (activeSeries()?.uid ?? "");
}

/** Cameras, slices, grey levels as they were at first. */
export function reset(): void {
  const alone = solo.value !== "";
  solo.value = "";
  windows.value = {};
  slices.value = {};
  magnifying.value = false;
  const fit = () => {
    cameras.value = {};
  };
  if (alone)
    requestAnimationFrame(() => requestAnimationFrame(fit)); // once the views have their size again
  else fit();
}
