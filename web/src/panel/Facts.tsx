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
  const said = fact.edits.length > 0;
  const choose = (place: string) => {
    const option = fact.options[Number(place)];
    if (place !== "" && option)
      edit({ kind: "overrule", vertebra, finding: fact.finding, value: option.value });
    else for (const own of fact.edits) edit({ kind: "revoke", edit: own });
  };
  return (
    <label class={said ? "mine" : ""}>
      <span>
        {fact.label}
        {fact.otherwise && <small>{fact.otherwise}</small>}
      </span>
      <select
        value={said ? String(fact.options.findIndex((o) => o.value === fact.value)) : ""}
        disabled={signed.value}
        data-fact={fact.finding}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="">{said ? "take back" : fact.otherwise ? "as it is" : "not said"}</option>
        {fact.options.map((o, i) => (
          <option key={o.label} value={i}>
            {o.label}
          </option>
        ))}
      </select>
    </label>
  );
}
