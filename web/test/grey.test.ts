import { expect, test } from "vitest";
import { dragged, FULL, fittedTo, table } from "../src/draw/grey";

test("a full window leaves the greys as they are", () => {
  expect([...table(FULL)]).toEqual([...Array(256).keys()]);
});

test("below a window is black, above it white, its middle grey", () => {
  const grey = table({ low: 100, high: 200 });
  expect([grey[50], grey[150], grey[250]]).toEqual([0, 128, 255]);
});

test("dragging sideways widens a window about its middle, up and down moves it", () => {
  expect(dragged({ low: 100, high: 200 }, [20, 0])).toEqual({ low: 90, high: 210 });
  expect(dragged({ low: 100, high: 200 }, [0, 20])).toEqual({ low: 110, high: 210 });
});

test("a window suits the greys of the parts that are looked at", () => {
  const pixels = {
    width: 4,
    height: 1,
    data: new Uint8ClampedArray([0, 0, 0, 255, 100, 0, 0, 255, 140, 0, 0, 255, 255, 0, 0, 255]),
  };
  const window = fittedTo(pixels as unknown as ImageData, [{ left: 1, right: 3, top: 0, bottom: 1 }]);
  expect(window.low).toBeGreaterThan(50);
  expect(window.high).toBeLessThan(200);
});
