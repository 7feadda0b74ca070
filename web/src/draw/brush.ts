// A round brush on an outline. The outline is kept as its signed distance on a grid, negative inside: what is painted is
// the smaller of two distances, what is erased the larger, and the new outline is where it is zero. Where the brush changed
// nothing, the outline keeps the very points it had.

import type { Point } from "../model/types";
import { bounds, distance } from "./geometry";
import { lengthOf, nearestOn } from "./ring";
import { area, simplified } from "./shape";

export interface Field {
  ring: Point[]; // what the field was made of, with its inside at the right hand
  before: Float64Array;
  left: number;
  top: number;
  cell: number;
  columns: number;
  rows: number;
  values: Float64Array;
}

const CELLS = 150; // along the longer side

/** The distance of every grid node from an outline; `beyond` is how far around it one may paint. */
export function fieldOf(ring: readonly Point[], beyond: number): Field {
  const box = bounds(ring);
  const [width, height] = [box.right - box.left + 2 * beyond, box.bottom - box.top + 2 * beyond];
  const cell = Math.max(width, height) / CELLS;
  const [columns, rows] = [Math.ceil(width / cell) + 1, Math.ceil(height / cell) + 1];
  const values = new Float64Array(columns * rows);
  const [left, top] = [box.left - beyond, box.top - beyond];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      values[r * columns + c] = signedDistance([left + c * cell, top + r * cell], ring);
  return { ring: rightHanded(ring), before: values.slice(), left, top, cell, columns, rows, values };
}

/** A closed line with its inside at the right hand; y runs down. */
function rightHanded(ring: readonly Point[]): Point[] {
  const turn = ring.reduce((sum, p, i) => {
    const q = ring[(i + 1) % ring.length] as Point;
    return sum + p[0] * q[1] - q[0] * p[1];
  }, 0);
  return turn > 0 ? [...ring] : [...ring].reverse();
}

/** The outline around several that meet: the largest part of what lies in any of them. */
export function unionOf(rings: readonly (readonly Point[])[]): Point[] {
  const field = fieldOf(around(rings.flat()), 1);
  const { left, top, cell, columns, rows, values } = field;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const p: Point = [left + c * cell, top + r * cell];
      values[r * columns + c] = Math.min(...rings.map((ring) => signedDistance(p, ring)));
    }
  return outlineOf(field);
}

function around(points: readonly Point[]): Point[] {
  const { left, top, right, bottom } = bounds(points);
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** How far a place lies from a closed line, negative inside. */
export function signedDistance(p: Point, ring: readonly Point[]): number {
  let [best, within] = [Number.POSITIVE_INFINITY, false];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[j] as Point, ring[i] as Point];
    best = Math.min(best, squared(p, a, b));
    if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0])
      within = !within;
  }
  return within ? -Math.sqrt(best) : Math.sqrt(best);
}

/** The square of how far a place lies from a line between two points. */
function squared(p: Point, a: Point, b: Point): number {
  const [x, y] = [b[0] - a[0], b[1] - a[1]];
  const length = x * x + y * y;
  const t = length > 0 ? Math.min(1, Math.max(0, ((p[0] - a[0]) * x + (p[1] - a[1]) * y) / length)) : 0;
  const [dx, dy] = [p[0] - a[0] - t * x, p[1] - a[1] - t * y];
  return dx * dx + dy * dy;
}

/** The brush goes straight from one place to another; the field is changed. */
export function stroke(field: Field, from: Point, to: Point, radius: number, erase: boolean): void {
  const { left, top, cell, columns, rows, values } = field;
  const reach = radius + 3 * cell; // farther away the distance from the brush decides nothing near the outline
  const first = (low: number, start: number) => Math.max(1, Math.floor((low - reach - start) / cell));
  const last = (high: number, start: number, most: number) =>
    Math.min(most - 2, Math.ceil((high + reach - start) / cell)); // its border stays outside
  const c1 = last(Math.max(from[0], to[0]), left, columns);
  const r1 = last(Math.max(from[1], to[1]), top, rows);
  for (let r = first(Math.min(from[1], to[1]), top); r <= r1; r++)
    for (let c = first(Math.min(from[0], to[0]), left); c <= c1; c++) {
      const at = r * columns + c;
      const own = values[at] as number;
      const far = Math.sqrt(squared([left + c * cell, top + r * cell], from, to)) - radius;
      values[at] = erase ? Math.max(own, -far) : Math.min(own, far);
    }
}

/** The largest outline of a field; empty where none is left. */
export function outlineOf(field: Field): Point[] {
  let best: Spot[] = [];
  let most = 0;
  for (const ring of contours(field)) {
    const size = area(ring.map((spot) => spot.at));
    if (size > most) [best, most] = [ring, size];
  }
  return spliced(field, best);
}

interface Spot {
  at: Point;
  touched: boolean; // the brush changed the outline here
}

