import { describe, expect, it } from "vitest";
import { toScreen } from "../src/draw/geometry";
import type { Picture, Point, Series, View } from "../src/model/types";
import { firstCamera } from "../src/views/looks";

const SIZE = { width: 600, height: 800 };
const BODY: Point[] = [
  [40, 60],
  [60, 60],
  [40, 75],
  [60, 75],
];

/** A picture of 200 by 300 with one marked body in the middle; only what the function reads. */
function opened(questions: { set: string }[]): { view: View; series: Series } {
  const picture = { origin: [0, 0], spacing: [1, 1], size: [300, 200], offset_mm: 0 };
  const view = { sets: [{ id: "s", vertebrae: ["v"] }], vertebrae: { v: { points: BODY } }, questions };
  return {
    view: view as unknown as View,
    series: { uid: "u", set: "s", pictures: [picture as unknown as Picture] } as unknown as Series,
  };
}

const inside = ([x, y]: Point): boolean => x >= 0 && y >= 0 && x <= SIZE.width && y <= SIZE.height;

describe("what a view shows at first", () => {
  it("is the marked vertebrae, near enough to work on them", () => {
    const { view, series } = opened([]);
    const camera = firstCamera(view, series, SIZE);
    expect(BODY.every((p) => inside(toScreen(p, camera, SIZE)))).toBe(true);
    expect(inside(toScreen([199, 299], camera, SIZE))).toBe(false);
  });

  it("is the whole picture while it is asked which vertebra is which", () => {
    const { view, series } = opened([{ set: "s" }]);
    const camera = firstCamera(view, series, SIZE);
    const corners: Point[] = [
      [0, 0],
      [199, 0],
      [0, 299],
      [199, 299],
    ];
    expect(corners.every((p) => inside(toScreen(p, camera, SIZE)))).toBe(true);
  });

  it("is not changed by a question about another image", () => {
    const { view, series } = opened([{ set: "another" }]);
    expect(firstCamera(view, series, SIZE)).toEqual(firstCamera(opened([]).view, series, SIZE));
  });
});
