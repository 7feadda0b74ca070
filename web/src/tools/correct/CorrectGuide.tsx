// What may be done to an outline, over the views: how it is corrected, how large the brush is, and what follows.

import { vertebra } from "../../model/store";
import { type Correct, put, setById, tool } from "../tool";
import { endNudge, likePoints, lineHere, millimetre, setSize } from "./correct";

const MODES = [
  { mode: "paint", words: "Paint", key: "P" },
  { mode: "erase", words: "Erase", key: "E" },
  { mode: "edge", words: "Drag the edge", key: "D" },
] as const;

export function CorrectWords({ t }: { t: Correct }) {
  const label = vertebra(t.vertebra)?.label;
  const film = setById(t.set)?.modality === "radiograph";
  const here = lineHere(t);
  return (
    <>
      {t.refused && <span class="ask">{t.refused} </span>}
      <b>Outline of {label}:</b> {t.mode === "paint" && "paint what belongs to it; Shift erases."}
      {t.mode === "erase" && "erase what does not belong to it; Shift paints."}
      {t.mode === "edge" && "drag its edge."}{" "}
      {!film && here && (here.offset === null ? "All slices follow." : "This slice alone.")} Points stay.
    </>
  );
}

export function CorrectButtons({ t }: { t: Correct }) {
  const edge = t.mode === "edge";
  const size = Math.round((10 * (edge ? t.reach : t.radius)) / millimetre(t)) / 10;
  return (
    <>
      <fieldset class="seg" aria-label="How the outline is corrected">
        {MODES.map((one) => (
          <button
            type="button"
            key={one.mode}
            aria-pressed={t.mode === one.mode}
            onClick={() => {
              endNudge();
              tool.value = { ...t, mode: one.mode, refused: "" };
            }}
          >
            {one.words} <kbd>{one.key}</kbd>
          </button>
        ))}
      </fieldset>
      <label class="size">
        {edge ? "Reach" : "Radius"}{" "}
        <input
          type="range"
          min={edge ? 1 : 0.5}
          max={edge ? 24 : 12}
          step={0.1}
          value={size}
          aria-label={edge ? "Reach along the edge" : "Radius of the brush"}
          aria-valuetext={sized(t, size)}
          onInput={(e) => setSize(Number(e.currentTarget.value))}
        />
        <output>{sized(t, size)}</output>
        <kbd>[</kbd>
        <kbd>]</kbd>
      </label>
      <button type="button" class="ghost" onClick={likePoints}>
        Take the line through the points
      </button>
      <button type="button" class="ghost" onClick={put}>
        Done <kbd>Enter</kbd>
      </button>
    </>
  );
}

/** On a film without a scale a size is a share of the body's height. */
function sized(t: Correct, mm: number): string {
  return setById(t.set)?.calibrated ? `${mm.toFixed(1)} mm` : `${Math.round((100 * mm) / 26)}% of its height`;
}
