import { describe, expect, it } from "vitest";
import { toScreen } from "../src/draw/geometry";
import { centreOf } from "../src/draw/shape";
import type { LandmarkSet, Point, View } from "../src/model/types";
import {
  bodyOf,
  cameraOf,
  laidOver,
  levelNear,
  levelsInAll,
  linkedCamera,
  middleFrom,
  pictureAt,
  scales,
} from "../src/visits/link";

const SIZE = { width: 300, height: 600 };
const LEVELS = ["T12", "L1", "L2", "L3"];

/** Four bodies of 30 by 24 units, 30 apart, from a corner on; only what the functions read. */
function visit({ at = [0, 0] as Point, unit = 1, calibrated = true, levels = LEVELS, turned = 0 } = {}): {
  view: View;
  set: LandmarkSet;
} {
  const turn = ([x, y]: Point): Point => [
    at[0] + unit * (x * Math.cos(turned) - y * Math.sin(turned)),
    at[1] + unit * (x * Math.sin(turned) + y * Math.cos(turned)),
  ];
  const vertebrae = Object.fromEntries(
    levels.map((level, i) => [
      `v${i}`,
      {
        level,
        label: level,
        points: (
          [
            [0, 0],
            [30, 0],
            [0, 24],
            [30, 24],
            [15, 1],
            [15, 23],
          ] as Point[]
        ).map(([x, y]) => turn([x, y + 30 * i])),
      },
    ]),
  );
  const set = { id: "s", calibrated, vertebrae: Object.keys(vertebrae) } as unknown as LandmarkSet;
  return { view: { sets: [set], vertebrae } as unknown as View, set };
}

const middle = (one: { view: View; set: LandmarkSet }, level: string): Point =>
  centreOf(bodyOf(one.view, one.set, level)?.points ?? []);

describe("linked views", () => {
  it("give all that have millimetres one scale, that at which the largest fits", () => {
    const small = { ...visit(), size: SIZE };
    const large = { ...visit({ unit: 1.5 }), size: SIZE };
    const [a, b] = scales([small, large]);
    expect(a).toBe(b);
    expect(b).toBe(scales([large])[0]);
  });

  it("leave an image without a scale its own zoom", () => {
    const film = { ...visit({ unit: 4, calibrated: false }), size: SIZE };
    const [a, b] = scales([{ ...visit(), size: SIZE }, film]);
    expect(a).toBeCloseTo((b ?? 0) * 4);
    expect(scales([{ ...visit({ levels: [] }), size: SIZE }])).toEqual([null]);
  });

  it("put the level at the same place of every screen", () => {
    const [one, other] = [visit({ at: [10, 20] }), visit({ at: [-70, 5] })];
    const look = { level: "L1", zoom: 2, by: [30, -12] as Point };
    const places = [one, other].map((v) => {
      const camera = cameraOf(v.view, v.set, look, 3);
      if (!camera) throw new Error("no camera");
      expect(camera.scale).toBe(6);
      return toScreen(middle(v, "L1"), camera, SIZE);
    });
    expect(places[0]).toEqual(places[1]);
    expect(places[0]?.[0]).toBeCloseTo(SIZE.width / 2 - 2 * 30);
    expect(places[0]?.[1]).toBeCloseTo(SIZE.height / 2 + 2 * 12);
  });

  it("show nothing of a level that a visit does not name", () => {
    const one = visit({ levels: ["L2", "L3"] });
    expect(cameraOf(one.view, one.set, { level: "L1", zoom: 1, by: [0, 0] }, 1)).toBeNull();
    expect(levelsInAll([visit(), one])).toEqual(["L2", "L3"]);
    expect(levelNear("T12", visit(), one)).toBe("L2");
    expect(levelNear("L3", visit(), one)).toBe("L3");
    expect(levelNear("L3", visit(), visit({ levels: ["C3"] }))).toBeNull();
  });

  it("begin with all vertebrae in the middle", () => {
    const one = visit();
    const by = middleFrom("L1", [one], [2]);
    const camera = cameraOf(one.view, one.set, { level: "L1", zoom: 1, by }, 2);
    expect(camera?.centre).toEqual([15, 57]); // of T12 (0 to 24) to L3 (90 to 114)
  });

  it("follow the current image by place and millimetres", () => {
    const [now, other] = [visit({ at: [10, 20] }), visit({ at: [-70, 5] })];
    const camera = { centre: [40, 60] as Point, scale: 5 };
    const linked = linkedCamera({ ...now, camera, size: SIZE }, { ...other, size: SIZE }, "L2");
    if (!linked) throw new Error("no camera");
    expect(linked.scale).toBe(5);
    expect(toScreen(middle(other, "L2"), linked, SIZE)).toEqual(toScreen(middle(now, "L2"), camera, SIZE));
  });

  it("follow an image of another unit at the same size of the spine", () => {
    const [now, film] = [visit(), visit({ unit: 4, calibrated: false })];
    const camera = { centre: [15, 40] as Point, scale: 5 };
    const linked = linkedCamera({ ...now, camera, size: SIZE }, { ...film, size: SIZE }, "L2");
    if (!linked) throw new Error("no camera");
    expect(linked.scale).toBeCloseTo(5 / 4);
    const [here, there] = [
      toScreen(middle(now, "L2"), camera, SIZE),
      toScreen(middle(film, "L2"), linked, SIZE),
    ];
    expect(there[0]).toBeCloseTo(here[0]);
    expect(there[1]).toBeCloseTo(here[1]);
  });
});

describe("an earlier visit laid over a later one", () => {
  it("lies exactly on it where nothing changed, however it was moved and turned", () => {
    const [earlier, later] = [visit({ at: [10, 20], turned: 0.3 }), visit({ at: [-70, 5], turned: -0.1 })];
    const laid = laidOver(earlier, later, "L1");
    expect(laid?.on).toBe("L2");
    expect(laid?.bodies.map((b) => b.level)).toEqual(["T12", "L1", "L2"]);
    for (const body of laid?.bodies ?? []) {
      const there = bodyOf(later.view, later.set, body.level)?.points ?? [];
      body.points.forEach((p, i) => {
        expect(p[0]).toBeCloseTo(there[i]?.[0] as number);
        expect(p[1]).toBeCloseTo(there[i]?.[1] as number);
      });
    }
  });

  it("keeps its size in millimetres, and takes the size of the other where one has no scale", () => {
    const top = (laid: ReturnType<typeof laidOver>): number => {
      const p = laid?.bodies.find((b) => b.level === "L2")?.points ?? [];
      return Math.hypot((p[1]?.[0] ?? 0) - (p[0]?.[0] ?? 0), (p[1]?.[1] ?? 0) - (p[0]?.[1] ?? 0));
    };
    expect(top(laidOver(visit({ unit: 2 }), visit(), "L1"))).toBeCloseTo(60);
    expect(top(laidOver(visit({ unit: 2, calibrated: false }), visit(), "L1"))).toBeCloseTo(30);
  });

  it("needs a vertebra below that both show", () => {
    expect(laidOver(visit(), visit({ levels: ["T12", "L1"] }), "L1")).toBeNull();
  });
});

it("takes the picture nearest to the slice", () => {
  const series = { pictures: [-4, 0, 4].map((offset_mm, number) => ({ number, offset_mm })) } as never;
  expect(pictureAt(series, 2.5)?.number).toBe(2);
  expect(pictureAt(series, -100)?.number).toBe(0);
});
