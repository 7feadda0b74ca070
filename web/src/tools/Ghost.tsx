// What a tool is about to make, drawn over the image before it is made.

import { AROUND, bodyPath, namePlace, polygon } from "../draw/body";
import { type Camera, type Size, toScreen } from "../draw/geometry";
import type { LandmarkSet, Point, Series } from "../model/types";
import { CorrectGhost } from "./correct/CorrectGhost";
import { merged, splitInto } from "./reshape";
import { ghostOf, levelOf, type Place, tool } from "./tool";

interface Props {
  set: LandmarkSet;
  series: Series;
  camera: Camera;
  size: Size;
}

export function Ghost({ set, series, camera, size }: Props) {
  const t = tool.value;
  if (!t || t.kind === "names" || t.set !== set.id) return null;
  const screen = (points: readonly Point[]) => points.map((p) => toScreen(p, camera, size));
  return (
    <svg class="over planned" width={size.width} height={size.height} aria-hidden="true">
      {t.kind === "place" && <Placing t={t} screen={screen} />}
      {t.kind === "split" && <Bodies bodies={splitInto(t)} screen={screen} />}
      {t.kind === "merge" && <Bodies bodies={[merged(t)].filter((b) => b !== null)} screen={screen} />}
      {t.kind === "correct" && <CorrectGhost t={t} series={series} camera={camera} size={size} />}
      {t.kind === "area" && t.ring.length > 2 && (
        <>
          <path class="halo" d={polygon(screen(t.ring))} />
          <path class="shape" d={polygon(screen(t.ring))} />
        </>
      )}
      {(t.kind === "outline" || t.kind === "area") && t.line.length > 1 && (
        <>
          <path class="pen halo" d={open(screen(t.line))} />
          <path class="pen" d={open(screen(t.line))} />
          <path class="closing" d={polygon(screen([t.line[t.line.length - 1], t.line[0]] as Point[]))} />
        </>
      )}
    </svg>
  );
}

type Screen = (points: readonly Point[]) => Point[];

const open = (points: readonly Point[]): string =>
  `M${points.map((p) => `${p[0].toFixed(1)},${p[1].toFixed(1)}`).join("L")}`;

function Placing({ t, screen }: { t: Place; screen: Screen }) {
  const points = screen(ghostOf(t));
  const placed = t.placed.length;
  return (
    <>
      <path class="halo" d={bodyPath(points)} />
      <path class="shape" d={bodyPath(points)} />
      {AROUND.map((i, k) => {
        const p = points[i];
        if (!p) return null;
        const kind = k < placed ? "done" : k === placed ? "next" : "later";
        return (
          <g key={i} class={`spot ${kind}`} transform={`translate(${p[0]} ${p[1]})`}>
            <circle r={kind === "later" ? 2.5 : 4.5} />
          </g>
        );
      })}
      <Label points={points} words={levelOf(t)} />
    </>
  );
}

function Bodies({ bodies, screen }: { bodies: { points: Point[]; level: string }[]; screen: Screen }) {
  return (
    <>
      {bodies.map((body) => {
        const points = screen(body.points);
        return (
          <g key={body.level}>
            <path class="halo" d={bodyPath(points)} />
            <path class="shape" d={bodyPath(points)} />
            <Label points={points} words={body.level} />
          </g>
        );
      })}
    </>
  );
}

/** Where the name of a body stands, in place of the one it bears: before the spine, never on it. */
function Label({ points, words }: { points: Point[]; words: string }) {
  const [x, y] = namePlace(points);
  return (
    <text class="would" x={x - 6} y={y + 4} text-anchor="end">
      {words}
    </text>
  );
}
