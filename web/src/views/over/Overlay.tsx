// What is drawn over a picture: bodies, names before the spine, the lines of measurements, the points of a vertebra.

import { bodyPath, namePlace, polygon } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { t } from "../../language/language";
import { held, lit, outlineHeld, refusedAt, selected, shown, vertebra } from "../../model/store";
import type { LandmarkSet, Point, Vertebra } from "../../model/types";
import { draft } from "../../panel/History";
import { renaming } from "../../tools/tool";
import { LineValue } from "./LineValue";

interface Props {
  set: LandmarkSet;
  camera: Camera;
  size: Size;
  faint: boolean; // the slice shown is not the one of the points
}

export function Overlay({ set, camera, size, faint }: Props) {
  const screen = (points: readonly Point[]) => points.map((p) => toScreen(p, camera, size));
  const chosen = selected.value;
  const level = chosen && vertebra(chosen.vertebra)?.level;
  const here = set.vertebrae
    .map((id) => ({ id, v: vertebra(id) }))
    .filter((b) => b.v && b.v.points.length > 0);
  return (
    <svg class={faint ? "over faint" : "over"} width={size.width} height={size.height} aria-hidden="true">
      {here.map(({ id, v }) => (
        <Body key={id} id={id} v={v as Vertebra} screen={screen} selected={v?.level === level} />
      ))}
      <Measured
        set={set}
        screen={screen}
        size={size}
        names={here.map(({ v }) => namePlace(screen((v as Vertebra).points))[1])}
      />
      {here
        .filter(({ id }) => !renaming(id))
        .map(({ id, v }) => (
          <Name
            key={id}
            id={id}
            v={v as Vertebra}
            screen={screen}
            size={size}
            selected={v?.level === level}
          />
        ))}
      {here
        .filter(({ v }) => v?.level === level)
        .map(({ id, v }) => (
          <Points
            key={id}
            v={v as Vertebra}
            screen={screen}
            at={chosen?.vertebra === id ? chosen.point : null}
          />
        ))}
    </svg>
  );
}

type Screen = (points: readonly Point[]) => Point[];

function Body({
  id,
  v,
  screen,
  selected: on,
}: {
  id: string;
  v: Vertebra;
  screen: Screen;
  selected: boolean;
}) {
  const outline = outlineHeld(id, null) ?? shown.value?.outlines[id];
  const path = bodyPath(screen(v.points));
  const asked = shown.value?.questions.some((q) => q.set === v.set);
  const kind = `body${on ? " on" : ""}${v.withheld ? " none" : ""}${asked ? " asked" : ""}`;
  const refused = refusedAt(id);
  const before = draft.value?.points[id];
  return (
    <g class={kind}>
      {before?.some((p, i) => p[0] !== v.points[i]?.[0] || p[1] !== v.points[i]?.[1]) && (
        <path class="draft" d={bodyPath(screen(before))} />
      )}
      {refused && <path class="refused" d={bodyPath(screen(refused.points))} />}
      {outline && on && (
        <path
          class={`seen${v.stale || (held.value?.vertebra === id && !held.value.outline) ? " stale" : ""}${v.redrawn ? " mine" : ""}`}
          d={polygon(screen(outline))}
        />
      )}
      <path class="halo" d={path} />
      <path class="edge" d={path} data-body={id} />
    </g>
  );
}

function Name({
  id,
  v,
  screen,
  size,
  selected: on,
}: {
  id: string;
  v: Vertebra;
  screen: Screen;
  size: Size;
  selected: boolean;
}) {
  const sacral = shown.value?.questions.find((q) => q.set === v.set)?.sacral[id];
  const label = sacral ? t("{label} S1: {share}", { label: v.label, share: sacral }) : v.label;
  const width = 12 + 7.4 * label.length;
  const [before, y] = namePlace(screen(v.points));
  const x = Math.max(before, width + 3); // at the edge of the view a name moves in rather than being cut
  if (y < 10 || y > size.height - 10) return null;
  const asked = shown.value?.questions.some((q) => q.set === v.set);
  const index = !asked && v.level === shown.value?.index;
  return (
    <g
      class={`name${on ? " on" : ""}${v.moved.length ? " moved" : ""}`}
      transform={`translate(${x} ${y})`}
      data-name={id}
    >
      <rect x={-width} y={-10} width={width} height={20} rx={5} />
      <text x={-width / 2} y={4} text-anchor="middle">
        {label}
      </text>
      {index && <path class="index" d={`M${-width - 9},-4l6,4l-6,4z`} />}
    </g>
  );
}

interface MeasuredProps {
  set: LandmarkSet;
  screen: Screen;
  size: Size;
  names: readonly number[];
}

function Measured({ set, screen, size, names }: MeasuredProps) {
  const lines = (shown.value?.lines[set.id] ?? []).filter((l) => l.measurement === lit.value);
  return (
    <>
      {lines.map((line) => (
        <g key={line.measurement} class="measured">
          {line.segments.map((segment, i) => {
            const [[x1, y1], [x2, y2]] = screen(segment) as [Point, Point];
            const more = line.measurement === "ka-han" ? 0.35 : 0; // endplates run on a little, heights do not
            const [dx, dy] = [(x2 - x1) * more, (y2 - y1) * more];
            return <line key={i} x1={x1 - dx} y1={y1 - dy} x2={x2 + dx} y2={y2 + dy} />;
          })}
          {line.text && (
            <LineValue
              measurement={line.measurement}
              text={line.text}
              points={screen(line.segments.flat())}
              size={size}
              names={names}
            />
          )}
        </g>
      ))}
    </>
  );
}

function Points({ v, screen, at }: { v: Vertebra; screen: Screen; at: number | null }) {
  const names = shown.value?.point_names ?? [];
  const at95 = screen(v.points.map((p, i) => [p[0] + (v.radius[i] ?? 0), p[1]]));
  return (
    <>
      {screen(v.points).map(([x, y], i) => {
        const name = names[i] ?? "";
        const edited = v.moved.includes(name);
        const holding = at === i && held.value !== null; // the pixel under it stays visible
        const radius = (at95[i]?.[0] ?? x) - x;
        return (
          <g
            key={name}
            class={`point${edited ? " edited" : ""}${at === i ? " on" : ""}`}
            transform={`translate(${x} ${y})`}
            data-point={name}
          >
            {!edited && radius > 7 && radius < 60 && <circle class="doubt" r={radius} />}
            {holding ? (
              <path class="cross" d="M-13,0H-4M4,0H13M0,-13V-4M0,4V13" />
            ) : edited ? (
              <path class="mark" d="M0,-6L6,0L0,6L-6,0Z" />
            ) : (
              <circle class="mark" r={4.5} />
            )}
          </g>
        );
      })}
    </>
  );
}
