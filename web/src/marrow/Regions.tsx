// Where bone quality is read, and what is left out of the marrow, drawn over the picture; grips that move a region
// and make it larger or smaller.

import { polygon } from "../draw/body";
import { type Camera, type Size, toFrame, toScreen } from "../draw/geometry";
import { frameOf } from "../draw/within";
import { t } from "../language/language";
import { placed } from "../model/names";
import { lit, selected, shown, signed, vertebra } from "../model/store";
import type { LandmarkSet, Picture, Point, Series } from "../model/types";
import { areasOn } from "./area";
import {
  endRegionNudge,
  heldRegion,
  holdRegion,
  letGoRegion,
  middleOf,
  movedBy,
  nudgeRegion,
  type Placed,
  proposed,
  pull,
  regionName,
  regionsOn,
  releaseRegion,
  scaled,
  take,
  takeAsItIs,
  takeBack,
} from "./regions";

interface Props {
  set: LandmarkSet;
  series: Series;
  picture: Picture | undefined;
  camera: Camera;
  size: Size;
}

/** The vertebrae of the selected name on this image. */
function chosenOn(set: LandmarkSet): string[] {
  const level = selected.value && vertebra(selected.value.vertebra)?.level;
  return set.vertebrae.filter((id) => vertebra(id)?.level === level);
}

export function Regions({ set, series, picture, camera, size }: Props) {
  const screen = (ring: readonly Point[]) => polygon(ring.map((p) => toScreen(p, camera, size)));
  return (
    <svg class="over untouched" width={size.width} height={size.height} aria-hidden="true">
      {areasOn(set.vertebrae, series, picture).map((a) => (
        <g key={a.edit} class="area" data-area={a.edit}>
          <path class="halo" d={screen(a.outline)} />
          <path class="edge" d={screen(a.outline)} />
        </g>
      ))}
      {regionsOn(chosenOn(set), series.uid, picture?.slice).map((r) => (
        <path
          key={r.region}
          class={`region ${r.region}${r.edits.length ? " mine" : ""}`}
          d={screen(r.outline)}
          data-region={r.region}
        />
      ))}
    </svg>
  );
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const LARGER = 1.05;

/** Two grips of each region: one in its middle moves it, one at its corner makes it larger or smaller. */
export function RegionGrips({ set, series, picture, camera, size }: Props) {
  if (signed.value || shown.value?.questions.some((q) => q.set === set.id)) return null;
  return (
    <>
      {regionsOn(chosenOn(set), series.uid, picture?.slice).map((r) => (
        <Grips key={`${r.vertebra}${r.region}`} r={r} camera={camera} size={size} />
      ))}
    </>
  );
}

function Grips({ r, camera, size }: { r: Placed; camera: Camera; size: Size }) {
  const middle = toScreen(middleOf(r.outline), camera, size);
  const lowest = r.outline.reduce(
    (best, p) => (p[0] + p[1] > best[0] + best[1] ? p : best),
    r.outline[0] as Point,
  );
  const corner = toScreen(lowest, camera, size);

  const drag = (event: PointerEvent, change: (from: Point, to: Point) => Point[]) => {
    if (event.button !== 0 || !take(r)) return;
    endRegionNudge();
    event.stopPropagation();
    const grip = event.currentTarget as HTMLElement;
    const on = frameOf(grip.closest<HTMLElement>(".stage")); // a bar that opens moves the stage, not the pointer
    const place = (e: PointerEvent): Point => toFrame(on(e.clientX, e.clientY), camera, size);
    const from = place(event);
    grip.setPointerCapture(event.pointerId);
    let moved = false;
    const move = (e: PointerEvent) => {
      e.stopPropagation();
      if (moved && !heldRegion.value) return; // Escape was pressed
      moved = true;
      holdRegion({ ...r, outline: change(from, place(e)) });
    };
    const end = (e: PointerEvent) => {
      e.stopPropagation();
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", end);
      grip.removeEventListener("pointercancel", end);
      if (e.type === "pointerup" && moved) releaseRegion();
      else if (heldRegion.value) letGoRegion();
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  };

  const key = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const step = event.shiftKey ? 1 : 0.2;
    if (arrow) nudgeRegion(r, (ring) => movedBy(ring, [arrow[0] * step, arrow[1] * step]));
    else if (event.key === "+" || event.key === "=") nudgeRegion(r, (ring) => scaled(ring, LARGER));
    else if (event.key === "-") nudgeRegion(r, (ring) => scaled(ring, 1 / LARGER));
    else if (event.key === "Delete" && r.edits.length) takeBack(r);
    else if (event.key === "Enter" && proposed(r)) takeAsItIs(r);
    else if (event.key === "Escape" && heldRegion.value) letGoRegion();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <div
        class={`handle grip ${r.region}`}
        role="slider"
        tabIndex={0}
        style={{ transform: `translate(${middle[0] - 13}px, ${middle[1] - 13}px)` }}
        aria-label={t("{r}, region", { r: regionName(r) })}
        aria-valuenow={Math.round(middleOf(r.outline)[1] * 10) / 10}
        {...placed(
          middleOf(r.outline),
          r.vertebra,
          t("{said}{what}", {
            said: r.said,
            what: r.edits.length
              ? t(", placed by a reader")
              : proposed(r)
                ? t(", proposed")
                : t(", automatic"),
          }),
        )}
        data-grip={r.region}
        onFocus={() => {
          take(r);
          lit.value = r.region === "attenuation" ? "" : "vbq";
        }}
        onBlur={endRegionNudge}
        onKeyDown={key}
        onPointerDown={(event) =>
          drag(event, (from, to) => movedBy(r.outline, [to[0] - from[0], to[1] - from[1]]))
        }
      >
        <svg width={26} height={26} aria-hidden="true">
          <path d="M13,5V21M5,13H21M10,8L13,5L16,8M10,18L13,21L16,18M8,10L5,13L8,16M18,10L21,13L18,16" />
        </svg>
      </div>
      <div
        class={`handle grip size ${r.region}`}
        style={{ transform: `translate(${corner[0] - 9}px, ${corner[1] - 9}px)` }}
        data-grip={`${r.region}-size`}
        aria-hidden="true"
        onPointerDown={(event) => drag(event, (from, to) => scaled(r.outline, pull(r.outline, from, to)))}
      >
        <svg width={26} height={26} aria-hidden="true">
          <path d="M9,17L17,9M12,17L17,12M15,17L17,15" />
        </svg>
      </div>
    </>
  );
}

/** The keys of regions: the next region of the selected vertebra, or of the level below, that a view shows. */
export function focusRegion(): void {
  const all = [...document.querySelectorAll<HTMLElement>("[data-grip][role=slider]")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + 1) % Math.max(1, all.length)]?.focus();
}
