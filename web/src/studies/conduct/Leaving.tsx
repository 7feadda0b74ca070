// A patient leaves the study; and that it was a mistake.

import { useState } from "preact/hooks";
import { said, t } from "../../language/language";
import * as api from "../api";
import { act, study } from "../state";
import type { Patient } from "../types";

const LEFT = ["lost to follow-up", "consent withdrawn", "death", "decision of the investigator"];

export function Leave({ patient, changed }: { patient: Patient; changed: () => void }) {
  const now = study.value;
  const [kind, setKind] = useState("");
  const [on, setOn] = useState(new Date().toLocaleDateString("sv"));
  const [keep, setKeep] = useState(true);
  const [because, setBecause] = useState("");
  if (!now) return null;
  const go = () =>
    void act(() => api.leave(now.code, patient.number, { kind, on, keep_data: keep, because })).then((ok) => {
      if (ok) changed();
    });
  return (
    <details class="card">
      <summary>{t("The patient left the study")}</summary>
      <p>
        {t("Nothing is deleted. What was recorded stays, and counts unless the patient wants it left out.")}
      </p>
      <div class="fields">
        <label>
          {t("Why")}
          <select value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
            <option value="">{t("choose")}</option>
            {LEFT.map((one) => (
              <option key={one} value={one}>
                {said(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("On")}
          <input type="date" value={on} onInput={(e) => setOn(e.currentTarget.value)} />
        </label>
        <label>
          {t("More, in words")}
          <input value={because} onInput={(e) => setBecause(e.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={keep} onChange={(e) => setKeep(e.currentTarget.checked)} />
          {t("what was recorded may be analysed")}
        </label>
        <button type="button" disabled={!kind || !on} onClick={go}>
          {t("Record that {number} left", { number: patient.number })}
        </button>
      </div>
    </details>
  );
}

/** It was a mistake: the patient did not leave. */
export function Stay({ patient, changed }: { patient: Patient; changed: () => void }) {
  const now = study.value;
  const [reason, setReason] = useState("");
  if (!now) return null;
  const go = () =>
    void act(() => api.stay(now.code, patient.number, reason.trim())).then((ok) => {
      if (ok) changed();
    });
  return (
    <details class="card">
      <summary>{t("The patient did not leave: take it back")}</summary>
      <div class="fields">
        <label>
          {t("Reason; it is kept")}
          <input value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
        <button type="button" disabled={!reason.trim()} onClick={go}>
          {t("Take it back")}
        </button>
      </div>
    </details>
  );
}
