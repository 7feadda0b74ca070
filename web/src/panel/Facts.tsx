// What the reader may say of the index vertebra in place of what was measured.

import { edit, shown, signed } from "../model/store";
import type { Fact } from "../model/types";

export function Facts() {
  const view = shown.value;
  if (!view || view.facts.length === 0) return null;
  const index = view.sets.flatMap((s) => s.vertebrae).find((id) => view.vertebrae[id]?.level === view.index);
  if (!index) return null;
  return (
    <section class="part">
      <h2>Your word on {view.index}</h2>
      <div class="facts">
        {view.facts.map((fact) => (
          <FactRow key={fact.finding} fact={fact} vertebra={index} />
        ))}
      </div>
    </section>
  );
}

function FactRow({ fact, vertebra }: { fact: Fact; vertebra: string }) {
  const nearest = fact.options.findIndex((o) => o.value === fact.value);
  const given = fact.value !== null && nearest < 0 ? String(fact.value) : null;
  return (
    <label class={fact.overruled ? "mine" : ""}>
      <span>
        {fact.label}
        {fact.measured && <small>measured: {fact.measured}</small>}
      </span>
      <select
        value={fact.value === null ? "" : given !== null ? "given" : String(nearest)}
        disabled={signed.value}
        data-fact={fact.finding}
        onChange={(event) => {
          const option = fact.options[Number(event.currentTarget.value)];
          const value = event.currentTarget.value === "" ? null : (option?.value ?? null);
          edit({ kind: "overrule", vertebra, finding: fact.finding, value });
        }}
      >
        <option value="">{fact.measured ? "as measured" : "not known"}</option>
        {given !== null && <option value="given">{given}</option>}
        {fact.options.map((o, i) => (
          <option key={o.label} value={i}>
            {o.label}
          </option>
        ))}
      </select>
    </label>
  );
}
