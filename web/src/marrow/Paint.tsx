// What counts as edema, or as low or high on T2, hatched over the body: told apart by the lie of the lines, not by
// colour alone.

import { polygon } from "../draw/body";
import { type Camera, type Size, toScreen } from "../draw/geometry";
import type { Picture, Point, Series } from "../model/types";
import { NAMES, opacity, painting, signals } from "./state";
import type { Painted, Run } from "./types";

interface Props {
  series: Series;
  picture: Picture | undefined;
  camera: Camera;
  size: Size;
}

export function Paint({ series, picture, camera, size }: Props) {
  if (!painting.value || picture?.slice === null || picture?.slice === undefined) return null;
  const here = NAMES.map((name) => signals.value[name]).find((view) => view?.series === series.uid);
  const slice = here?.slices.find((s) => s.slice === picture.slice);
  if (!here || !slice) return null;
  const own = series.uid.replaceAll(/\W/g, "-");
  return (
    <svg
      class="over paint"
      width={size.width}
      height={size.height}
      aria-hidden="true"
      data-painted={here.name}
    >
      <defs>
        <Hatch id={`edema-${own}`} turn={45} />
        <Hatch id={`high-${own}`} turn={45} />
        <Hatch id={`low-${own}`} turn={0} />
      </defs>
      <g opacity={opacity.value}>
        {Object.entries(slice.runs).map(([name, runs]) => {
          const edge = outline(runs, slice).map((line) => line.map((p) => toScreen(p, camera, size)));
          const along = edge.map(([a, b]) => `M${at(a)}L${at(b)}`).join("");
          return (
            <g key={name} class={name} data-counted={name}>
              <path class="wash" d={boxes(runs, slice, camera, size)} />
              <path
                class="hatch"
                d={boxes(runs, slice, camera, size)}
                style={{ fill: `url(#${name}-${own})` }}
              />
              <path class="halo" d={along} />
              <path class="edge" d={along} />
            </g>
          );
        })}
      </g>
    </svg>
  );
}

function Hatch({ id, turn }: { id: string; turn: number }) {
  return (
    <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform={`rotate(${turn})`}>
      <path class={`lines ${id.split("-")[0]}`} d="M0,1.5H6" />
    </pattern>
  );
}

const at = (p: Point | undefined): string => (p ? `${p[0].toFixed(1)},${p[1].toFixed(1)}` : "0,0");

/** A corner of a voxel in the frame: rows and columns count from the corner of the first. */
function corner(row: number, column: number, s: Painted): Point {
  const [r, c] = [row - 0.5, column - 0.5];
  return [s.origin[0] + c * s.right[0] + r * s.down[0], s.origin[1] + c * s.right[1] + r * s.down[1]];
}

function boxes(runs: readonly Run[], s: Painted, camera: Camera, size: Size): string {
  return runs
    .map(([row, from, to]) => {
      const ends: Point[] = [
        corner(row, from, s),
        corner(row, to, s),
        corner(row + 1, to, s),
        corner(row + 1, from, s),
      ];
      return polygon(ends.map((p) => toScreen(p, camera, size)));
    })
    .join("");
}

/** The sides of voxels with none of their kind beyond. */
function outline(runs: readonly Run[], s: Painted): [Point, Point][] {
  const there = new Set(runs.flatMap(([row, from, to]) => range(from, to).map((c) => `${row},${c}`)));
  const sides: [Point, Point][] = [];
  for (const [row, from, to] of runs) {
    sides.push(
      [corner(row, from, s), corner(row + 1, from, s)],
      [corner(row, to, s), corner(row + 1, to, s)],
    );
    for (const c of range(from, to)) {
      if (!there.has(`${row - 1},${c}`)) sides.push([corner(row, c, s), corner(row, c + 1, s)]);
      if (!there.has(`${row + 1},${c}`)) sides.push([corner(row + 1, c, s), corner(row + 1, c + 1, s)]);
    }
  }
  return sides;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
