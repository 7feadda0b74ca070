// The selected vertebra: its name, what it is, whether it is the one assessed, and what can be done with it.

import { useState } from "preact/hooks";
import { said, t } from "../../language/language";
import { edit, selected, shown, signed, vertebra } from "../../model/store";
import type { Vertebra } from "../../model/types";
import { beginAdding } from "../../tools/tool";
import { verbsOf } from "../../tools/verbs";
import { FOLLOW } from "../../views/NamePicker";

type Who = keyof typeof FOLLOW;

export function Body() {
  const [follow, setFollow] = useState<Who>("study");
  const view = shown.value;
  const id = selected.value?.vertebra;
  const v = id ? vertebra(id) : undefined;
  const set = v && view?.sets.find((s) => s.id === v.set);
  if (!view || !id || !v || !set) return null;
  const asked = view.questions.some((q) => q.set === set.id);
  return (
    <section class="part" aria-label={t("Selected vertebra")}>
      <h2>
        {t("{label} on {what}", {
          label: v.label,
          what: set.modality === "radiograph" ? t("the radiograph") : set.name,
        })}
      </h2>
      <Remarks v={v} />
      <div class="fields">
        <label for="name">{t("Name")}</label>
        <span class="row">
          <select
            id="name"
            value={asked ? "" : v.level}
            disabled={signed.value}
            onChange={(e) =>
              edit({
                kind: "name vertebra",
                vertebra: id,
                level: e.currentTarget.value,
                follow: asked ? "image" : follow,
              })
            }
          >
            {asked && <option value="">{t("choose")}</option>}
            {set.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          {!asked && (
            <select
              aria-label={t("Who follows a new name")}
              value={follow}
              onChange={(e) => setFollow(e.currentTarget.value as Who)}
            >
              {Object.entries(FOLLOW).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </span>
        {!asked && (
          <>
            <label for="state">{t("State")}</label>
            <select
              id="state"
              value={v.state}
              disabled={signed.value}
              onChange={(e) => edit({ kind: "set state", vertebra: id, state: e.currentTarget.value })}
            >
              {view.states.map((state) => (
                <option key={state} value={state}>
                  {said(state)}
                </option>
              ))}
            </select>
          </>
        )}
      </div>
      <div class="row verbs">
        {verbsOf(id).map((verb) => (
          <button type="button" class="ghost" key={verb.words} disabled={signed.value} onClick={verb.act}>
            {verb.words}
          </button>
        ))}
        <button type="button" class="ghost" disabled={signed.value} onClick={() => beginAdding(set, null)}>
          {t("Add a vertebra")}
        </button>
      </div>
    </section>
  );
}

function Remarks({ v }: { v: Vertebra }) {
  return (
    <>
      {v.withheld && <p class="ask">{t("Not measured: {withheld}.", { withheld: v.withheld })}</p>}
      {!v.withheld && v.unusable && (
        <p class="dim">{t("No reference for its neighbours: {unusable}.", { unusable: v.unusable })}</p>
      )}
      {v.excluded.length > 0 && <p class="dim">{t("Its marrow is left out.")}</p>}
      {v.stale && (
        <p class="ask">
          {t(
            "Its points were moved; the outline, and the signal inside it, are from before the move. Draw the outline anew, and the signal follows.",
          )}
        </p>
      )}
    </>
  );
}