/** Where the brush changed nothing the points of the outline before, elsewhere as few as keep it within a twelfth of a cell. */
function spliced(field: Field, spots: readonly Spot[]): Point[] {
  const first = spots.findIndex((spot) => spot.touched);
  if (first < 0) return spots.length > 0 ? [...field.ring] : [];
  const points: Point[] = [];
  let run: Spot[] = [];
  const flush = () => {
    points.push(...(run[0]?.touched ? simplified(places(run), field.cell / 12) : before(field, places(run))));
    run = [];
  };
  for (let k = 0; k < spots.length; k++) {
    const spot = spots[(first + k) % spots.length] as Spot;
    if (run.length > 0 && run[0]?.touched !== spot.touched) flush();
    run.push(spot);
  }
  flush();
  return points;
}

const places = (run: readonly Spot[]): Point[] => run.map((spot) => spot.at);

/** The same stretch of the outline before: its own points between both ends. */
function before(field: Field, line: readonly Point[]): Point[] {
  const whole = lengthOf(field.ring);
  const [start, end] = [line[0] as Point, line[line.length - 1] as Point];
  const from = nearestOn(field.ring, start).along;
  const length = (nearestOn(field.ring, end).along - from + whole) % whole;
  const drawn = line.reduce((sum, p, i) => sum + distance(p, line[Math.max(0, i - 1)] as Point), 0);
  if (Math.abs(length - drawn) > 0.2 * drawn + 2 * field.cell) return simplified(line, field.cell / 12);
  let passed = 0;
  const own: { along: number; p: Point }[] = [];
  field.ring.forEach((p, i) => {
    const along = (passed - from + whole) % whole;
    if (along > 0 && along < length) own.push({ along, p });
    passed += distance(p, field.ring[(i + 1) % field.ring.length] as Point);
  });
  return [start, ...own.sort((a, b) => a.along - b.along).map((one) => one.p), end];
}

/** A closed line with fewer points; none of those left out lies farther from it than `within`. */
export function thinned(ring: readonly Point[], within: number): Point[] {
  const start = ring[0];
  if (!start || ring.length < 5) return [...ring];
  let half = 0; // cut where it is far from its start, so that both parts are true lines
  ring.forEach((p, i) => {
    if (distance(p, start) > distance(ring[half] as Point, start)) half = i;
  });
  return [
    ...simplified(ring.slice(0, half + 1), within).slice(0, -1),
    ...simplified([...ring.slice(half), start], within).slice(0, -1),
  ];
}

// Marching squares. The sides of a square are numbered from above, clockwise; each case joins sides so that what is
// inside lies at the right hand. Where both diagonals differ the inside parts are kept apart.
const JOINED: readonly (readonly [number, number])[][] = [
  [],
  [[0, 3]],
  [[1, 0]],
  [[1, 3]],
  [[2, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[2, 0]],
  [[2, 3]],
  [[3, 2]],
  [[0, 2]],
  [
    [1, 0],
    [3, 2],
  ],
  [[1, 2]],
  [[3, 1]],
  [[0, 1]],
  [[3, 0]],
  [],
];

function contours(field: Field): Spot[][] {
  const next = new Map<number, number>(); // from one crossed side to the one after it
  const { columns, rows, values } = field;
  const inside = (c: number, r: number) => (values[r * columns + c] as number) < 0;
  const side = (c: number, r: number, which: number): number =>
    which === 0
      ? 2 * (r * columns + c)
      : which === 1
        ? 2 * (r * columns + c + 1) + 1
        : which === 2
          ? 2 * ((r + 1) * columns + c)
          : 2 * (r * columns + c) + 1;
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const kind =
        (inside(c, r) ? 1 : 0) +
        (inside(c + 1, r) ? 2 : 0) +
        (inside(c + 1, r + 1) ? 4 : 0) +
        (inside(c, r + 1) ? 8 : 0);
      for (const [a, b] of JOINED[kind] ?? []) next.set(side(c, r, a), side(c, r, b));
    }
  const rings: Spot[][] = [];
  while (next.size > 0) {
    const start = next.keys().next().value as number;
    const ring: Spot[] = [];
    let closed = false;
    for (let at: number | undefined = start; at !== undefined; ) {
      ring.push(crossing(field, at));
      const after: number | undefined = next.get(at);
      next.delete(at);
      closed = after === start;
      at = closed ? undefined : after;
    }
    if (closed) rings.push(ring);
  }
  return rings;
}

/** Where a side of the grid is crossed: even numbers lie to the right of their node, odd ones below it. */
function crossing(field: Field, number: number): Spot {
  const { left, top, cell, columns, values, before: old } = field;
  const node = number >> 1;
  const other = number % 2 === 0 ? node + 1 : node + columns;
  const [a, b] = [values[node] as number, values[other] as number];
  const t = a === b ? 0.5 : a / (a - b);
  const [x, y] = [left + (node % columns) * cell, top + Math.floor(node / columns) * cell];
  return {
    at: number % 2 === 0 ? [x + t * cell, y] : [x, y + t * cell],
    touched: a !== old[node] || b !== old[other],
  };
}
