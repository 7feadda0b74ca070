// The bar: whose images, whether all is saved, undo and redo.

import { useEffect } from "preact/hooks";
import { whoAmI } from "./common/me";
import { Account, Theme } from "./common/TopBar";
import { day } from "./common/words";
import { Keys } from "./Keys";
import { said, t } from "./language/language";
import { LanguageSwitch } from "./language/Switch";
import { blinded, exercise } from "./model/blinded";
import { change, offline, shown, waiting } from "./model/store";
import { reset } from "./views/moves";
import { kept, visits } from "./visits/deck";

export function Bar() {
  useEffect(() => {
    if (kept) void whoAmI();
  }, []);
  const view = shown.value;
  if (!view) return null;
  const { patient, reading } = view;
  const report = kept ? `/api/v1/readings/${kept}/report` : "/report"; // a reading in a file has the server to itself
  return (
    <header class="bar">
      {kept || blinded ? (
        <a
          class="word"
          href={exercise ? "/studies/#training" : blinded ? "/studies/" : "/"}
          title={blinded ? t("Your cases") : t("All studies")}
        >
          {exercise ? t("‹ Training") : blinded ? t("‹ Studies") : t("‹ Worklist")}
        </a>
      ) : (
        <span class="word">ovcf</span>
      )}
      <span class="who">
        {blinded ? (
          <>
            <b>{reading.id}</b>
            <span>{exercise ? t("digital patient, not a person") : t("blinded case")}</span>
          </>
        ) : (
          <>
            {visits.value ? (
              <a href={`/patients/${visits.value.patient}/`} title={t("Course over all visits")}>
                <b>{patient.id}</b>
              </a>
            ) : (
              <b>{patient.id}</b>
            )}
            <span>{patient.person}</span>
            <span>{day(patient.visit) || t("date unknown")}</span>
            {patient.t_score && <span>{patient.t_score}</span>}
          </>
        )}
        <span>
          {[reading.addendum ? t("addendum") : "", said(reading.status), reading.reader]
            .filter(Boolean)
            .join(t(", "))}
        </span>
      </span>
      <span class="acts">
        <Saved />
        <button
          type="button"
          disabled={!reading.undo}
          onClick={() => change({ to: "undo" })}
          title={t("Ctrl Z")}
        >
          {t("Undo")}
        </button>
        <button
          type="button"
          disabled={!reading.redo}
          onClick={() => change({ to: "redo" })}
          title={t("Ctrl Y")}
        >
          {t("Redo")}
        </button>
        <button type="button" class="wide roomy" onClick={reset} title="R">
          {t("Reset views")}
        </button>
        {!blinded && (
          <>
            <a href={`${report}.html`} target="_blank" rel="noreferrer">
              {t("Report")}
            </a>
            <a href={`${report}.pdf`} download={`report-${reading.id}.pdf`}>
              PDF
            </a>
            <a class="wide" href={`${report}.json`} download={`report-${reading.id}.json`}>
              JSON
            </a>
            {kept && reading.status !== "draft" && (
              <a
                class="wide"
                href={`/api/v1/readings/${kept}/fhir`}
                download={`reading-${kept}.fhir.json`}
                title="FHIR R4B"
              >
                FHIR
              </a>
            )}
          </>
        )}
        <Keys />
        <LanguageSwitch />
        <Theme />
        {kept && <Account pages />}
      </span>
    </header>
  );
}

function Saved() {
  const kept = waiting.value.length;
  const words = offline.value
    ? t("Offline, {kept} {what} kept here", { kept, what: kept === 1 ? "edit" : "edits" })
    : kept
      ? t("Saving")
      : t("Saved");
  return (
    <span class={`save${offline.value ? " off" : ""}`} role="status">
      <i />
      {words}
    </span>
  );
}
