// What the tool in hand wants from the reader, over the views: one line, and its few buttons.

import { useEffect, useRef } from "preact/hooks";
import { AROUND, bodyPath } from "../draw/body";
import { AreaButtons, AreaWords } from "../marrow/AreaGuide";
import { setOf } from "../model/names";
import { shown, vertebra } from "../model/store";
import type { Point } from "../model/types";
import { CorrectButtons, CorrectWords } from "./correct/CorrectGuide";
import { merge, merged, neighbours, split, splitInto, throughPoints } from "./reshape";
import {
  levelOf,
  type Merge,
  type Outline,
  type Place,
  placeBack,
  placeRest,
  put,
  type Split,
  setById,
  tool,
} from "./tool";

export function Guide() {
  const t = tool.value;
  const box = useRef<HTMLElement>(null);
  const kind = t?.kind;
  useEffect(() => {
    if (kind && kind !== "names") box.current?.focus();
  }, [kind]);
  if (!t) return null;
  return (
    <section class="guide" aria-label="Tool" ref={box} tabIndex={-1}>
      <p aria-live="polite">
        {t.kind === "place" && <Placing t={t} />}
        {t.kind === "split" && <Splitting t={t} />}
        {t.kind === "merge" && <Merging t={t} />}
        {t.kind === "outline" && <Drawing t={t} />}
        {t.kind === "area" && <AreaWords t={t} />}
        {t.kind === "correct" && <CorrectWords t={t} />}
        {t.kind === "names" && (
          <>
            <b>Click a vertebra</b> and choose its name.
          </>
        )}
      </p>
      <span class="row">
        {t.kind === "place" && <PlaceButtons t={t} />}
        {t.kind === "split" && <SplitButtons t={t} />}
        {t.kind === "merge" && <MergeButtons t={t} />}
        {t.kind === "area" && <AreaButtons t={t} />}
        {t.kind === "outline" && !t.region && (
          <button type="button" class="ghost" onClick={throughPoints}>
            Take the line through the points
          </button>
        )}
        {t.kind === "correct" ? (
          <CorrectButtons t={t} />
        ) : (
          <button type="button" class="ghost" onClick={put}>
            Cancel <kbd>Esc</kbd>
          </button>
        )}
      </span>
    </section>
  );
}

const where = (set: string): string => {
  const found = setById(set);
  return found?.modality === "radiograph" ? "the radiograph" : (found?.name ?? "");
};

function Placing({ t }: { t: Place }) {
  const number = t.placed.length;
  const name = (shown.value?.point_names[AROUND[number] as number] ?? "").replace("_", " ");
  return (
    <>
      <Diagram next={number} />
      <b>
        {levelOf(t)}: click {name}
      </b>{" "}
      ({number + 1} of {AROUND.length}) on {where(t.set)}
    </>
  );
}

const ICON: Point[] = [
  [4, 5],
  [34, 3],
  [4, 21],
  [34, 23],
  [19, 6],
  [19, 20],
];

function Diagram({ next }: { next: number }) {
  return (
    <svg class="diagram" width={38} height={26} aria-hidden="true">
      <path d={bodyPath(ICON)} />
      {AROUND.map((i, k) => (
        <circle
          key={i}
          class={k < next ? "done" : k === next ? "next" : ""}
          cx={ICON[i]?.[0]}
          cy={ICON[i]?.[1]}
          r={k === next ? 3.5 : 2}
        />
      ))}
    </svg>
  );
}

function PlaceButtons({ t }: { t: Place }) {
  const set = setById(t.set);
  return (
    <>
      {!t.vertebra && set && (
        <label>
          Name{" "}
          <select
            aria-label="Name of the new vertebra"
            value={levelOf(t)}
            onChange={(e) => (tool.value = { ...t, level: e.currentTarget.value })}
          >
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <button type="button" class="ghost" disabled={t.placed.length === 0} onClick={placeBack}>
        Back <kbd>⌫</kbd>
      </button>
      <button type="button" class="ghost" onClick={placeRest}>
        Take as drawn <kbd>Enter</kbd>
      </button>
    </>
  );
}

function Splitting({ t }: { t: Split }) {
  const [upper, lower] = splitInto(t);
  return (
    <>
      <b>Cut {vertebra(t.vertebra)?.label}:</b> click where the disc lies; it becomes {upper?.level} and{" "}
      {lower?.level}, those {t.side} follow.
    </>
  );
}

function SplitButtons({ t }: { t: Split }) {
  return (
    <>
      <label>
        New names go{" "}
        <select
          aria-label="Whose names move"
          value={t.side}
          onChange={(e) =>
            (tool.value = { ...t, side: e.currentTarget.value === "above" ? "above" : "below" })
          }
        >
          <option value="below">downwards</option>
          <option value="above">upwards</option>
        </select>
      </label>
      <button type="button" class="ghost" onClick={split}>
        Split <kbd>Enter</kbd>
      </button>
    </>
  );
}

function Merging({ t }: { t: Merge }) {
  const both = merged(t);
  if (!both) return <b>There is no body beside {vertebra(t.vertebra)?.label} to merge with.</b>;
  const [up, down] = both.ids.map((id) => vertebra(id)?.label);
  return (
    <>
      <b>
        Merge {up} and {down}
      </b>{" "}
      into {both.level}; those below move up. Click another neighbour, or one of the two to merge.
    </>
  );
}

function MergeButtons({ t }: { t: Merge }) {
  const set = setOf(t.vertebra);
  const beside = set ? neighbours(set, t.vertebra) : [];
  return (
    <>
      {beside.map(
        (one) =>
          one && (
            <button
              type="button"
              key={one.id}
              class="ghost"
              aria-pressed={t.other === one.id}
              onClick={() => (tool.value = { ...t, other: one.id })}
            >
              with {one.v.label}
            </button>
          ),
      )}
      <button type="button" class="ghost" disabled={!merged(t)} onClick={merge}>
        Merge <kbd>Enter</kbd>
      </button>
    </>
  );
}

function Drawing({ t }: { t: Outline }) {
  return (
    <>
      {t.refused && <span class="ask">{t.refused} </span>}
      <b>
        {t.region
          ? `Draw ${t.region.region === "csf" ? "CSF behind" : "the marrow of"} ${vertebra(t.vertebra)?.label}`
          : `Draw around ${vertebra(t.vertebra)?.label}`}
      </b>{" "}
      in one go on {t.region ? `slice ${t.region.slice + 1}` : where(t.set)}; the line closes itself.
    </>
  );
}
