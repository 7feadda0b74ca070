// The selected vertebra: its name, what it is, and whether it is the one assessed.

import { edit, selected, shown, signed, vertebra } from "../model/store";

const STATES = [
  "none of these",
  "recent fracture",
  "old fracture",
  "cemented",
  "instrumented",
  "focal lesion",
];

export function Body() {
  const id = selected.value?.vertebra;
  const v = id ? vertebra(id) : undefined;
  const set = v && shown.value?.sets.find((s) => s.id === v.set);
  if (!id || !v || !set) return null;
  const rename = (level: string, follow: "alone" | "image" | "study") =>
    edit({ kind: "name vertebra", vertebra: id, level, follow });
  return (
    <section class="part" aria-label="Selected vertebra">
      <h2>
        {v.level} on {set.modality === "radiograph" ? "the radiograph" : set.name}
      </h2>
      {v.withheld && <p class="ask">Not measured: {v.withheld}.</p>}
      {!v.withheld && v.unusable && <p class="dim">No reference for its neighbours: {v.unusable}.</p>}
      {v.stale && (
        <p class="ask">Points moved; the outline, and the signal read inside it, are from before the move.</p>
      )}
      <div class="fields">
        <label>
          Name
          <select
            value={v.level}
            disabled={signed.value}
            onChange={(e) => rename(e.currentTarget.value, "study")}
          >
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span class="dim small">all others follow, on every image</span>
        <label>
          It is
          <select
            value=""
            disabled={signed.value}
            onChange={(e) =>
              e.currentTarget.value && edit({ kind: "set state", vertebra: id, state: e.currentTarget.value })
            }
          >
            <option value="">choose</option>
            {STATES.map((state) => (
              <option key={state}>{state}</option>
            ))}
          </select>
        </label>
        <span class="row">
          {v.level !== shown.value?.index && (
            <button
              type="button"
              class="ghost"
              disabled={signed.value}
              onClick={() => edit({ kind: "choose index", vertebra: id })}
            >
              Assess this vertebra
            </button>
          )}
          {v.points.length > 0 && !v.accepted && (
            <button
              type="button"
              class="ghost"
              disabled={signed.value}
              onClick={() => edit({ kind: "accept", vertebra: id })}
            >
              Take its points as they are
            </button>
          )}
        </span>
      </div>
    </section>
  );
}
