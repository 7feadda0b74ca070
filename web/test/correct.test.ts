import { expect, test } from "vitest";
import { fieldOf, outlineOf, signedDistance, stroke } from "../src/draw/brush";
import { shiftedEndplate, turnedEndplate } from "../src/draw/endplate";
import { cutOutline, joinedOutline } from "../src/draw/pieces";
import { pulled } from "../src/draw/pull";
import { lengthOf, nearestOn, placeAt } from "../src/draw/ring";
import { area, halves } from "../src/draw/shape";
import type { Point } from "../src/model/types";

const BODY: Point[] = [
  [20, 94],
  [54, 86],
  [54, 112],
  [20, 112],
]; // a wedge of 34 mm, 18 and 26 mm high
const WEDGE = (34 * (18 + 26)) / 2;

test("what the brush does not touch keeps the very points it had", () => {
  expect(area(outlineOf(fieldOf(BODY, 12)))).toBeCloseTo(WEDGE, 9);
  const field = fieldOf(BODY, 12);
  stroke(field, [30, 112], [44, 112], 3, false);
  const ring = outlineOf(field);
  for (const corner of BODY) expect(ring).toContainEqual(corner);
  for (const p of ring.filter((q) => q[1] < 111))
    expect(Math.abs(signedDistance(p, BODY))).toBeLessThan(1e-9);
});

test("ten strokes at one place change the outline nowhere else", () => {
  let ring = BODY;
  for (let k = 0; k < 10; k++) {
    const field = fieldOf(ring, 12);
    stroke(field, [54, 99], [54, 99], 2 + 0.1 * k, k % 2 === 1);
    ring = outlineOf(field);
  }
  for (const corner of BODY) expect(ring).toContainEqual(corner);
});

test("a stroke along a straight edge adds half of its band and half a disc", () => {
  const field = fieldOf(BODY, 12);
  stroke(field, [30, 112], [44, 112], 3, false);
  const added = 14 * 3 + (Math.PI * 3 ** 2) / 2;
  expect(area(outlineOf(field)) - WEDGE).toBeCloseTo(added, 0);
});

test("the same stroke that erases takes away as much", () => {
  const field = fieldOf(BODY, 12);
  stroke(field, [30, 112], [44, 112], 3, true);
  const taken = 14 * 3 + (Math.PI * 3 ** 2) / 2;
  expect(WEDGE - area(outlineOf(field))).toBeCloseTo(taken, 0);
});

test("what a stroke cuts off is left out, and nothing is left of what is erased whole", () => {
  const cut = fieldOf(BODY, 12);
  stroke(cut, [32, 70], [32, 130], 1, true);
  expect(Math.min(...outlineOf(cut).map((p) => p[0]))).toBeGreaterThan(32.9); // the posterior part is the larger one
  const all = fieldOf(BODY, 12);
  stroke(all, [37, 100], [37, 100], 40, true);
  expect(outlineOf(all)).toEqual([]);
});

test("a pulled edge moves most where it is held and not at all beyond its reach", () => {
  const ring = pulled(BODY, Math.hypot(34, 8) + 26 + 17, [0, 3], 8);
  const at = nearestOn(ring, [37, 115]);
  expect(at.far).toBeLessThan(0.05);
  for (const x of [20, 28, 46, 54]) expect(nearestOn(ring, [x, 112]).far).toBeLessThan(0.05);
  expect(area(ring) - WEDGE).toBeCloseTo(3 * 8, 0); // the integral of half a wave to either side
});

test("a place along an outline is found again, around its beginning too", () => {
  const whole = lengthOf(BODY);
  for (const along of [0.1, 20, 60, whole - 0.1])
    expect(nearestOn(BODY, placeAt(BODY, along)).along).toBeCloseTo(along, 6);
  expect(placeAt(BODY, whole + 5)).toEqual(placeAt(BODY, 5));
});

const SIX: Point[] = [
  [0, 0],
  [34, 0],
  [0, 26],
  [34, 26],
  [17, 1.5],
  [17, 24.5],
];

test("an endplate moves with both ends and its middle, or turns about one end", () => {
  expect(shiftedEndplate(SIX, "superior", [1, 2])).toEqual({
    anterior: [1, 2],
    posterior: [35, 2],
    middle: [18, 3.5],
  });
  const turned = turnedEndplate(SIX, "inferior", "posterior", [0, -4], true);
  expect(turned.posterior).toEqual([34, 22]);
  expect(turned.anterior).toBeUndefined();
  expect(turned.middle?.[0]).toBeCloseTo(17, 6);
  expect(turned.middle?.[1]).toBeCloseTo(22.5, 6); // half as far as the end
  expect(turnedEndplate(SIX, "inferior", "posterior", [0, -4], false).middle).toBeUndefined();
});

const BOX: Point[] = [
  [0, 0],
  [34, 0],
  [34, 26],
  [0, 26],
];

test("the outline of a body that is cut is cut with it, with the room of a disc between", () => {
  const [upper, lower] = halves(SIX, 0.5);
  const [above, below] = cutOutline(BOX, upper, lower);
  const half = 34 * 26 * (0.5 - 0.06);
  expect(area(above)).toBeCloseTo(half, 6);
  expect(area(below)).toBeCloseTo(half, 6);
  expect(Math.max(...above.map((p) => p[1]))).toBeLessThan(Math.min(...below.map((p) => p[1])));
});

test("two outlines become one, with what lies between them", () => {
  const lower = SIX.map((p): Point => [p[0], p[1] + 33]);
  const ring = joinedOutline([BOX, BOX.map((p): Point => [p[0], p[1] + 33])], SIX, lower);
  expect(area(ring)).toBeCloseTo(34 * (33 + 26), -1);
  expect(Math.abs(area(ring) - 34 * 59)).toBeLessThan(6);
});
