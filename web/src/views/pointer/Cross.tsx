// The place under the pointer, shown in the other series of the same patient space.

import { type Camera, type Size, toScreen } from "../../draw/geometry";
import type { Series } from "../../model/types";
import { mouse } from "../looks";

export function Cross({ series, camera, size }: { series: Series; camera: Camera; size: Size }) {
  const now = mouse.value;
  if (!now || now.set !== series.set || now.series === series.uid) return null;
  const [x, y] = toScreen(now.at, camera, size);
  return (
    <svg class="over cross" width={size.width} height={size.height} aria-hidden="true">
      <path transform={`translate(${x} ${y})`} d="M-9,0H-3M3,0H9M0,-9V-3M0,3V9" />
    </svg>
  );
}
