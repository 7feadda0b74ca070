import { expect, test } from "vitest";
import { bodyPath, inside, namePlace, pointAt, ring } from "../src/draw/body";
import { type Camera, edges, fitted, panned, toFrame, toScreen, zoomed } from "../src/draw/geometry";
import type { Picture, Point } from "../src/model/types";

const size = { width: 400, height: 600 };
const camera: Camera = { centre: [50, 80], scale: 3 };
const body: Point[] = [
  [20, 86],
  [54, 86],
  [20, 112],
  [54, 112],
  [37, 88],
  [37, 110],
];

test("a place on the screen and in the frame lead to each other", () => {
  for (const p of [
    [0, 0],
    [37.2, 88.1],
    [-5, 300],
  ] as Point[]) {
    const [x, y] = toFrame(toScreen(p, camera, size), camera, size);
    expect(x).toBeCloseTo(p[0], 9);
    expect(y).toBeCloseTo(p[1], 9);
  }
});

test("what lies under the cursor stays there when zooming", () => {
  const at: Point = [123, 456];
  const before = toFrame(at, camera, size);
  const after = toFrame(at, zoomed(camera, size, at, 1.7), size);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
});

test("panning by screen pixels moves everything by as much", () => {
  const moved = toScreen(body[0] as Point, panned(camera, [10, -4]), size);
  const still = toScreen(body[0] as Point, camera, size);
  expect([moved[0] - still[0], moved[1] - still[1]]).toEqual([10, -4]);
});

test("the centre of the first pixel of a picture lies at its origin", () => {
  const picture: Picture = {
    number: 0,
    origin: [10, 20],
    spacing: [2, 0.5],
    size: [100, 40],
    offset_mm: 0,
    slice: null,
  };
  expect(edges(picture)).toEqual({ left: 9.75, right: 29.75, top: 19, bottom: 219 });
});

test("a box that is fitted lies within the view, its margin free", () => {
  const box = { left: 20, top: 20, right: 60, bottom: 200 };
  const seen = fitted(box, size, 30);
  const [left, top] = toScreen([box.left, box.top], seen, size);
  const [right, bottom] = toScreen([box.right, box.bottom], seen, size);
  expect(Math.min(left, top)).toBeGreaterThanOrEqual(29.999);
  expect(right).toBeLessThanOrEqual(size.width - 29.999);
  expect(bottom).toBeLessThanOrEqual(size.height - 29.999);
});

test("an endplate is drawn through its middle", () => {
  const path = bodyPath([
    [0, 0],
    [10, 0],
    [0, 8],
    [10, 8],
    [5, 2],
    [5, 7],
  ]);
  expect(path).toBe("M0.0,0.0Q5.0,4.0 10.0,0.0L10.0,8.0Q5.0,6.0 0.0,8.0Z");
});

test("without middles the endplates are straight", () => {
  expect(
    bodyPath([
      [0, 0],
      [10, 0],
      [0, 8],
      [10, 8],
    ]),
  ).toBe("M0.0,0.0L10.0,0.0L10.0,8.0L0.0,8.0Z");
});

test("the name stands before the spine and never on the bone", () => {
  const screen = body.map((p) => toScreen(p, camera, size));
  expect(namePlace(screen)[0]).toBeLessThan(Math.min(...screen.map((p) => p[0])) - 20);
});

test("a body is hit inside its corners and not beside them", () => {
  expect(inside([37, 100], ring(body))).toBe(true);
  expect(inside([10, 100], ring(body))).toBe(false);
});

test("the nearest point within half of the target is taken, and none farther away", () => {
  const [x, y] = toScreen(body[4] as Point, camera, size);
  expect(pointAt([x + 8, y - 6], body, camera, size, 26)).toBe(4);
  expect(pointAt([x + 14, y], body, camera, size, 26)).toBe(null);
});
