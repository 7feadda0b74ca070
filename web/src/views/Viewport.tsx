// One view: a picture with its overlay, and everything a pointer does in it.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { inside, pointAt, ring } from "../draw/body";
import { panned, type Size, toFrame, zoomed } from "../draw/geometry";
import { dragged } from "../draw/grey";
import { held, saved, selected, shown, vertebra } from "../model/store";
import type { Point, Series } from "../model/types";
import { endNudge, type Grip, grip, moveBy, release } from "./gesture";
import { counterpart, Handles } from "./Handles";
import { Image } from "./Image";
import {
  active,
  cameras,
  firstCamera,
  firstWindow,
  hidden,
  onPlane,
  pictureOf,
  scroll,
  windowOf,
  windows,
} from "./looks";
import { Overlay } from "./Overlay";
import { arrived, pixelsOf } from "./pictures";
import { Strip } from "./Strip";

type Doing =
  | { what: "move"; grip: Grip; start: Point; moved: boolean }
  | { what: "pan" | "window"; last: Point; moved: boolean }
  | null;

const TARGET = 26;
const TOUCH_TARGET = 44;

export function Viewport({ series }: { series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const doing = useRef<Doing>(null);
  const [size, setSize] = useState<Size | null>(null);
  const set = shown.value?.sets.find((s) => s.id === series.set);
  const camera = cameras.value[series.set];

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    if (size && size.width > 0 && !cameras.value[series.set] && saved.value) {
      cameras.value = { ...cameras.value, [series.set]: firstCamera(saved.value, series, size) };
    }
  }, [size, series, camera]);

  const middle = series.pictures.find((p) => p.offset_mm === 0) ?? series.pictures[0];
  const pixels = arrived.value >= 0 && middle ? pixelsOf(middle.number) : undefined;
  const window = windows.value[series.uid];
  useEffect(() => {
    if (window || !pixels || !middle || !saved.value) return;
    windows.value = { ...windows.value, [series.uid]: firstWindow(saved.value, series, middle, pixels) };
  }, [window, pixels, middle, series]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const now = cameras.value[series.set];
      if (!size || !now) return;
      if (event.ctrlKey || series.pictures.length < 2) {
        const next = zoomed(now, size, place(event), Math.exp(-event.deltaY / 400));
        cameras.value = { ...cameras.value, [series.set]: next };
      } else scroll(series, Math.sign(event.deltaY));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [size, series]);

  const place = (event: MouseEvent): Point => {
    const edge = box.current?.getBoundingClientRect();
    return [event.clientX - (edge?.left ?? 0), event.clientY - (edge?.top ?? 0)];
  };

  const down = (event: PointerEvent) => {
    if (!size || !camera || !set) return;
    endNudge();
    box.current?.setPointerCapture(event.pointerId);
    const at = place(event);
    if (event.button === 2) {
      doing.current = { what: "window", last: at, moved: false };
      return;
    }
    const found = hidden.value ? null : underPointer(event, at, size);
    if (found) {
      const held_ = grip(found.vertebra, found.point);
      selected.value = found;
      if (held_) doing.current = { what: "move", grip: held_, start: at, moved: false };
      return;
    }
    doing.current = { what: "pan", last: at, moved: false };
  };

  /** A point of the selected vertebra, else a point or the name of another one. */
  const underPointer = (event: PointerEvent, at: Point, size: Size) => {
    if (!camera || !set) return null;
    const name = (event.target as Element).closest("[data-name]")?.getAttribute("data-name");
    if (name) return { vertebra: name, point: null };
    const target = event.pointerType === "touch" ? TOUCH_TARGET : TARGET;
    const id = counterpart(set);
    const point = id ? pointAt(at, vertebra(id)?.points ?? [], camera, size, target) : null;
    return id && point !== null ? { vertebra: id, point } : null;
  };

  const move = (event: PointerEvent) => {
    const now = doing.current;
    if (!now || !camera || !size) return;
    const at = place(event);
    if (now.what === "move") {
      const by: Point = [at[0] - now.start[0], at[1] - now.start[1]];
      if (!now.moved && Math.hypot(...by) < 2) return;
      if (now.moved && !held.value) {
        doing.current = null; // Escape was pressed
        return;
      }
      now.moved = true;
      moveBy(now.grip, [by[0] / camera.scale, by[1] / camera.scale]);
      return;
    }
    const by: Point = [at[0] - now.last[0], at[1] - now.last[1]];
    now.moved ||= Math.hypot(...by) > 2;
    now.last = at;
    if (now.what === "pan") cameras.value = { ...cameras.value, [series.set]: panned(camera, by) };
    else windows.value = { ...windows.value, [series.uid]: dragged(windowOf(series.uid), by) };
  };

  const up = (event: PointerEvent) => {
    const now = doing.current;
    doing.current = null;
    if (!now || !camera || !size || !set) return;
    if (now.what === "move") {
      if (now.moved) release(now.grip);
      return;
    }
    if (now.what === "pan" && !now.moved && !hidden.value) {
      const at = toFrame(place(event), camera, size);
      const id = set.vertebrae.find((v) => inside(at, ring(vertebra(v)?.points ?? [])));
      if (id) selected.value = { vertebra: id, point: null };
    }
  };

  const picture = pictureOf(series);
  return (
    <section class={`view${active.value === series.uid ? " active" : ""}`} aria-label={series.role}>
      <Strip series={series} set={set} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: every gesture has a key, on the points inside or on the page */}
      <div
        ref={box}
        class={`stage${held.value ? " holding" : ""}`}
        data-series={series.uid}
        data-set={series.set}
        data-camera={camera ? JSON.stringify(camera) : undefined}
        onPointerEnter={() => (active.value = series.uid)}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onContextMenu={(event) => event.preventDefault()}
      >
        {size && camera && (
          <>
            <Image
              picture={picture}
              camera={camera}
              size={size}
              window={windowOf(series.uid)}
              label={series.description}
            />
            {set && !hidden.value && (
              <Overlay set={set} camera={camera} size={size} faint={!onPlane(series)} />
            )}
            {set && !hidden.value && (
              <Handles set={set} camera={camera} size={size} tabs={[series.uid, ""].includes(set.series)} />
            )}
          </>
        )}
      </div>
    </section>
  );
}
