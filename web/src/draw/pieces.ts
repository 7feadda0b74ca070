// Outlines of the bodies that one is cut into, and of the one that two become.

import type { Point } from "../model/types";
import { unionOf } from "./brush";
import { between } from "./shape";

/** The part of a closed outline at the left hand of a line from `a` to `b` (y runs down): what lies above, going back. */
function beside(outline: readonly Point[], a: Point, b: Point): Point[] {
  const side = (p: Point) => (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
  return outline.flatMap((p, i) => {
    const q = outline[(i + 1) % outline.length] as Point;
    const [s, t] = [side(p), side(q)];
    const kept: Point[] = s <= 0 ? [p] : [];
    if (s < 0 !== t < 0 && s !== t && s !== 0 && t !== 0) kept.push(between(p, q, s / (s - t)));
    return kept;
  });
}

/** What of an outline belongs to the upper and to the lower of two bodies that it is cut into. */
export function cutOutline(
  outline: readonly Point[],
  upper: readonly Point[],
  lower: readonly Point[],
): [Point[], Point[]] {
  const [, , ia, ip] = upper as [Point, Point, Point, Point];
  const [sa, sp] = lower as [Point, Point];
  return [beside(outline, ia, ip), beside(outline, sp, sa)];
}

/** One outline around two bodies that are one: both of theirs, and what lies between them. */
export function joinedOutline(
  outlines: readonly [readonly Point[], readonly Point[]],
  upper: readonly Point[],
  lower: readonly Point[],
): Point[] {
  const [, , ia, ip] = upper as [Point, Point, Point, Point];
  const [sa, sp] = lower as [Point, Point];
  // a little into both, so that no slit is left
  const into = (p: Point, q: Point): Point => between(p, q, -0.15);
  return unionOf([...outlines, [into(ia, sa), into(ip, sp), into(sp, ip), into(sa, ia)]]);
}
