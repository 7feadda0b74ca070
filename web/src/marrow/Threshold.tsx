// The bar over the views while marrow signal is painted: the signal of the body and of sound bodies, and the threshold,
// which a slider moves.

import { useEffect, useRef } from "preact/hooks";
import { COMMA, t } from "../language/language";
import { saved, shown, signed, vertebra } from "../model/store";
import {
  automatic,
  bodyOf,
  byKeys,
  endSliding,
  giveUpSliding,
  letGoSlider,
  opacity,
  painting,
  signals,
  silent,
  slide,
  sliding,
  there,
  toSlider,
  turnPainting,
  which,
} from "./state";
import type { SignalView, ThresholdName } from "./types";

const WORDS: Record<ThresholdName, string> = { edema: t("Edema"), t2: t("T2 low and high") };
const LEAST = 0.5;
const MOST = 20;
const STEP = 0.1;

export function Threshold() {
  if (!painting.value) return null;
  const view = signals.value[which.value];
  const name = vertebra(bodyOf(which.value) ?? "")?.label ?? "";
  return (
    <section class="guide threshold" aria-label={t("Marrow signal")}>
      <span class="row kinds">
        {there().map((one) => (
          <button
            type="button"
            class="ghost"
            key={one}
            aria-pressed={which.value === one}
            onClick={() => {
              giveUpSliding();
              which.value = one;
            }}
          >
            {WORDS[one]}
          </button>
        ))}
      </span>
      {view ? (
        <Chart view={view} />
      ) : (
        <p class="why">{silent.value[which.value] || t("Reading the signal")}</p>
      )}
      <p class="told" aria-live="polite">
        <b data-counted-as={which.value}>
          {view?.said || view?.refused || ""}
          {view?.said ? t(" of {name}", { name }) : ""}
        </b>
        {view?.doubt && <small>{view.doubt}</small>}
        {view && <small>{thresholdWords(view)}</small>}
      </p>
      <span class="row">
        <button
          type="button"
          class="ghost"
          disabled={signed.value || !isSet()}
          onClick={automatic}
          title={t("Back to {usual} SD", { usual: view?.usual ?? 3 })}
        >
          {t("Automatic")}
        </button>
        <label>
          {t("Strength")}{" "}
          <input
            type="range"
            min={0.2}
            max={1}
            step={0.1}
            value={opacity.value}
            aria-label={t("Strength of the paint")}
            onInput={(e) => (opacity.value = Number(e.currentTarget.value))}
          />
        </label>
        <button type="button" class="ghost" onClick={turnPainting}>
          {t("Off")} <kbd>T</kbd>
        </button>
      </span>
    </section>
  );
}

const isSet = (): boolean =>
  saved.value?.choices.thresholds.some((t) => t.name === which.value && t.by !== "") ?? false;

function thresholdWords(view: SignalView): string {
  const sd = (sliding.value ?? view.sd).toFixed(1);
  if (sliding.value !== null) return t("Threshold {sd} SD, automatic {usual}", { sd, usual: view.usual });
  const by = shown.value?.choices.thresholds.find((t) => t.name === view.name)?.by;
  return by
    ? t("Threshold {sd} SD set by {by}, automatic {usual}", { sd, by, usual: view.usual })
    : t("Threshold {sd} SD, automatic", { sd });
}

const WIDTH = 240;
const HEIGHT = 46;

function Chart({ view }: { view: SignalView }) {
  const slider = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (toSlider.now) slider.current?.focus();
    toSlider.now = false;
  }, []);
  const low = view.edges[0] ?? 0;
  const high = view.edges.at(-1) ?? 1;
  const x = (sd: number) => (WIDTH * (sd - low)) / (high - low);
  const peak = Math.max(...view.bars, ...view.healthy, 1e-9);
  const steps = (bars: readonly number[]) =>
    `M0,${HEIGHT}${bars
      .map((share, i) => {
        const y = HEIGHT - (HEIGHT - 4) * Math.sqrt(share / peak);
        return `L${x(view.edges[i] ?? 0).toFixed(1)},${y.toFixed(1)}H${x(view.edges[i + 1] ?? 0).toFixed(1)}`;
      })
      .join("")}V${HEIGHT}Z`;
  const sd = sliding.value ?? view.sd;
  const most = Math.min(MOST, Math.max(high, sd));
  const twoSided = view.name === "t2";
  return (
    <span class="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={t("Signal of {level} beside that of sound bodies ({join})", {
          level: view.level,
          join: view.reference.join(COMMA),
        })}
      >
        <path class="sound" d={steps(view.healthy)} />
        <path class="own" d={steps(view.bars)} />
        <path class="usual" d={`M${x(view.usual)},0V${HEIGHT}`} />
        <path class="now" d={`M${x(sd)},0V${HEIGHT}`} />
        {twoSided && <path class="now" d={`M${x(-sd)},0V${HEIGHT}`} />}
      </svg>
      <input
        ref={slider}
        type="range"
        min={LEAST}
        max={most}
        step={STEP}
        value={sd}
        disabled={signed.value}
        aria-label={t("Threshold of {WORDS}", { WORDS: WORDS[view.name] })}
        aria-valuetext={t("{toFixed} SD of sound marrow", { toFixed: sd.toFixed(1) })}
        data-slider={view.name}
        style={{ marginLeft: `${x(LEAST) - 8}px`, width: `${x(most) - x(LEAST) + 16}px` }}
        onInput={(e) => slide(Number(e.currentTarget.value))}
        onPointerDown={() => byKeys(false)}
        onChange={letGoSlider}
        onBlur={endSliding}
        onKeyDown={(e) => {
          if (e.key === "Escape") giveUpSliding();
          else byKeys(true);
        }}
      />
      <span class="legend">
        <i class="own" /> {view.level} <i class="sound" />{" "}
        {t("sound bodies, {reference}", { reference: view.reference.length })}
      </span>
    </span>
  );
}
