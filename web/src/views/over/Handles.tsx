// The points of the selected vertebra for the keyboard and for a screen reader: sliders with names, 26 px wide.

import { drawNow } from "../../common/drawNow";
import { AROUND, namePlace } from "../../draw/body";
import { type Camera, type Size, toScreen } from "../../draw/geometry";
import { t } from "../../language/language";
import { placed, placedBy, pointWords } from "../../model/names";
import { selected, shown, vertebra } from "../../model/store";
import type { LandmarkSet, Series } from "../../model/types";
import { CorrectHandle } from "../../tools/correct/CorrectGhost";
import { tool } from "../../tools/tool";
import { counterpart } from "../pointer/counterpart";
import { arrow } from "../pointer/gesture";
import { EndplateHandles, type HandleProps } from "./Endplate";

interface Props {
  set: LandmarkSet;
  series: Series;
  camera: Camera;
  size: Size;
  tabs: boolean; // the same points stand in every series of a set; Tab goes through them once
}

export function Handles({ set, series, camera, size, tabs }: Props) {
  const id = counterpart(set);
  const v = id && vertebra(id);
  const hand = tool.value;
  if (hand?.kind === "correct" && hand.set === set.id)
    return tabs ? <CorrectHandle t={hand} series={series} camera={camera} size={size} /> : null;
  if (!id || !v) return null;
  const names = shown.value?.point_names ?? [];

  const key = (event: KeyboardEvent, i: number) => {
    if (event.key === "Tab" && !event.shiftKey && i === AROUND[AROUND.length - 1]) toNext(event, set, id);
    arrow(event, set.calibrated, camera.scale);
  };

  return (
    <>
      {AROUND.filter((i) => i < v.points.length).map((i) => {
        const p = v.points[i];
        if (!p) return null;
        const [x, y] = toScreen(p, camera, size);
        const name = names[i] ?? "";
        return (
          <div
            key={name}
            class="handle"
            role="slider"
            tabIndex={tabs ? 0 : -1}
            style={{ transform: `translate(${x - 13}px, ${y - 13}px)` }}
            aria-label={`${v.label} ${pointWords(name)}`}
            aria-valuenow={Math.round(p[1] * 10) / 10}
            {...placed(
              p,
              id,
              t("{v}, {errors}", { v: placedBy(v, [i]), errors: v.errors[i] ?? t("error not known") }),
            )}
            data-handle={name}
            onFocus={() => (selected.value = { vertebra: id, point: i })}
            onKeyDown={(event) => key(event, i)}
          />
        );
      })}
      <EndplateHandles id={id} v={v} tabs={tabs} camera={camera} size={size} key_={key} />
      <Whole id={id} v={v} tabs={tabs} camera={camera} size={size} key_={key} />
    </>
  );
}

/** The whole vertebra, where its name stands: arrows move all of its points. The pointer takes the name itself. */
function Whole({ id, v, tabs, camera, size, key_ }: HandleProps) {
  if (v.points.length === 0) return null;
  const [x, y] = namePlace(v.points.map((p) => toScreen(p, camera, size)));
  return (
    <div
      class="handle whole"
      role="slider"
      tabIndex={tabs ? 0 : -1}
      style={{ transform: `translate(${x - 30}px, ${y - 13}px)` }}
      aria-label={t("{label}, the whole vertebra", { label: v.label })}
      aria-valuenow={Math.round((v.points[0]?.[1] ?? 0) * 10) / 10}
      {...placed(v.points[0] ?? [0, 0], id, v.moved.length ? t("edited") : t("automatic"))}
      data-handle="whole"
      onFocus={() => (selected.value = { vertebra: id, point: null })}
      onKeyDown={(event) => key_(event, -1)}
    />
  );
}

/** From the last point of a vertebra to the first of the next; below the lowest one Tab leaves the view. */
function toNext(event: KeyboardEvent, set: LandmarkSet, id: string): void {
  const next = set.vertebrae.slice(set.vertebrae.indexOf(id) + 1).find((v) => vertebra(v)?.points.length);
  if (!next) return;
  event.preventDefault();
  const view = (event.currentTarget as Element).closest(".stage");
  drawNow(() => {
    selected.value = { vertebra: next, point: AROUND[0] };
  });
  view?.querySelector<HTMLElement>("[data-handle]")?.focus();
}
