// What may be done to an outline, over the views: how it is corrected, how large the brush is, and what follows.

import { t } from "../../language/language";
import { vertebra } from "../../model/store";
import { type Correct, put, setById, tool } from "../tool";
import { endNudge, likePoints, lineHere, millimetre, setSize } from "./correct";

const MODES = [
  { mode: "paint", words: t("Paint"), key: "P" },
  { mode: "erase", words: t("Erase"), key: "E" },
  { mode: "edge", words: t("Drag the edge"), key: "D" },
] as const;

export function CorrectWords({ t: own }: { t: Correct }) {
  const label = vertebra(own.vertebra)?.label;
  const film = setById(own.set)?.modality === "radiograph";
  const here = lineHere(own);
  return (
    <>
      {own.refused && <span class="ask">{own.refused} </span>}
      <b>{t("Outline of {label}:", { label })}</b>{" "}
      {t("{mode}{mode_2}{mode_3} {here} Points stay.", {
        mode: own.mode === "paint" && t("paint what belongs to it; Shift erases."),
        mode_2: own.mode === "erase" && t("erase what does not belong to it; Shift paints."),
        mode_3: own.mode === "edge" && t("drag its edge."),
        here: !film && here && (here.offset === null ? t("All slices follow.") : t("This slice alone.")),
      })}
    </>
  );
}

export function CorrectButtons({ t: own }: { t: Correct }) {
  const edge = own.mode === "edge";
  const size = Math.round((10 * (edge ? own.reach : own.radius)) / millimetre(own)) / 10;
  return (
    <>
      <fieldset class="seg" aria-label={t("How the outline is corrected")}>
        {MODES.map((one) => (
          <button
            type="button"
            key={one.mode}
            aria-pressed={own.mode === one.mode}
            onClick={() => {
              endNudge();
              tool.value = { ...own, mode: one.mode, refused: "" };
            }}
          >
            {one.words} <kbd>{one.key}</kbd>
          </button>
        ))}
      </fieldset>
      <label class="size">
        {edge ? t("Reach") : t("Radius")}{" "}
        <input
          type="range"
          min={edge ? 1 : 0.5}
          max={edge ? 24 : 12}
          step={0.1}
          value={size}
          aria-label={edge ? t("Reach along the edge") : t("Radius of the brush")}
          aria-valuetext={sized(own, size)}
          onInput={(e) => setSize(Number(e.currentTarget.value))}
        />
        <output>{sized(own, size)}</output>
        <kbd>[</kbd>
        <kbd>]</kbd>
      </label>
      <button type="button" class="ghost" onClick={likePoints}>
        {t("Take the line through the points")}
      </button>
      <button type="button" class="ghost" onClick={put}>
        {t("Done")} <kbd>{t("Enter")}</kbd>
      </button>
    </>
  );
}

/** On a film without a scale a size is a share of the body's height. */
function sized(own: Correct, mm: number): string {
  return setById(own.set)?.calibrated
    ? t("{toFixed} mm", { toFixed: mm.toFixed(1) })
    : t("{mm}% of its height", { mm: Math.round((100 * mm) / 26) });
}
