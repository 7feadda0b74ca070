// An endplate that is taken as a line: drawn bright with its two ends, and the same three for the keyboard.

import { bent, ENDPLATE } from "../../draw/endplate";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { said, t } from "../../language/language";
import { placed, placedBy } from "../../model/names";
import { selected, vertebra } from "../../model/store";
import type { Endplate, LandmarkSet, Point, Vertebra } from "../../model/types";
import { tool } from "../../tools/tool";

interface Props {
  set: LandmarkSet;
  camera: Camera;
  size: Size;
  faint: boolean; // the slice shown is not the one of the points
}

const ends = (v: Vertebra, line: Endplate): [Point, Point, Point | undefined] | null => {
  const [a, p, m] = ENDPLATE[line].map((i) => v.points[i]);
  return a && p ? [a, p, m] : null;
};

export function EndplateLine({ set, camera, size, faint }: Props) {
  const line = tool.value ? undefined : selected.value?.line;
  const id = line && set.vertebrae.find((one) => one === selected.value?.vertebra);
  const v = id ? vertebra(id) : undefined;
  const three = line && v ? ends(v, line) : null;
  if (!three) return null;
  const [a, p, m] = three.map((q) => q && toScreen(q, camera, size)) as [Point, Point, Point | undefined];
  const path = `M${bent(a, m, p)
    .map((q) => `${q[0].toFixed(1)},${q[1].toFixed(1)}`)
    .join("L")}`;
  return (
    <svg
      class={`over endplate${faint ? " faint" : ""}`}
      width={size.width}
      height={size.height}
      aria-hidden="true"
    >
      <path class="halo" d={path} />
      <path class="line" d={path} data-endplate={line} />
      {[a, p].map(([x, y], i) => (
        <rect key={i} class="end" x={x - 5} y={y - 5} width={10} height={10} />
      ))}
    </svg>
  );
}

/** What the handles of a vertebra need: whether Tab goes to them, where they are shown, and who hears their keys. */
export interface HandleProps {
  id: string;
  v: Vertebra;
  tabs: boolean;
  camera: Camera;
  size: Size;
  key_: (event: KeyboardEvent, i: number) => void;
}

export function EndplateHandles({ id, v, tabs, camera, size, key_ }: HandleProps) {
  const line = selected.value?.line;
  const three = line && selected.value?.vertebra === id && ends(v, line);
  if (!line || !three) return null;
  const [a, p, m] = three;
  const middle = m ?? [(a[0] + p[0]) / 2, (a[1] + p[1]) / 2];
  // The line is taken between an end and its middle: the middle is a point of its own.
  const grips = [
    {
      name: `${line} endplate`,
      words: t("{line} endplate", { line: said(line) }),
      point: null,
      at: [(a[0] + middle[0]) / 2, (a[1] + middle[1]) / 2] as Point,
    },
    {
      name: `${line} endplate, anterior end`,
      words: t("{line} endplate, anterior end", { line: said(line) }),
      point: ENDPLATE[line][0],
      at: a,
    },
    {
      name: `${line} endplate, posterior end`,
      words: t("{line} endplate, posterior end", { line: said(line) }),
      point: ENDPLATE[line][1],
      at: p,
    },
  ];
  return (
    <>
      {grips.map(({ name, words, point, at }) => {
        const [x, y] = toScreen(at, camera, size);
        return (
          <div
            key={name}
            class="handle untouched"
            role="slider"
            tabIndex={tabs ? 0 : -1}
            style={{ transform: `translate(${x - 13}px, ${y - 13}px)` }}
            aria-label={`${v.label} ${words}`}
            aria-valuenow={Math.round(at[1] * 10) / 10}
            {...placed(at, id, placedBy(v, point === null ? ENDPLATE[line] : [point]))}
            data-handle={name}
            onFocus={() => (selected.value = { vertebra: id, point, line })}
            onKeyDown={(event) => key_(event, -1)}
          />
        );
      })}
    </>
  );
}
