// The shape of a vertebral body from its points, where its name stands, and what lies under the pointer.

import type { Point } from "../model/types";
import { type Camera, distance, type Size, toScreen } from "./geometry";

// Points come in this order: superior anterior, superior posterior, inferior anterior, inferior posterior,
// superior middle, inferior middle.
const [SA, SP, IA, IP, SM, IM] = [0, 1, 2, 3, 4, 5] as const;

/** Keys 1 to 6 and Tab go once around the body. */
export const AROUND = [SA, SM, SP, IP, IM, IA] as const;

/** The outline through the points, each endplate bent through its middle. Screen points in, an SVG path out. */
export function bodyPath(p: readonly Point[]): string {
  const [sa, sp, ia, ip] = [p[SA], p[SP], p[IA], p[IP]];
  if (!sa || !sp || !ia || !ip) return "";
  return `M${at(sa)}${to(sa, p[SM], sp)}L${at(ip)}${to(ip, p[IM], ia)}Z`;
}

function to(from: Point, middle: Point | undefined, end: Point): string {
  if (!middle) return `L${at(end)}`;
  // A quadratic curve passes at its half through the mean of its control point and the middle of its ends.
  const control: Point = [2 * middle[0] - (from[0] + end[0]) / 2, 2 * middle[1] - (from[1] + end[1]) / 2];
  return `Q${at(control)} ${at(end)}`;
}

export function polygon(p: readonly Point[]): string {
  return p.length ? `M${p.map(at).join("L")}Z` : "";
}

const at = (p: Point): string => `${p[0].toFixed(1)},${p[1].toFixed(1)}`;

/** Where the name of a body stands: before the spine (anterior is at the smaller x), never on the bone. */
export function namePlace(screen: readonly Point[]): Point {
  const left = Math.min(...screen.map((p) => p[0]));
  const y = [SA, IA].map((i) => screen[i]?.[1] ?? 0);
  return [left - 26, ((y[0] ?? 0) + (y[1] ?? 0)) / 2];
}

export function inside(p: Point, shape: readonly Point[]): boolean {
  let within = false;
  for (let i = 0, j = shape.length - 1; i < shape.length; j = i++) {
    const [a, b] = [shape[i] as Point, shape[j] as Point];
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0])
      within = !within;
  }
  return within;
}

export const ring = (p: readonly Point[]): Point[] =>
  [SA, SP, IP, IA].map((i) => p[i]).filter((q): q is Point => q !== undefined);

/** The point under the pointer within half of the hit target, the nearest one where several are. */
export function pointAt(
  at: Point,
  points: readonly Point[],
  camera: Camera,
  size: Size,
  target: number,
): number | null {
  let found: number | null = null;
  let best = target / 2;
  points.forEach((p, i) => {
    const far = distance(at, toScreen(p, camera, size));
    if (far <= best) [found, best] = [i, far];
  });
  return found;
}
