// One view: a picture with what is drawn over it.

import { useEffect, useRef } from "preact/hooks";
import type { Size } from "../draw/geometry";
import { said } from "../language/language";
import { Paint } from "../marrow/Paint";
import { RegionGrips, Regions } from "../marrow/Regions";
import { held, saved, shown } from "../model/store";
import type { Series } from "../model/types";
import { resize } from "../tools/correct/correct";
import { Ghost } from "../tools/Ghost";
import { toolHere } from "../tools/pen";
import { tool } from "../tools/tool";
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
  seriesShown,
  sizes,
  solo,
  windowOf,
  windows,
} from "./looks";
import { Menu } from "./Menu";
import { NamePicker } from "./NamePicker";
import { EndplateLine } from "./over/Endplate";
import { Handles } from "./over/Handles";
import { OnSlice } from "./over/OnSlice";
import { Overlay } from "./over/Overlay";
import { TrueBodies } from "./over/TrueBodies";
import { arrived, pixelsOf } from "./pictures";
import { Cross } from "./pointer/Cross";
import { Loupe } from "./pointer/Loupe";
import { usePointer } from "./pointer/usePointer";
import { Strip } from "./Strip";
import { useSize } from "./useSize";

export function Viewport({ series }: { series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const set = shown.value?.sets.find((s) => s.id === series.set);
  const camera = cameras.value[series.set];
  const pointer = usePointer(box, { series, set, size });
  if (size) sizes.set(series.uid, size);
  useFirstLook(series, size);

  useEffect(() => {
    const element = box.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault(); // the browser would zoom the whole page
      if (event.altKey && tool.value?.kind === "correct") resize(-Math.sign(event.deltaY));
      else if (event.ctrlKey || series.pictures.length < 2) pointer.onWheel(event);
      else scroll(series, Math.sign(event.deltaY));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  });

  return (
    <section class={`view${active.value === series.uid ? " active" : ""}`} aria-label={said(series.role)}>
      <Strip series={series} set={set} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: every gesture has a key, on the points inside or on the page */}
      <div
        ref={box}
        class={`stage${held.value ? " holding" : ""}${toolHere(set) ? ` working ${tool.value?.kind}` : ""}`}
        data-series={series.uid}
        data-set={series.set}
        data-camera={camera ? JSON.stringify(camera) : undefined}
        onPointerEnter={() => {
          active.value = series.uid;
        }}
        onFocusCapture={() => {
          active.value = series.uid;
        }}
        onDblClick={() => {
          if (!toolHere(set)) solo.value = solo.value ? "" : series.uid;
        }}
        onContextMenu={(event) => event.preventDefault()}
        {...pointer.handlers}
      >
        {size && camera && (
          <Image
            picture={pictureOf(series)}
            camera={camera}
            size={size}
            window={windowOf(series.uid)}
            label={series.description}
          />
        )}
        {size && camera && set && !hidden.value && (
          <>
            <Paint series={series} picture={pictureOf(series)} camera={camera} size={size} />
            <Overlay set={set} camera={camera} size={size} faint={!onPlane(series)} />
            <Regions set={set} series={series} picture={pictureOf(series)} camera={camera} size={size} />
            <OnSlice series={series} camera={camera} size={size} />
            <EndplateLine set={set} camera={camera} size={size} faint={!onPlane(series)} />
            <TrueBodies set={set} camera={camera} size={size} />
            <Ghost set={set} series={series} camera={camera} size={size} />
            <Cross series={series} camera={camera} size={size} />
            <Handles
              set={set}
              series={series}
              camera={camera}
              size={size}
              tabs={[series.uid, ""].includes(set.series)}
            />
            <RegionGrips set={set} series={series} picture={pictureOf(series)} camera={camera} size={size} />
            <Loupe series={series} set={set} camera={camera} size={size} />
          </>
        )}
      </div>
      {size && <Menu series={series} />}
      {size && <NamePicker series={series} />}
    </section>
  );
}

/** Where and how a series is looked at until the reader changes it. */
function useFirstLook(series: Series, size: Size | null): void {
  const camera = cameras.value[series.set];
  const leads = seriesShown.value.find((s) => s.set === series.set) === series; // the large view of its set
  useEffect(() => {
    if (leads && !camera && size && size.width > 0 && saved.value) {
      cameras.value = { ...cameras.value, [series.set]: firstCamera(saved.value, series, size) };
    }
  }, [size, series, camera, leads]);

  const middle = series.pictures.find((p) => p.offset_mm === 0) ?? series.pictures[0];
  const pixels = arrived.value >= 0 && middle ? pixelsOf(middle.number) : undefined;
  const window = windows.value[series.uid];
  useEffect(() => {
    if (window || !pixels || !middle || !saved.value) return;
    windows.value = { ...windows.value, [series.uid]: firstWindow(saved.value, series, middle, pixels) };
  }, [window, pixels, middle, series]);
}
