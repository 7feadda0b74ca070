// An endplate taken as a line with two ends. Its middle goes along: all the way when the line is shifted, half the way of
// an end that is moved alone, and not at all then where a reader has placed it.

import type { Endplate, Point } from "../model/types";
import { distance } from "./geometry";

/** The places of its anterior end, posterior end and middle among the points of a body. */
export const ENDPLATE: Record<Endplate, readonly [number, number, number]> = {
  superior: [0, 1, 4],
  inferior: [2, 3, 5],
};

export interface Moved {
  anterior?: Point;
  posterior?: Point;
  middle?: Point;
}

const plus = (p: Point, by: Point): Point => [p[0] + by[0], p[1] + by[1]];

export function shiftedEndplate(body: readonly Point[], which: Endplate, by: Point): Moved {
  const [a, p, m] = ENDPLATE[which].map((i) => body[i]);
  if (!a || !p) return {};
  return { anterior: plus(a, by), posterior: plus(p, by), ...(m && { middle: plus(m, by) }) };
}

export function turnedEndplate(
  body: readonly Point[],
  which: Endplate,
  end: "anterior" | "posterior",
  by: Point,
  follows: boolean,
): Moved {
  const [a, p, m] = ENDPLATE[which].map((i) => body[i]);
  const from = end === "anterior" ? a : p;
  if (!from) return {};
  const half: Point = [by[0] / 2, by[1] / 2];
  return { [end]: plus(from, by), ...(m && follows && { middle: plus(m, half) }) };
}

/** A body with the points that moved. */
export function withEndplate(body: readonly Point[], which: Endplate, moved: Moved): Point[] {
  const [a, p, m] = ENDPLATE[which];
  return body.map((q, i) =>
    i === a ? (moved.anterior ?? q) : i === p ? (moved.posterior ?? q) : i === m ? (moved.middle ?? q) : q,
  );
}

/** The endplate within reach of a place on the screen, from its ends inwards; points of the body on the screen. */
export function endplateAt(at: Point, body: readonly Point[], reach: number): Endplate | null {
  let [found, best]: [Endplate | null, number] = [null, reach];
  for (const which of ["superior", "inferior"] as const) {
    const [a, p, m] = ENDPLATE[which].map((i) => body[i]);
    if (!a || !p) continue;
    const line = bent(a, m, p);
    for (let i = 1; i < line.length; i++) {
      const far = fromSegment(at, line[i - 1] as Point, line[i] as Point);
      if (far <= best) [found, best] = [which, far];
    }
  }
  return found;
}

/** Points along an endplate as it is drawn, bent through its middle. */
export function bent(a: Point, middle: Point | undefined, p: Point): Point[] {
  if (!middle) return [a, p];
  return [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1].map((t): Point => {
    const [u, v, w] = [2 * (t - 0.5) * (t - 1), 4 * t * (1 - t), 2 * t * (t - 0.5)];
    return [u * a[0] + v * middle[0] + w * p[0], u * a[1] + v * middle[1] + w * p[1]];
  });
}

function fromSegment(p: Point, a: Point, b: Point): number {
  const length = distance(a, b);
  const along = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / Math.max(1e-9, length ** 2);
  const t = Math.min(1, Math.max(0, along));
  return distance(p, [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
}
