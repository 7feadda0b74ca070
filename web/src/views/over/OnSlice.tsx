// The outline of the selected vertebra on a slice beside the one of its points: what its marrow is read inside of there.

import { polygon } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { selected } from "../../model/store";
import type { Series } from "../../model/types";
import { outlineOn } from "../../tools/correct/slices";
import { tool } from "../../tools/tool";
import { onPlane } from "../looks";

export function OnSlice({ series, camera, size }: { series: Series; camera: Camera; size: Size }) {
  const id = selected.value?.vertebra;
  if (!id || onPlane(series) || tool.value?.kind === "correct") return null;
  const found = outlineOn(id, series);
  if (!found) return null;
  const path = polygon(found.outline.map((p) => toScreen(p, camera, size)));
  return (
    <svg class="over untouched" width={size.width} height={size.height} aria-hidden="true">
      <g class="body" data-on-slice={id}>
        <path class="halo" d={path} />
        <path class={`there${found.by_reader ? " mine" : ""}`} d={path} />
      </g>
    </svg>
  );
}
