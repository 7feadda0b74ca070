// What the tool in hand wants from the reader, over the views: one line, and its few buttons.

import { useEffect, useRef } from "preact/hooks";
import { AROUND, bodyPath } from "../draw/body";
import { t } from "../language/language";
import { AreaButtons, AreaWords } from "../marrow/AreaGuide";
import { pointWords, setOf } from "../model/names";
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
  const hand = tool.value;
  const box = useRef<HTMLElement>(null);
  const kind = hand?.kind;
  useEffect(() => {
    if (kind && kind !== "names") box.current?.focus();
  }, [kind]);
  if (!hand) return null;
  return (
    <section class="guide" aria-label={t("Tool")} ref={box} tabIndex={-1}>
      <p aria-live="polite">
        {hand.kind === "place" && <Placing t={hand} />}
        {hand.kind === "split" && <Splitting t={hand} />}
        {hand.kind === "merge" && <Merging t={hand} />}
        {hand.kind === "outline" && <Drawing t={hand} />}
        {hand.kind === "area" && <AreaWords t={hand} />}
        {hand.kind === "correct" && <CorrectWords t={hand} />}
        {hand.kind === "names" && (
          <>
            <b>{t("Click a vertebra")}</b> {t("and choose its name.")}
          </>
        )}
      </p>
      <span class="row">
        {hand.kind === "place" && <PlaceButtons t={hand} />}
        {hand.kind === "split" && <SplitButtons t={hand} />}
        {hand.kind === "merge" && <MergeButtons t={hand} />}
        {hand.kind === "area" && <AreaButtons t={hand} />}
        {hand.kind === "outline" && !hand.region && (
          <button type="button" class="ghost" onClick={throughPoints}>
            {t("Take the line through the points")}
          </button>
        )}
        {hand.kind === "correct" ? (
          <CorrectButtons t={hand} />
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

function Placing({ t: hand }: { t: Place }) {
  const number = hand.placed.length;
  const name = pointWords(shown.value?.point_names[AROUND[number] as number] ?? "");
  return (
    <>
      <Diagram next={number} />
      <b>{t("{t}: click {name}", { t: levelOf(hand), name })}</b>{" "}
      {t("({number} of {AROUND}) on {set}", {
        number: number + 1,
        AROUND: AROUND.length,
        set: where(hand.set),
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

function PlaceButtons({ t: hand }: { t: Place }) {
  const set = setById(hand.set);
  return (
    <>
      {!hand.vertebra && set && (
        <label>
          {t("Name")}{" "}
          <select
            aria-label={t("Name of the new vertebra")}
            value={levelOf(hand)}
            onChange={(e) => (tool.value = { ...hand, level: e.currentTarget.value })}
          >
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <button type="button" class="ghost" disabled={hand.placed.length === 0} onClick={placeBack}>
        {t("Back")} <kbd>⌫</kbd>
      </button>
      <button type="button" class="ghost" onClick={placeRest}>
        {t("Take as drawn")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

function Splitting({ t: hand }: { t: Split }) {
  const [upper, lower] = splitInto(hand);
  return (
    <>
      <b>{t("Cut {label}:", { label: vertebra(hand.vertebra)?.label })}</b>{" "}
      {t("click where the disc lies; it becomes {level} and {level_2}, those {side} follow.", {
        level: upper?.level,
        level_2: lower?.level,
        side: hand.side,
      })}
    </>
  );
}

function SplitButtons({ t: hand }: { t: Split }) {
  return (
    <>
      <label>
        {t("New names go")}{" "}
        <select
          aria-label={t("Whose names move")}
          value={hand.side}
          onChange={(e) =>
            (tool.value = { ...hand, side: e.currentTarget.value === "above" ? "above" : "below" })
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

function Merging({ t: hand }: { t: Merge }) {
  const both = merged(hand);
  if (!both)
    return (
      <b>{t("There is no body beside {label} to merge with.", { label: vertebra(hand.vertebra)?.label })}</b>
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

function MergeButtons({ t: hand }: { t: Merge }) {
  const set = setOf(hand.vertebra);
  const beside = set ? neighbours(set, hand.vertebra) : [];
  return (
    <>
      {beside.map(
        (one) =>
          one && (
            <button
              type="button"
              key={one.id}
              class="ghost"
              aria-pressed={hand.other === one.id}
              onClick={() => (tool.value = { ...hand, other: one.id })}
            >
              {t("with {label}", { label: one.v.label })}
            </button>
          ),
      )}
      <button type="button" class="ghost" disabled={!merged(hand)} onClick={merge}>
        {t("Merge")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

function Drawing({ t: hand }: { t: Outline }) {
  return (
    <>
      {hand.refused && <span class="ask">{hand.refused} </span>}
      <b>
        {hand.region
          ? t("Draw {what} {label}", {
              what: hand.region.region === "csf" ? t("CSF behind") : t("the marrow of"),
              label: vertebra(hand.vertebra)?.label,
            })
          : t("Draw around {label}", { label: vertebra(hand.vertebra)?.label })}
      </b>{" "}
      {t("in one go on {slice}; the line closes itself.", {
        slice: hand.region ? t("slice {slice}", { slice: hand.region.slice + 1 }) : where(hand.set),
      })}
    </>
  );
}
