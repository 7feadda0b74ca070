// Places along a closed line.

import type { Point } from "../model/types";
import { distance } from "./geometry";
import { between } from "./shape";

/** A place on a closed line: how far along it, from its first point. */
export function nearestOn(ring: readonly Point[], p: Point): { along: number; far: number } {
  let [along, far, passed] = [0, Number.POSITIVE_INFINITY, 0];
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as Point;
    const length = distance(a, b);
    const [x, y] = [b[0] - a[0], b[1] - a[1]];
    const t =
      length > 0 ? Math.min(1, Math.max(0, ((p[0] - a[0]) * x + (p[1] - a[1]) * y) / length ** 2)) : 0;
    const d = distance(p, between(a, b, t));
    if (d < far) [along, far] = [passed + t * length, d];
    passed += length;
  });
  return { along, far };
}

export const lengthOf = (ring: readonly Point[]): number =>
  ring.reduce((sum, p, i) => sum + distance(p, ring[(i + 1) % ring.length] as Point), 0);

/** The place so far along a closed line, around and around. */
export function placeAt(ring: readonly Point[], along: number): Point {
  const whole = lengthOf(ring);
  let left = ((along % whole) + whole) % whole;
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = [ring[i] as Point, ring[(i + 1) % ring.length] as Point];
    const length = distance(a, b);
    if (left <= length) return between(a, b, length > 0 ? left / length : 0);
    left -= length;
  }
  return ring[0] as Point;
}
