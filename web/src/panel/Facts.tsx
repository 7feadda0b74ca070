// What the reader says of the selected vertebra in place of what was measured: by category, or by number.

import { useState } from "preact/hooks";
import { t } from "../language/language";
import { edit, selected, shown, signed, vertebra } from "../model/store";
import type { Fact, FactKind } from "../model/types";

export function Facts() {
  const view = shown.value;
  const id = selected.value?.vertebra;
  const v = id ? vertebra(id) : undefined;
  if (!view || !id || !v || view.questions.some((q) => q.set === v.set)) return null;
  const kinds = view.kinds.filter((kind) => !kind.of_index || v.level === view.index);
  const facts = view.facts[id] ?? [];
  return (
    <section class="part">
      <h2>{t("Your word on {label}", { label: v.label })}</h2>
      <div class="facts">
        {kinds.map((kind) => (
          <Row
            key={kind.finding}
            kind={kind}
            fact={facts.find((f) => f.finding === kind.finding)}
            vertebra={id}
          />
        ))}
      </div>
    </section>
  );
}

interface Props {
  kind: FactKind;
  fact: Fact | undefined;
  vertebra: string;
}

function takeBack(fact: Fact | undefined): void {
  for (const own of fact?.edits ?? []) edit({ kind: "revoke", edit: own });
}

function Row({ kind, fact, vertebra: id }: Props) {
  const said = (fact?.edits.length ?? 0) > 0;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is the input or select that it ends with
    <label class={said ? "mine" : ""}>
      <span>
        {kind.label}
        {fact?.otherwise && <small>{fact.otherwise}</small>}
        {said && <small>{t("as you see it")}</small>}
      </span>
      {kind.number ? (
        <NumberInput key={`${id} ${fact?.value}`} kind={kind} fact={fact} vertebra={id} />
      ) : (
        <Choice kind={kind} fact={fact} vertebra={id} />
      )}
    </label>
  );
}

function Choice({ kind, fact, vertebra: id }: Props) {
  const said = (fact?.edits.length ?? 0) > 0;
  const choose = (place: string) => {
    const option = kind.options[Number(place)];
    if (place === "") takeBack(fact);
    else if (option) edit({ kind: "overrule", vertebra: id, finding: kind.finding, value: option.value });
  };
  return (
    <select
      value={said ? String(kind.options.findIndex((o) => o.value === fact?.value)) : ""}
      disabled={signed.value}
      data-fact={kind.finding}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">{said ? t("take back") : fact?.otherwise ? t("as it is") : t("not said")}</option>
      {kind.options.map((o, i) => (
        <option key={o.label} value={i}>
          {o.label}
        </option>
      ))}
    </select>
  );
}

/** A number is said with Enter or on leaving the field; an empty field takes it back. */
function NumberInput({ kind, fact, vertebra: id }: Props) {
  const said = (fact?.edits.length ?? 0) > 0;
  const start = said && typeof fact?.value === "number" ? String(fact.value) : "";
  const [wrong, setWrong] = useState("");
  const limits = kind.number;
  if (!limits) return null;
  const say = (field: HTMLInputElement) => {
    const text = field.value.trim().replace(",", ".").replace("−", "-");
    if (text === start) return setWrong("");
    if (text === "") return takeBack(fact);
    const value = Number(text);
    if (!Number.isFinite(value) || value < limits.low || value > limits.high)
      return setWrong(t("from {low} to {high}", { low: limits.low, high: limits.high }));
    setWrong("");
    edit({ kind: "overrule", vertebra: id, finding: kind.finding, value });
  };
  return (
    <span class="number">
      <input
        inputMode="decimal"
        size={6}
        defaultValue={start}
        placeholder={said ? t("cannot tell") : fact?.otherwise ? t("as it is") : t("not said")}
        disabled={signed.value}
        data-fact={kind.finding}
        aria-invalid={wrong !== ""}
        onBlur={(event) => say(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur(); // which says it, once
        }}
      />
      {limits.unit}
      {wrong && (
        <small class="ask" role="alert">
          {wrong}
        </small>
      )}
    </span>
  );
}
