// What holds for the whole study: what each series is read for, how many vertebrae there are, from where signal counts.

import { said, t } from "../language/language";
import { edit, shown, signed } from "../model/store";

export function Study() {
  return (
    <>
      <SeriesPart />
      <ColumnPart />
      <ThresholdPart />
    </>
  );
}

function SeriesPart() {
  const choices = shown.value?.choices;
  if (!choices) return null;
  return (
    <section class="part">
      <h2>{t("Series")}</h2>
      <div class="facts">
        {choices.studied.map((s) => (
          <label key={s.uid} class={s.changed ? "mine" : ""}>
            <span>
              {s.description}
              <small>
                {[...s.reasons, s.seen ? "" : t("no pictures of it were kept")].filter(Boolean).join("; ")}
              </small>
            </span>
            <select
              value={s.role}
              disabled={signed.value}
              data-series-role={s.uid}
              onChange={(e) => edit({ kind: "set role", series: s.uid, role: e.currentTarget.value })}
            >
              {choices.roles.map((role) => (
                <option key={role} value={role}>
                  {said(role)}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <p class="dim small">
        {t(
          "A series that was read for something else brings its marrow signal along; what was never read needs ovcf assess with its role given.",
        )}
      </p>
    </section>
  );
}

const THORACIC = [11, 12, 13];
const LUMBAR = [4, 5, 6];

function ColumnPart() {
  const sets = shown.value?.sets ?? [];
  const first = sets[0];
  if (!first) return null;
  const say = (thoracic: number, lumbar: number) => edit({ kind: "set column", thoracic, lumbar });
  const differ = sets.some((s) => s.thoracic !== first.thoracic || s.lumbar !== first.lumbar);
  return (
    <section class="part">
      <h2>{t("Vertebrae of this person")}</h2>
      <div class="facts">
        <label>
          <span>{t("Thoracic")}</span>
          <select
            value={first.thoracic}
            disabled={signed.value}
            data-column="thoracic"
            onChange={(e) => say(Number(e.currentTarget.value), first.lumbar)}
          >
            {THORACIC.map((n) => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
        <label>
          <span>{t("Lumbar")}</span>
          <select
            value={first.lumbar}
            disabled={signed.value}
            data-column="lumbar"
            onChange={(e) => say(first.thoracic, Number(e.currentTarget.value))}
          >
            {LUMBAR.map((n) => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
      </div>
      {differ && <p class="ask">{t("The images do not agree on it: choose, and it holds for all.")}</p>}
      <p class="dim small">
        {t(
          "Transitional anatomy: it decides who is whose neighbour. Names stay as they are; change them by naming one vertebra.",
        )}
      </p>
    </section>
  );
}

function ThresholdPart() {
  const thresholds = shown.value?.choices.thresholds ?? [];
  if (thresholds.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("From where marrow signal counts")}</h2>
      <div class="facts">
        {thresholds.map((hand) => (
          <label key={hand.name} class={hand.sd === hand.usual ? "" : "mine"}>
            <span>
              {hand.label}
              <small>
                {t("SD of sound marrow; {by}", {
                  by: hand.by
                    ? t("set by {by}, automatic {usual}", { by: hand.by, usual: hand.usual })
                    : t("automatic"),
                })}
              </small>
            </span>
            <input
              key={hand.sd}
              type="number"
              min={0.5}
              max={20}
              step={0.5}
              defaultValue={String(hand.sd)}
              disabled={signed.value}
              data-threshold={hand.name}
              onChange={(e) => {
                const sd = Number(e.currentTarget.value);
                if (sd > 0 && sd <= 20 && sd !== hand.sd)
                  edit({ kind: "set threshold", name: hand.name, sd: sd === hand.usual ? null : sd });
                else e.currentTarget.value = String(hand.sd);
              }}
            />
          </label>
        ))}
      </div>
    </section>
  );
}
