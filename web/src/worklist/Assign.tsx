// Whose a study is: a patient who is here, or a new one, and the visit.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { said, t } from "../language/language";
import * as api from "./api";
import { act, assigning, giving, put } from "./state";
import type { PatientLine } from "./types";
import { WINDOWS } from "./words";

export function Assign() {
  const line = assigning.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const word = useSignal("");
  const found = useSignal<PatientLine[]>([]);
  const window_ = useSignal<string>("pretreatment");
  const on = useSignal("");
  useEffect(() => {
    if (!line) return;
    on.value = line.acquired_on ?? "";
    word.value = "";
    dialog.current?.showModal();
  }, [line, on, word]);
  useEffect(() => {
    if (!line) return;
    let still = true;
    void api.patients(word.value).then((page) => {
      if (still) found.value = page.items;
    });
    return () => {
      still = false;
    };
  }, [line, word.value, found]);
  if (!line) return null;
  const give = async (patient: Promise<PatientLine> | PatientLine) => {
    const asked = Promise.resolve(patient).then((p) => api.assign(line.id, p.id, window_.value, on.value));
    giving.value = line.id;
    dialog.current?.close();
    await act(asked.then(put).finally(() => (giving.value = null)));
    const reading = await asked.then((study) => study.reading).catch(() => null);
    if (reading) location.assign(`/readings/${reading}/`);
  };
  const same = found.value.find((p) => p.code.toLowerCase() === word.value.trim().toLowerCase());
  return (
    <dialog
      ref={dialog}
      aria-label={t("Whose is this study?")}
      onClose={() => {
        assigning.value = null;
      }}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void give(same ?? api.newPatient(word.value.trim() || null));
        }}
      >
        <h1>{t("Whose is this study?")}</h1>
        <p class="dim">
          {t("{name}, {images} {what}. A pseudonym, never a name.", {
            name: line.name,
            images: line.images,
            what: line.images === 1 ? t("image") : t("images"),
          })}
        </p>
        <label>
          {t("Day of the visit")}
          <input
            type="date"
            required
            value={on.value}
            onInput={(event) => {
              on.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          {t("Visit")}
          <select
            value={window_.value}
            onChange={(event) => {
              window_.value = event.currentTarget.value;
            }}
          >
            {WINDOWS.map((w) => (
              <option key={w} value={w}>
                {said(w)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("Patient")}
          <input
            type="text"
            placeholder={t("Pseudonym; empty takes the next free one")}
            value={word.value}
            maxLength={60}
            onInput={(event) => {
              word.value = event.currentTarget.value;
            }}
          />
        </label>
        <div class="row">
          <button type="submit" class="main">
            {same ? t("It is {code}", { code: same.code }) : t("A new patient")}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {t("Not now")}
          </button>
        </div>
        {found.value.length > 0 && (
          <>
            <h2>{t("Patients who are here")}</h2>
            <ul class="known">
              {found.value.map((p) => (
                <li key={p.id}>
                  <button type="button" disabled={!on.value} onClick={() => void give(p)}>
                    {p.code}{" "}
                    <small class="dim">
                      {[said(p.sex ?? ""), p.birth_year].filter(Boolean).join(t(", "))}
                    </small>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </form>
    </dialog>
  );
}
