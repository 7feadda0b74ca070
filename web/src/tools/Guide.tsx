// What the tool in hand wants from the reader, over the views: one line, and its few buttons.

import { useEffect, useRef } from "preact/hooks";
import { AROUND, bodyPath } from "../draw/body";
import { t } from "../language/language";
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
  const own = tool.value;
  const box = useRef<HTMLElement>(null);
  const kind = own?.kind;
  useEffect(() => {
    if (kind && kind !== "names") box.current?.focus();
  }, [kind]);
  if (!own) return null;
  return (
    <section class="guide" aria-label={t("Tool")} ref={box} tabIndex={-1}>
      <p aria-live="polite">
        {own.kind === "place" && <Placing t={own} />}
        {own.kind === "split" && <Splitting t={own} />}
        {own.kind === "merge" && <Merging t={own} />}
        {own.kind === "outline" && <Drawing t={own} />}
        {own.kind === "correct" && <CorrectWords t={own} />}
        {own.kind === "names" && (
          <>
            <b>{t("Click a vertebra")}</b> {t("and choose its name.")}
          </>
        )}
      </p>
      <span class="row">
        {own.kind === "place" && <PlaceButtons t={own} />}
        {own.kind === "split" && <SplitButtons t={own} />}
        {own.kind === "merge" && <MergeButtons t={own} />}
        {own.kind === "outline" && !own.region && (
          <button type="button" class="ghost" onClick={throughPoints}>
            {t("Take the line through the points")}
          </button>
        )}
        {own.kind === "correct" ? (
          <CorrectButtons t={own} />
        ) : (
          <button type="button" class="ghost" onClick={put}>
            {t("Cancel")} <kbd>{t("Esc")}</kbd>
          </button>
        )}
      </span>
    </section>
  );
}

const where = (set: string): string => {
  const found = setById(set);
  return found?.modality === "radiograph" ? t("the radiograph") : (found?.name ?? "");
};

function Placing({ t: own }: { t: Place }) {
  const number = own.placed.length;
  const name = (shown.value?.point_names[AROUND[number] as number] ?? "").replace("_", " ");
  return (
    <>
      <Diagram next={number} />
      <b>{t("{t}: click {name}", { t: levelOf(own), name })}</b>{" "}
      {t("({number} of {AROUND}) on {set}", {
        number: number + 1,
        AROUND: AROUND.length,
        set: where(own.set),
      })}
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

function PlaceButtons({ t: own }: { t: Place }) {
  const set = setById(own.set);
  return (
    <>
      {!own.vertebra && set && (
        <label>
          {t("Name")}{" "}
          <select
            aria-label={t("Name of the new vertebra")}
            value={levelOf(own)}
            onChange={(e) => (tool.value = { ...own, level: e.currentTarget.value })}
          >
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <button type="button" class="ghost" disabled={own.placed.length === 0} onClick={placeBack}>
        {t("Back")} <kbd>⌫</kbd>
      </button>
      <button type="button" class="ghost" onClick={placeRest}>
        {t("Take as drawn")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

function Splitting({ t: own }: { t: Split }) {
  const [upper, lower] = splitInto(own);
  return (
    <>
      <b>{t("Cut {label}:", { label: vertebra(own.vertebra)?.label })}</b>{" "}
      {t("click where the disc lies; it becomes {level} and {level_2}, those {side} follow.", {
        level: upper?.level,
        level_2: lower?.level,
        side: own.side,
      })}
    </>
  );
}

function SplitButtons({ t: own }: { t: Split }) {
  return (
    <>
      <label>
        {t("New names go")}{" "}
        <select
          aria-label={t("Whose names move")}
          value={own.side}
          onChange={(e) =>
            (tool.value = { ...own, side: e.currentTarget.value === "above" ? "above" : "below" })
          }
        >
          <option value="below">{t("downwards")}</option>
          <option value="above">{t("upwards")}</option>
        </select>
      </label>
      <button type="button" class="ghost" onClick={split}>
        {t("Split")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

function Merging({ t: own }: { t: Merge }) {
  const both = merged(own);
  if (!both)
    return (
      <b>{t("There is no body beside {label} to merge with.", { label: vertebra(own.vertebra)?.label })}</b>
    );
  const [up, down] = both.ids.map((id) => vertebra(id)?.label);
  return (
    <>
      <b>{t("Merge {up} and {down}", { up, down })}</b>{" "}
      {t("into {level}; those below move up. Click another neighbour, or one of the two to merge.", {
        level: both.level,
      })}
    </>
  );
}

function MergeButtons({ t: own }: { t: Merge }) {
  const set = setOf(own.vertebra);
  const beside = set ? neighbours(set, own.vertebra) : [];
  return (
    <>
      {beside.map(
        (one) =>
          one && (
            <button
              type="button"
              key={one.id}
              class="ghost"
              aria-pressed={own.other === one.id}
              onClick={() => (tool.value = { ...own, other: one.id })}
            >
              {t("with {label}", { label: one.v.label })}
            </button>
          ),
      )}
      <button type="button" class="ghost" disabled={!merged(own)} onClick={merge}>
        {t("Merge")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

function Drawing({ t: own }: { t: Outline }) {
  return (
    <>
      {own.refused && <span class="ask">{own.refused} </span>}
      <b>
        {own.region
          ? t("Draw {what} {label}", {
              what: own.region.region === "csf" ? t("CSF behind") : t("the marrow of"),
              label: vertebra(own.vertebra)?.label,
            })
          : t("Draw around {label}", { label: vertebra(own.vertebra)?.label })}
      </b>{" "}
      {t("in one go on {slice}; the line closes itself.", {
        slice: own.region ? t("slice {slice}", { slice: own.region.slice + 1 }) : where(own.set),
      })}
    </>
  );
}
