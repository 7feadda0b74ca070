// The outline that is corrected, the brush over it, and the place where the keys hold its edge.

import { polygon } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { lengthOf, placeAt } from "../../draw/ring";
import { t } from "../../language/language";
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

export function CorrectGhost({ t: own, series, camera, size }: Props) {
  const here = lineHere(own, series);
  const ring = here?.ring;
  const at = mouse.value?.series === series.uid ? toScreen(mouse.value.at, camera, size) : null;
  const knob = ring && series.uid === (active.value || series.uid) ? placeAt(ring, holdAt(own, ring)) : null;
  const erase = own.mode === "erase";
  return (
    <>
      {ring && (
        <g class={`correcting${erase ? " erase" : ""}`} data-outline={own.vertebra}>
          <path class="halo" d={polygon(ring.map((p) => toScreen(p, camera, size)))} />
          <path class="shape" d={polygon(ring.map((p) => toScreen(p, camera, size)))} />
        </g>
      )}
      {ring && own.mode === "edge" && knob && (
        <Knob ring={ring} t={own} at={toScreen(knob, camera, size)} camera={camera} size={size} />
      )}
      {at && own.mode !== "edge" && (
        <g class={`brush${erase ? " erase" : ""}`} transform={`translate(${at[0]} ${at[1]})`}>
          <circle class="halo" r={own.radius * camera.scale} />
          <circle r={own.radius * camera.scale} />
          <path d={erase ? "M-4,0H4" : "M-4,0H4M0,-4V4"} />
        </g>
      )}
    </>
  );
}

/** The place that is held, and how much of the edge goes along. */
function Knob({
  ring,
  t: own,
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
  const along = holdAt(own, ring);
  const near = Math.min(own.reach, lengthOf(ring) / 2);
  const line = Array.from({ length: 25 }, (_, k) => placeAt(ring, along + ((k - 12) / 12) * near));
  const path = line.map((p) => toScreen(p, camera, size));
  return (
    <>
      <path
        class="reach"
        d={
          own.whole
            ? polygon(ring.map((p) => toScreen(p, camera, size)))
            : `M${path.map((p) => `${p[0].toFixed(1)},${p[1].toFixed(1)}`).join("L")}`
        }
      />
      {!own.whole && <rect class="knob" x={at[0] - 4} y={at[1] - 4} width={8} height={8} />}
    </>
  );
}

/** The same place for the keyboard and for a screen reader. */
export function CorrectHandle({ t: own, series, camera, size }: Props) {
  const ring = lineHere(own, series)?.ring;
  if (!ring) return null;
  const whole = lengthOf(ring);
  const along = holdAt(own, ring);
  const [x, y] = toScreen(placeAt(ring, along), camera, size);
  return (
    <div
      class="handle untouched"
      role="slider"
      tabIndex={0}
      style={{ transform: `translate(${x - 13}px, ${y - 13}px)` }}
      aria-label={t("Edge of the outline of {label}", { label: vertebra(own.vertebra)?.label ?? "" })}
      aria-valuenow={Math.round((100 * along) / whole)}
      aria-valuetext={
        own.whole
          ? t("the whole outline")
          : t("{along}% of the way around", { along: Math.round((100 * along) / whole) })
      }
      data-handle="outline"
    />
  );
}
