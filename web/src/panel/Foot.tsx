// Signing, and what keeps the reading from being signed.

import { useState } from "preact/hooks";
import { t } from "../language/language";
import { blinded, exercise } from "../model/blinded";
import { aside, change, edit, offline, shown, waiting } from "../model/store";
import type { Reading } from "../model/types";
import { GivenBack } from "./findings/GivenBack";
import { Marks } from "./findings/Marks";

export function Foot() {
  const reading = shown.value?.reading;
  const [reason, setReason] = useState("");
  if (!reading) return null;
  if (exercise && reading.status !== "draft") return <Marks id={exercise} />;
  if (blinded && reading.status !== "draft") return <GivenBack />;
  if (reading.status !== "draft") {
    return (
      <footer class="foot">
        <label>
          {t("Signed by {reader}. Why is it taken up again?", { reader: reading.reader })}
          <input value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
        <button
          type="button"
          class="main"
          disabled={!reason.trim()}
          onClick={() => change({ to: "addendum", reason })}
        >
          {t("Begin addendum")}
        </button>
      </footer>
    );
  }
  const choice = aside.value.some((one) => one.stale);
  const kept = waiting.value.length > 0 || offline.value || choice;
  return (
    <footer class="foot">
      <span class="dim small open">
        {exercise ? t("Signing shows the truth. ") : blinded && t("Signing gives the case back, once. ")}
        {reading.open.length || choice
          ? [...(choice ? [t("two versions to choose from")] : []), ...reading.open].join("; ")
          : t("Draft, {edits} {what}", {
              edits: reading.edits,
              what: reading.edits === 1 ? t("edit") : t("edits"),
            })}
      </span>
      <Answers reading={reading} wait={kept} />
      <button
        type="button"
        class="main"
        disabled={kept || reading.open.length > 0}
        onClick={() => change({ to: "confirm" })}
      >
        {t("Sign")}
      </button>
    </footer>
  );
}

/** Which vertebra is assessed, asked before signing: one press answers. */
function Answers({ reading, wait }: { reading: Reading; wait: boolean }) {
  const asked = reading.before_signing;
  if (!asked) return null;
  const alone = reading.open.length === 1;
  const none = () => {
    edit(asked.none.edit);
    if (alone) change({ to: "confirm" });
  };
  return (
    <div class="answers">
      {asked.assess.map((one) => (
        <button type="button" key={one.label} disabled={wait} onClick={() => edit(one.edit)}>
          {one.label}
        </button>
      ))}
      <button type="button" disabled={wait} onClick={() => edit(asked.unknown.edit)}>
        {asked.unknown.label}
      </button>
      <button type="button" disabled={wait} onClick={none}>
        {asked.none.label}
      </button>
    </div>
  );
}
