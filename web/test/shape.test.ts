import { expect, test } from "vitest";
import { AROUND } from "../src/draw/body";
import {
  area,
  closedLine,
  downTo,
  expectedCentre,
  ghost,
  halves,
  inOrder,
  outlineThrough,
  simplified,
  six,
  template,
  together,
} from "../src/draw/shape";
import type { Point } from "../src/model/types";

const body: Point[] = [
  [0, 0],
  [30, 0],
  [0, 24],
  [30, 24],
  [15, 2],
  [15, 22],
];
const lower = body.map(([x, y]): Point => [x + 2, y + 32]);

test("points placed once around come out in the server's order", () => {
  const placed = AROUND.map((i) => body[i] as Point);
  expect(inOrder(placed)).toEqual(body);
});

test("the ghost follows the pointer and fits what is placed: moved, turned and scaled", () => {
  const shape = template([body]);
  const angle = 0.3;
  const truth = shape.map(
    ([x, y]): Point => [
      100 + 1.2 * (Math.cos(angle) * x - Math.sin(angle) * y),
      50 + 1.2 * (Math.sin(angle) * x + Math.cos(angle) * y),
    ],
  );
  const placed = [truth[AROUND[0]] as Point];
  const seen = ghost(shape, placed, truth[AROUND[1]] as Point);
  seen.forEach((p, i) => {
    expect(p[0]).toBeCloseTo((truth[i] as Point)[0], 9);
    expect(p[1]).toBeCloseTo((truth[i] as Point)[1], 9);
  });
});

test("what is placed stays where it was placed though the shape does not fit", () => {
  const placed: Point[] = [
    [0, 0],
    [40, 10],
    [50, 0],
  ];
  const seen = ghost(template([body]), placed, null);
  placed.forEach((p, k) => {
    expect(seen[AROUND[k] as number]).toEqual(p);
  });
});

test("a body is expected halfway between two, and as far below the lowest as that lies below the one above it", () => {
  expect(expectedCentre([body], [lower])).toEqual([16, 28]);
  expect(expectedCentre([body, lower], [])).toEqual([19, 76]);
  expect(expectedCentre([], [body, lower])).toEqual([13, -20]);
  expect(expectedCentre([body], [])).toBe(null);
});

test("the halves of a body keep its endplates and leave room for a disc between them", () => {
  const [upper, under] = halves(body, 0.5);
  expect(upper.slice(0, 2)).toEqual(body.slice(0, 2));
  expect(under.slice(2, 4)).toEqual(body.slice(2, 4));
  expect(upper[4]).toEqual(body[4]);
  expect(under[5]).toEqual(body[5]);
  expect((upper[2] as Point)[1]).toBeLessThan((under[0] as Point)[1]);
  expect(((upper[2] as Point)[1] + (under[0] as Point)[1]) / 2).toBeCloseTo(12, 9);
});

test("halves put together are the body again", () => {
  expect(together(...halves(body, 0.4))).toEqual(body);
});

test("a cut follows the pointer down the body and stays off the endplates", () => {
  expect(downTo(body, [100, 12])).toBeCloseTo(0.5, 9);
  expect(downTo(body, [15, -50])).toBeCloseTo(0.15, 9);
  expect(downTo(body, [15, 90])).toBeCloseTo(0.85, 9);
});

test("a body with corners alone gets its middles halfway", () => {
  expect(six(body.slice(0, 4)).slice(4)).toEqual([
    [15, 0],
    [15, 24],
  ]);
});

test("an outline through the points passes through all six of them", () => {
  const ring = outlineThrough(body);
  for (const p of body) expect(ring.some((q) => Math.hypot(q[0] - p[0], q[1] - p[1]) < 1e-9)).toBe(true);
});

test("a line with fewer points lies nowhere farther from it than was allowed", () => {
  const line = Array.from({ length: 200 }, (_, i): Point => [i / 4, 10 * Math.sin(i / 20)]);
  const few = simplified(line, 0.2);
  expect(few.length).toBeLessThan(40);
  for (const p of line) {
    const off = few.slice(1).map((b, i) => {
      const a = few[i] as Point;
      const [x, y] = [b[0] - a[0], b[1] - a[1]];
      const t = Math.min(1, Math.max(0, ((p[0] - a[0]) * x + (p[1] - a[1]) * y) / (x * x + y * y)));
      return Math.hypot(p[0] - a[0] - t * x, p[1] - a[1] - t * y);
    });
    expect(Math.min(...off)).toBeLessThanOrEqual(0.2 + 1e-9);
  }
});

test("a line that runs on past its beginning is closed where it came nearest to it", () => {
  const round = (degrees: number): Point[] =>
    Array.from({ length: degrees / 3 }, (_, k): Point => {
      const t = (3 * k * Math.PI) / 180;
      return [20 * Math.cos(t), 20 * Math.sin(t)];
    });
  for (const degrees of [345, 360, 390]) {
    expect(area(closedLine(round(degrees), 0.05))).toBeGreaterThan(0.97 * Math.PI * 400);
    expect(area(closedLine(round(degrees), 0.05))).toBeLessThan(1.01 * Math.PI * 400);
  }
});
