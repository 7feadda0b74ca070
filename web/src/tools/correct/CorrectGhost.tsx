// The outline that is corrected, the brush over it, and the place where the keys hold its edge.

import { polygon } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { lengthOf, placeAt } from "../../draw/ring";
import { vertebra } from "../../model/store";
import type { Point, Series } from "../../model/types";
import { active, mouse } from "../../views/looks";
import type { Correct } from "../tool";
import { holdAt, lineHere } from "./correct";

interface Props {
  t: Correct;
  series: Series;
  camera: Camera;
  size: Size;
}

export function CorrectGhost({ t, series, camera, size }: Props) {
  const here = lineHere(t, series);
  const ring = here?.ring;
  const at = mouse.value?.series === series.uid ? toScreen(mouse.value.at, camera, size) : null;
  const knob = ring && series.uid === (active.value || series.uid) ? placeAt(ring, holdAt(t, ring)) : null;
  const erase = t.mode === "erase";
  return (
    <>
      {ring && (
        <g class={`correcting${erase ? " erase" : ""}`} data-outline={t.vertebra}>
          <path class="halo" d={polygon(ring.map((p) => toScreen(p, camera, size)))} />
          <path class="shape" d={polygon(ring.map((p) => toScreen(p, camera, size)))} />
        </g>
      )}
      {ring && t.mode === "edge" && knob && (
        <Knob ring={ring} t={t} at={toScreen(knob, camera, size)} camera={camera} size={size} />
      )}
      {at && t.mode !== "edge" && (
        <g class={`brush${erase ? " erase" : ""}`} transform={`translate(${at[0]} ${at[1]})`}>
          <circle class="halo" r={t.radius * camera.scale} />
          <circle r={t.radius * camera.scale} />
          <path d={erase ? "M-4,0H4" : "M-4,0H4M0,-4V4"} />
        </g>
      )}
    </>
  );
}

/** The place that is held, and how much of the edge goes along. */
function Knob({
  ring,
  t,
  at,
  camera,
  size,
}: {
  ring: Point[];
  t: Correct;
  at: Point;
  camera: Camera;
  size: Size;
}) {
  const along = holdAt(t, ring);
  const near = Math.min(t.reach, lengthOf(ring) / 2);
  const line = Array.from({ length: 25 }, (_, k) => placeAt(ring, along + ((k - 12) / 12) * near));
  const path = line.map((p) => toScreen(p, camera, size));
  return (
    <>
      <path
        class="reach"
        d={
          t.whole
            ? polygon(ring.map((p) => toScreen(p, camera, size)))
            : `M${path.map((p) => `${p[0].toFixed(1)},${p[1].toFixed(1)}`).join("L")}`
        }
      />
      {!t.whole && <rect class="knob" x={at[0] - 4} y={at[1] - 4} width={8} height={8} />}
    </>
  );
}

/** The same place for the keyboard and for a screen reader. */
export function CorrectHandle({ t, series, camera, size }: Props) {
  const ring = lineHere(t, series)?.ring;
  if (!ring) return null;
  const whole = lengthOf(ring);
  const along = holdAt(t, ring);
  const [x, y] = toScreen(placeAt(ring, along), camera, size);
  return (
    <div
      class="handle untouched"
      role="slider"
      tabIndex={0}
      style={{ transform: `translate(${x - 13}px, ${y - 13}px)` }}
      aria-label={`Edge of the outline of ${vertebra(t.vertebra)?.label ?? ""}`}
      aria-valuenow={Math.round((100 * along) / whole)}
      aria-valuetext={
        t.whole ? "the whole outline" : `${Math.round((100 * along) / whole)}% of the way around`
      }
      data-handle="outline"
    />
  );
}
