// A line of a measurement that is pointed at on a picture lights up, and its number with it.

import { distance } from "../../draw/geometry";
import { light, unlight } from "../../model/light";
import { shown } from "../../model/store";
import type { Point } from "../../model/types";

let here = false;

/** `reach` is how near the pointer must be, in the unit of the points; `at` null says that it has left. */
export function lightUnder(set: string, at: Point | null, reach: number): void {
  const lines = shown.value?.lines[set] ?? [];
  const found = at && lines.find((line) => line.segments.some(([a, b]) => near(at, a, b) <= reach));
  if (found) light(found.measurement);
  else if (here) unlight();
  here = Boolean(found);
}

function near(p: Point, a: Point, b: Point): number {
  const [x, y] = [b[0] - a[0], b[1] - a[1]];
  const t = ((p[0] - a[0]) * x + (p[1] - a[1]) * y) / Math.max(1e-9, x * x + y * y);
  const within = Math.min(1, Math.max(0, t));
  return distance(p, [a[0] + within * x, a[1] + within * y]);
}
