// An outline whose edge is taken at one place and drawn aside: the edge follows near there, and stays farther away.

import type { Point } from "../model/types";
import { thinned } from "./brush";
import { distance } from "./geometry";
import { lengthOf } from "./ring";
import { between } from "./shape";

const STEPS = 24; // to either side of the place that is held

/**
 * The outline with its edge at `along` moved by a vector. `reach` is how far along the edge to either side follows, less
 * and less (half a wave of a cosine); beyond nothing moves.
 */
export function pulled(ring: readonly Point[], along: number, by: Point, reach: number): Point[] {
  const whole = lengthOf(ring);
  const near = Math.min(reach, whole / 2);
  if (near <= 0) return [...ring];
  const fine = near / STEPS;
  const points: Point[] = [];
  let passed = 0;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as Point;
    const length = distance(a, b);
    const parts = Math.max(1, Math.ceil(length / fine));
    for (let k = 0; k < parts; k++) {
      const p = between(a, b, k / parts);
      const off = Math.abs(passed + (k / parts) * length - along) % whole;
      const far = Math.min(off, whole - off);
      const share = far < near ? (1 + Math.cos((Math.PI * far) / near)) / 2 : 0;
      points.push([p[0] + share * by[0], p[1] + share * by[1]]);
    }
    passed += length;
  });
  return thinned(points, fine / 50);
}
