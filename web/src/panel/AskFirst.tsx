// What is asked before all else: a yes is an emergency. Nothing is taken for granted: what is not answered stays unknown.

import { signal } from "@preact/signals";
import { t } from "../language/language";
import { blinded } from "../model/blinded";
import { edit, shown, signed } from "../model/store";
import type { ClinicalFact } from "../model/types";

/** The reading of which it was put off: its answers stay unknown, and the Patient page asks for them. */
const later = signal("");

/** Questions that nobody has answered yet. */
const open = (): ClinicalFact[] =>
  (shown.value?.clinical ?? []).flatMap((g) => g.facts).filter((f) => f.urgent && f.value === null);

const say = (fact: ClinicalFact, value: boolean): void =>
  edit({ kind: "enter fact", field: fact.field, value });

/** Key 0: none of these. */
export function noneOfThese(): void {
  if (!signed.value && !blinded) for (const fact of open()) say(fact, false);
}

export function AskFirst() {
  const view = shown.value;
  const facts = open();
  if (!view || signed.value || blinded || later.value === view.reading.id || facts.length === 0) return null;
  return (
    <section class="ask-first" aria-label={t("Ask first")}>
      <p>
        <b>{t("Ask first.")}</b> <span class="why">{t("A yes is urgent.")}</span>
        <span class="row">
          <button type="button" class="ghost" onClick={noneOfThese}>
            {t("None of these")} <kbd>0</kbd>
          </button>
          <button type="button" class="ghost" onClick={() => (later.value = view.reading.id)}>
            {t("Later")}
          </button>
        </span>
      </p>
      {facts.map((fact) => (
        <div key={fact.field} data-ask={fact.field}>
          <span id={`ask-${fact.field}`}>{fact.label}</span>
          <fieldset class="seg" aria-labelledby={`ask-${fact.field}`}>
            <button type="button" onClick={() => say(fact, true)}>
              {t("Yes")}
            </button>
            <button type="button" onClick={() => say(fact, false)}>
              {t("No")}
            </button>
          </fieldset>
        </div>
      ))}
    </section>
  );
}
