// Bodies that a reader makes: the ghost of one whose points are being placed, the halves of one that is split, the
// whole of two that are merged, a line drawn by hand. Points in the order of the server (see body.ts).

import type { Point } from "../model/types";
import { AROUND } from "./body";
import { distance } from "./geometry";

const mean = (points: readonly Point[]): Point => [
  points.reduce((sum, p) => sum + p[0], 0) / points.length,
  points.reduce((sum, p) => sum + p[1], 0) / points.length,
];

export const between = (a: Point, b: Point, t: number): Point => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
];

export const centreOf = (body: readonly Point[]): Point => mean(body.slice(0, 4));

/** Six points of a common body about its own centre, for an image on which there is none to learn from. */
export const COMMON: readonly Point[] = [
  [-17, -12],
  [17, -13],
  [-17, 12],
  [17, 13],
  [0, -11],
  [0, 11],
];

/** All six points of a body; the middles of one that has corners alone lie halfway. */
export function six(body: readonly Point[]): Point[] {
  const [sa, sp, ia, ip] = body as [Point, Point, Point, Point];
  return [sa, sp, ia, ip, body[4] ?? between(sa, sp, 0.5), body[5] ?? between(ia, ip, 0.5)];
}

/** The mean shape of some bodies about its centre. */
export function template(bodies: readonly (readonly Point[])[]): Point[] {
  if (bodies.length === 0) return [...COMMON];
  const own = bodies.map((body) => {
    const c = centreOf(body);
    return six(body).map((p): Point => [p[0] - c[0], p[1] - c[1]]);
  });
  return COMMON.map((_, i) => mean(own.map((body) => body[i] as Point)));
}

/** Where the centre of a body is to be expected that lies between, above or below others; cranial to caudal. */
export function expectedCentre(above: readonly Point[][], below: readonly Point[][]): Point | null {
  const up = above.slice(-2).map(centreOf);
  const down = below.slice(0, 2).map(centreOf);
  const [a, b] = [up.at(-1), down[0]];
  if (a && b) return between(a, b, 0.5);
  if (a && up.length > 1) return between(up[0] as Point, a, 2);
  if (b && down.length > 1) return between(down[1] as Point, b, 2);
  return null;
}

/**
 * The whole body while its points are placed once around (AROUND): those placed stay, the others follow the shape,
 * moved, turned and scaled so that it fits the placed ones and the pointer best.
 */
export function ghost(shape: readonly Point[], placed: readonly Point[], pointer: Point | null): Point[] {
  const anchors = pointer && placed.length < AROUND.length ? [...placed, pointer] : [...placed];
  const from = anchors.map((_, k) => shape[AROUND[k] as number] as Point);
  const fit = similarity(from, anchors);
  const all = shape.map(fit);
  anchors.forEach((p, k) => {
    all[AROUND[k] as number] = p;
  });
  return all;
}

/** The move, turn and, unless `rigid`, scale that brings some points onto others best (least squares). */
export function similarity(from: readonly Point[], to: readonly Point[], rigid = false): (p: Point) => Point {
  if (from.length === 0) return (p) => p;
  const [c, d] = [mean(from), mean(to)];
  let [a, b, n] = [0, 0, 0];
  from.forEach((p, i) => {
    const q = to[i] as Point;
    const [x, y, u, v] = [p[0] - c[0], p[1] - c[1], q[0] - d[0], q[1] - d[1]];
    a += x * u + y * v;
    b += x * v - y * u;
    n += x * x + y * y;
  });
  const by = rigid ? Math.hypot(a, b) : n;
  const [cos, sin] = by > 1e-9 ? [a / by, b / by] : [1, 0];
  return (p) => {
    const [x, y] = [p[0] - c[0], p[1] - c[1]];
    return [d[0] + cos * x - sin * y, d[1] + sin * x + cos * y];
  };
}

/** Points placed once around, in the server's order. */
export function inOrder(placed: readonly Point[]): Point[] {
  const points: Point[] = [];
  placed.forEach((p, k) => {
    points[AROUND[k] as number] = p;
  });
  return points;
}

