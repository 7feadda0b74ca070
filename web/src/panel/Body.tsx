// The selected vertebra: its name, what it is, and whether it is the one assessed.

import { useState } from "preact/hooks";
import { edit, selected, shown, signed, vertebra } from "../model/store";
import type { Vertebra } from "../model/types";

type Follow = "study" | "image" | "alone";
const FOLLOW: Record<Follow, string> = {
  study: "all follow",
  image: "all on this image follow",
  alone: "this one alone",
};

export function Body() {
  const [follow, setFollow] = useState<Follow>("study");
  const view = shown.value;
  const id = selected.value?.vertebra;
  const v = id ? vertebra(id) : undefined;
  const set = v && view?.sets.find((s) => s.id === v.set);
  if (!view || !id || !v || !set) return null;
  return (
    <section class="part" aria-label="Selected vertebra">
      <h2>
        {v.label} on {set.modality === "radiograph" ? "the radiograph" : set.name}
      </h2>
      <Remarks v={v} />
      <div class="fields">
        <label for="name">Name</label>
        <span class="row">
          <select
            id="name"
            value={v.label === v.level ? v.level : ""}
            disabled={signed.value}
            onChange={(e) =>
              edit({ kind: "name vertebra", vertebra: id, level: e.currentTarget.value, follow })
            }
          >
            {v.label !== v.level && <option value="">choose</option>}
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <select
            aria-label="Who follows a new name"
            value={follow}
            onChange={(e) => setFollow(e.currentTarget.value as Follow)}
          >
            {Object.entries(FOLLOW).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </span>
        <label for="state">State</label>
        <select
          id="state"
          value={v.state}
          disabled={signed.value}
          onChange={(e) => edit({ kind: "set state", vertebra: id, state: e.currentTarget.value })}
        >
          {view.states.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </div>
      <div class="row">
        {v.level !== view.index && (
          <Verb words="Assess this vertebra" act={() => edit({ kind: "choose index", vertebra: id })} />
        )}
        {v.points.length > 0 && !v.accepted && (
          <Verb words="Take its points as they are" act={() => edit({ kind: "accept", vertebra: id })} />
        )}
        <Verb words="Leave it out here" act={() => edit({ kind: "delete vertebra", vertebra: id })} />
      </div>
    </section>
  );
}

function Remarks({ v }: { v: Vertebra }) {
  return (
    <>
      {v.withheld && <p class="ask">Not measured: {v.withheld}.</p>}
      {!v.withheld && v.unusable && <p class="dim">No reference for its neighbours: {v.unusable}.</p>}
      {v.stale && (
        <p class="ask">
          Its points were moved; the outline, and the signal inside it, are from before the move.
        </p>
      )}
    </>
  );
}

function Verb({ words, act }: { words: string; act: () => void }) {
  return (
    <button type="button" class="ghost" disabled={signed.value} onClick={act}>
      {words}
    </button>
  );
}
