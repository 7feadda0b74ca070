// One visit, to look at: its picture, the bodies with their names, and between what height loss and kyphosis were measured.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { bodyPath, inside, namePlace, ring } from "../draw/body";
import { type Camera, type Size, toFrame, toScreen } from "../draw/geometry";
import { dragged, FULL, type Window } from "../draw/grey";
import { t } from "../language/language";
import type { LandmarkSet, Point, Series } from "../model/types";
import { Image } from "../views/Image";
import { firstWindow } from "../views/looks";
import { LineValue } from "../views/over/LineValue";
import { arrived, pixelsOf } from "../views/pictures";
import { useSize } from "../views/useSize";
import { bodiesOf, type Laid, pictureAt, type Seen, setOf } from "./link";
import { usePane } from "./usePane";
import "./pane.css";

interface Props {
  /** What the view is called. */
  label: string;
  seen: Seen;
  series: Series;
  camera: Camera | null;
  slice: number;
  level: string;
  /** Bodies of an earlier visit, laid over this one. */
  laid?: Laid | null;
  head: ComponentChildren;
  onSize(size: Size): void;
  onPan(by: Point): void;
  onZoom(factor: number): void;
  onSlice(step: number): void;
  onLevel(level: string): void;
}

export function Pane(props: Props) {
  const { label, seen, series, camera, slice, level, laid, head } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [window, setWindow] = useState<Window | null>(null);
  const set = setOf(seen.view, series);
  const picture = pictureAt(series, slice);
  const pixels = arrived.value >= 0 && picture ? pixelsOf(picture.number, seen.from) : undefined;
  useEffect(() => {
    if (size && size.width > 0) props.onSize(size);
  }, [size?.width, size?.height]);
  useEffect(() => setWindow(null), [seen, series]);
  useEffect(() => {
    if (!window && pixels && picture) setWindow(firstWindow(seen.view, series, picture, pixels));
  }, [window, pixels, picture, seen, series]);

  const pointer = usePane(box, series.pictures.length > 1, {
    onPan: props.onPan,
    onZoom: props.onZoom,
    onSlice: props.onSlice,
    onWindow: (by) => setWindow((now) => dragged(now ?? FULL, by)),
    onClick: (at) => {
      if (!camera || !size || !set) return;
      const there = toFrame(at, camera, size);
      const body = bodiesOf(seen.view, set).find((v) => inside(there, ring(v.points)));
      if (body) props.onLevel(body.level);
    },
  });
  const screen = (points: readonly Point[]): Point[] =>
    camera && size ? points.map((p) => toScreen(p, camera, size)) : [];
  return (
    <section class="view pane" aria-label={label}>
      <header class="strip">{head}</header>
      <div ref={box} class="stage" data-camera={camera ? JSON.stringify(camera) : undefined} {...pointer}>
        {camera && size ? (
          <>
            <Image
              picture={picture}
              camera={camera}
              size={size}
              window={window ?? FULL}
              label={`${label}, ${series.description}`}
              from={seen.from}
            />
            <svg class="over" width={size.width} height={size.height} aria-hidden="true">
              {set &&
                bodiesOf(seen.view, set).map((v) => {
                  const path = bodyPath(screen(v.points));
                  const width = 12 + 7.4 * v.label.length;
                  const [before, y] = namePlace(screen(v.points));
                  const x = Math.max(before, width + 3);
                  const on = v.level === level ? " on" : "";
                  return (
                    <g key={v.id}>
                      <g class={`body${on}`}>
                        <path class="halo" d={path} />
                        <path class="edge" d={path} />
                      </g>
                      <g class={`name${on}`} transform={`translate(${x} ${y})`} data-level={v.level}>
                        <rect x={-width} y={-10} width={width} height={20} rx={5} />
                        <text x={-width / 2} y={4} text-anchor="middle">
                          {v.label}
                        </text>
                      </g>
                    </g>
                  );
                })}
              {laid?.bodies.map((b) => (
                <path key={b.level} class="laid" d={bodyPath(screen(b.points))} data-laid={b.level} />
              ))}
              {set && <Lines seen={seen} all={set} screen={screen} size={size} />}
            </svg>
          </>
        ) : (
          <p class="calm">
            {set ? t("{level} is not marked here.", { level }) : t("No vertebra is marked on this image.")}
          </p>
        )}
      </div>
    </section>
  );
}

const KYPHOSIS = "ka-han";

/** The endplates that kyphosis was measured between, with its value. */
function Lines({
  seen,
  all,
  screen,
  size,
}: {
  seen: Seen;
  all: LandmarkSet;
  size: Size;
  screen: (points: readonly Point[]) => Point[];
}) {
  const lines = (seen.view.lines[all.id] ?? []).filter((l) => l.measurement === KYPHOSIS);
  return (
    <>
      {lines.map((line) => {
        const drawn = line.segments.map((s) => screen(s) as [Point, Point]);
        return (
          <g key={line.measurement} class="measured">
            {drawn.map(([[x1, y1], [x2, y2]], i) => {
              const [dx, dy] = [(x2 - x1) * 0.35, (y2 - y1) * 0.35];
              return <line key={i} x1={x1 - dx} y1={y1 - dy} x2={x2 + dx} y2={y2 + dy} />;
            })}
            <LineValue
              measurement={KYPHOSIS}
              text={line.text}
              points={drawn.flat()}
              size={size}
              names={bodiesOf(seen.view, all).map((v) => namePlace(screen(v.points))[1])}
            />
          </g>
        );
      })}
    </>
  );
}