/** Half of the gap left between the halves, as a share of the height. */
const DISC = 0.06;
export const NEAREST_CUT = 0.15;

/** How far down a body a place lies: 0 on the superior endplate, 1 on the inferior one. */
export function downTo(body: readonly Point[], at: Point): number {
  const [sa, sp, ia, ip] = body as [Point, Point, Point, Point];
  const [top, bottom] = [between(sa, sp, 0.5), between(ia, ip, 0.5)];
  const [x, y] = [bottom[0] - top[0], bottom[1] - top[1]];
  const t = ((at[0] - top[0]) * x + (at[1] - top[1]) * y) / (x * x + y * y);
  return Math.min(1 - NEAREST_CUT, Math.max(NEAREST_CUT, t));
}

/** The two bodies that one is cut into, so far down, with the room of a disc between them. */
export function halves(body: readonly Point[], at: number): [Point[], Point[]] {
  const [sa, sp, ia, ip, sm, im] = six(body) as [Point, Point, Point, Point, Point, Point];
  const cut = (t: number): [Point, Point] => [between(sa, ia, t), between(sp, ip, t)];
  const [ua, up] = cut(at - DISC);
  const [la, lp] = cut(at + DISC);
  return [
    [sa, sp, ua, up, sm, between(ua, up, 0.5)],
    [la, lp, ia, ip, between(la, lp, 0.5), im],
  ];
}

/** The body that two are together: the superior endplate of the upper, the inferior one of the lower. */
export function together(upper: readonly Point[], lower: readonly Point[]): Point[] {
  const [u, l] = [six(upper), six(lower)];
  return [u[0], u[1], l[2], l[3], u[4], l[5]] as Point[];
}

/** The outline through six points, its endplates bent through their middles: a start for one drawn by hand. */
export function outlineThrough(body: readonly Point[]): Point[] {
  const [sa, sp, ia, ip, sm, im] = six(body) as [Point, Point, Point, Point, Point, Point];
  const bent = (a: Point, m: Point, b: Point): Point[] =>
    [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875].map((t) => {
      const [p, q, r] = [2 * (t - 0.5) * (t - 1), 4 * t * (1 - t), 2 * t * (t - 0.5)];
      return [p * a[0] + q * m[0] + r * b[0], p * a[1] + q * m[1] + r * b[1]];
    });
  return [
    ...bent(sa, sm, sp),
    ...bent(sp, between(sp, ip, 0.5), ip),
    ...bent(ip, im, ia),
    ...bent(ia, between(ia, sa, 0.5), sa),
  ];
}

/** A line drawn by hand with fewer points: none of those left out lies farther from it than this (Douglas-Peucker). */
export function simplified(line: readonly Point[], within: number): Point[] {
  if (line.length < 3) return [...line];
  const [a, b] = [line[0] as Point, line[line.length - 1] as Point];
  let [far, at] = [0, 0];
  line.forEach((p, i) => {
    const d = fromLine(p, a, b);
    if (d > far) [far, at] = [d, i];
  });
  if (far <= within) return [a, b];
  return [...simplified(line.slice(0, at + 1), within).slice(0, -1), ...simplified(line.slice(at), within)];
}

function fromLine(p: Point, a: Point, b: Point): number {
  const length = distance(a, b);
  if (length < 1e-9) return distance(p, a);
  return Math.abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length;
}

/** What a reader drew as a closed outline: it closes itself, and what runs on past its beginning is left out. */
export function closedLine(line: readonly Point[], within: number): Point[] {
  const start = line[0];
  if (!start) return [];
  let end = line.length;
  const half = Math.floor(line.length / 2);
  for (let i = half; i < line.length; i++) {
    if (distance(line[i] as Point, start) < distance(line[end - 1] as Point, start)) end = i + 1;
  }
  return simplified(line.slice(0, end), within);
}

export function area(ring: readonly Point[]): number {
  return Math.abs(
    ring.reduce((sum, p, i) => {
      const q = ring[(i + 1) % ring.length] as Point;
      return sum + p[0] * q[1] - q[0] * p[1];
    }, 0) / 2,
  );
}
