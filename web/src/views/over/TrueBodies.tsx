// In training, once it is signed: where the bodies truly are, and from each point of the reader's a line to its place.

import { signal } from "@preact/signals";
import { bodyPath } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { vertebra } from "../../model/store";
import type { LandmarkSet, Point } from "../../model/types";

/** Points by level, in pixels of the film; empty while nothing is told. */
export const truth = signal<Record<string, Point[]>>({});

export function TrueBodies({ set, camera, size }: { set: LandmarkSet; camera: Camera; size: Size }) {
  const levels = Object.entries(truth.value);
  if (levels.length === 0) return null;
  const screen = (points: readonly Point[]) => points.map((p) => toScreen(p, camera, size));
  const own = new Map(set.vertebrae.map((id) => [vertebra(id)?.level, vertebra(id)?.points ?? []]));
  return (
    <svg class="over truth" width={size.width} height={size.height} aria-hidden="true">
      {levels.map(([level, points]) => {
        const right = screen(points);
        const placed = screen(own.get(level) ?? []);
        return (
          <g key={level} data-truth={level}>
            <path class="halo" d={bodyPath(right)} />
            <path class="shape" d={bodyPath(right)} />
            {right.map(([x, y], i) => {
              const from = placed[i];
              return from && <line key={i} x1={from[0]} y1={from[1]} x2={x} y2={y} />;
            })}
          </g>
        );
      })}
    </svg>
  );
}
