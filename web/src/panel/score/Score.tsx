// NASOVCF: the total with its probability, then each item with its error against its threshold.

import { signal } from "@preact/signals";
import { COMMA, said, t } from "../../language/language";
import { light, pin, unlight } from "../../model/light";
import { edit, lit, shown, signed } from "../../model/store";
import type { Item, Score } from "../../model/types";
import { Gauge } from "./Gauge";

/** Whether what is to be minded of the score is read: closed, so that the findings come into sight. */
const mindOpen = signal(false);

export function ScorePart() {
  const score = shown.value?.score;
  if (!score) {
    return (
      <section class="part">
        <h2>NASOVCF</h2>
        <p class="dim">{t("No vertebra is assessed yet: select the fractured one and press I.")}</p>
      </section>
    );
  }
  return (
    <section class="part" data-score={score.total ?? ""}>
      <h2>
        {score.name}, {score.version}
        <MeasuredOn />
      </h2>
      {score.items.length > 0 && <Total score={score} />}
      <p class="sentence">{score.sentence}</p>
      {/* biome-ignore lint/a11y/useSemanticElements: the rows are laid out as a grid */}
      <div role="list" aria-label={t("Items")}>
        {score.items.map((item) => (
          <ItemRow key={item.name} item={item} />
        ))}
      </div>
      {score.reasons.length > 0 && (
        <ul class="notes ask">
          {score.reasons.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {score.advisories.length > 0 && (
        <details class="mind" open={mindOpen.value} onToggle={(e) => (mindOpen.value = e.currentTarget.open)}>
          <summary>
            {score.advisories.length === 1
              ? t("One thing to mind")
              : t("{n} things to mind", { n: score.advisories.length })}
          </summary>
          <ul class="notes dim small">
            {score.advisories.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function MeasuredOn() {
  const sets = (shown.value?.sets ?? []).filter((s) => s.vertebrae.length > 0);
  if (sets.length < 2) return null;
  return (
    <fieldset class="seg" aria-label={t("Measured on")}>
      {sets.map((s) => (
        <button
          type="button"
          key={s.id}
          aria-pressed={s.chosen}
          disabled={signed.value}
          onClick={() => edit({ kind: "choose image", landmark_set: s.id })}
        >
          {s.modality === "radiograph" ? t("Radiograph") : s.modality}
        </button>
      ))}
    </fieldset>
  );
}

function Total({ score }: { score: Score }) {
  return (
    <div class="total">
      <div class="big">
        {score.total_text || possible(score)}
        <small>
          {score.of}
          <b>{score.group && t("{group} group", { group: said(score.group) })}</b>
        </small>
      </div>
      <div
        class="columns"
        role="img"
        aria-label={t("Probability of each total: {join}", {
          join: score.columns.map((c) => `${c.total}: ${c.text || "0%"}`).join(COMMA),
        })}
      >
        {score.columns.map((c) => (
          <div key={c.total} class={c.total === score.total ? "here" : ""}>
            {c.text}
            <i style={{ height: `${Math.round(26 * (c.probability ?? 0)) + 2}px` }} />
            <span>{c.total}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The totals that are still possible: from the least to the most. */
function possible(score: Score): string {
  const [least, most] = [score.columns[0]?.total, score.columns.at(-1)?.total];
  return least === undefined || most === undefined ? "–" : least === most ? `${least}` : `${least}–${most}`;
}

function ItemRow({ item }: { item: Item }) {
  return (
    // biome-ignore lint/a11y: the key S pins what a click pins
    <div
      role="listitem"
      class={`item${item.lines && lit.value === item.lines ? " on" : ""}`}
      data-item={item.name}
      onPointerEnter={() => item.lines && light(item.lines)}
      onPointerLeave={unlight}
      onClick={() => item.lines && pin(item.lines)}
    >
      <div class="what">
        <span class="name">{item.name}</span>
        <span class="value">{item.text || item.finding}</span>
        <small>{item.doubt ? <strong>{item.doubt}</strong> : item.note}</small>
      </div>
      <Gauge item={item} />
      <span class={`points${item.points ? "" : " zero"}`}>
        <span class="hidden">{t("points:")} </span>
        {item.points ?? "?"}
      </span>
    </div>
  );
}
