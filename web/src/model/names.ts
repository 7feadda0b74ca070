// Which name a vertebra that is added, split or merged would bear: only a proposal, the reader sees and changes it.

import { centreOf } from "../draw/shape";
import { said, t } from "../language/language";
import { shown, vertebra } from "./store";
import type { LandmarkSet, Point, Vertebra } from "./types";

export interface Placed {
  id: string;
  v: Vertebra;
}

/** The vertebrae of an image that have points, as they lie, cranial to caudal. */
export function lying(set: LandmarkSet): Placed[] {
  return set.vertebrae
    .map((id) => ({ id, v: vertebra(id) }))
    .filter((one): one is Placed => (one.v?.points.length ?? 0) >= 4)
    .sort((a, b) => centreOf(a.v.points)[1] - centreOf(b.v.points)[1]);
}

export const setOf = (id: string): LandmarkSet | undefined =>
  shown.value?.sets.find((s) => s.vertebrae.includes(id));

export function step(set: LandmarkSet, level: string, by: number): string {
  const names = set.names;
  const place = names.indexOf(level);
  return names[Math.min(names.length - 1, Math.max(0, place + by))] ?? level;
}

/** The bodies above and below a place. */
export function around(set: LandmarkSet, at: Point): { above: Placed[]; below: Placed[] } {
  const all = lying(set);
  return {
    above: all.filter((one) => centreOf(one.v.points)[1] < at[1]),
    below: all.filter((one) => centreOf(one.v.points)[1] >= at[1]),
  };
}

/** The name of a new vertebra at a place: one that is free there, else that of the one below, which makes room. */
export function nameAt(set: LandmarkSet, at: Point): string {
  const { above, below } = around(set, at);
  const [up, down] = [above.at(-1)?.v.level, below[0]?.v.level];
  if (up && down) {
    const next = step(set, up, 1);
    return next === down ? down : next;
  }
  if (up) return step(set, up, 1);
  if (down) return step(set, down, -1);
  return "L1";
}

/** A point by its name in the data: superior_anterior. */
export const pointWords = (name: string): string => said(name.replace("_", " "));

/** What a slider says of a place beside its number: its bounds, and both coordinates in words. */
export const placed = (at: Point, id: string, words: string) => ({
  "aria-valuemin": -FAR,
  "aria-valuemax": FAR,
  "aria-valuetext": t("{words}, at {x}, {y} {unit}", {
    words,
    x: at[0].toFixed(1),
    y: at[1].toFixed(1),
    unit: setOf(id)?.calibrated ? "mm" : "px",
  }),
});

const FAR = 10_000; // no image reaches further, in mm or pixels

/** Who placed some points of a vertebra: "automatic", or the readers who edited them. */
export function placedBy(v: Vertebra, points: readonly number[]): string {
  const names = points.map((i) => shown.value?.point_names[i] ?? "").filter((name) => v.moved.includes(name));
  if (names.length === 0) return t("automatic");
  const who = [...new Set(names.map((name) => v.hands[name] || t("you")))].join(t(", "));
  return t("edited by {who}", { who });
}
