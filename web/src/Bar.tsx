// The bar: whose images, whether all is saved, undo and redo.

import { useEffect } from "preact/hooks";
import { whoAmI } from "./common/me";
import { Account, Theme } from "./common/TopBar";
import { Keys } from "./Keys";
import { reset } from "./keys";
import { blinded, exercise } from "./model/blinded";
import { change, offline, shown, waiting } from "./model/store";
import { kept, visits } from "./visits/deck";

export function Bar() {
  useEffect(() => {
    if (kept) void whoAmI();
  }, []);
  const view = shown.value;
  if (!view) return null;
  const { patient, reading } = view;
  return (
    <header class="bar">
      {kept || blinded ? (
        <a
          class="word"
          href={exercise ? "/studies/#training" : blinded ? "/studies/" : "/"}
          title={blinded ? "Your cases" : "All studies"}
        >
          {exercise ? "‹ Training" : blinded ? "‹ Studies" : "‹ Worklist"}
        </a>
      ) : (
        <span class="word">ovcf</span>
      )}
      <span class="who">
        {blinded ? (
          <>
            <b>{reading.id}</b>
            <span>{exercise ? "digital patient, not a person" : "blinded case"}</span>
          </>
        ) : (
          <>
            {visits.value ? (
              <a href={`/patients/${visits.value.patient}/`} title="Course over all visits">
                <b>{patient.id}</b>
              </a>
            ) : (
              <b>{patient.id}</b>
            )}
            <span>{patient.person}</span>
            <span>{patient.visit}</span>
            {patient.t_score && <span>{patient.t_score}</span>}
          </>
        )}
        <span>
          {[reading.addendum ? "addendum" : "", reading.status, reading.reader].filter(Boolean).join(", ")}
        </span>
      </span>
      <span class="acts">
        <Saved />
        <button type="button" disabled={!reading.undo} onClick={() => change({ to: "undo" })} title="Ctrl Z">
          Undo
        </button>
        <button type="button" disabled={!reading.redo} onClick={() => change({ to: "redo" })} title="Ctrl Y">
          Redo
        </button>
        <button type="button" class="wide" onClick={reset} title="R">
          Reset views
        </button>
        {kept && (
          <>
            <a href={`/api/v1/readings/${kept}/report.html`} target="_blank" rel="noreferrer">
              Report
            </a>
            <a href={`/api/v1/readings/${kept}/report.pdf`} download={`report-${kept}.pdf`}>
              PDF
            </a>
            <a class="wide" href={`/api/v1/readings/${kept}/report.json`} download={`report-${kept}.json`}>
              JSON
            </a>
            {reading.status !== "draft" && (
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
        <Theme />
        {kept && <Account pages />}
      </span>
    </header>
  );
}

function Saved() {
  const kept = waiting.value.length;
  const words = offline.value
    ? `Offline, ${kept} ${kept === 1 ? "edit" : "edits"} kept here`
    : kept
      ? "Saving"
      : "Saved";
  return (
    <span class={`save${offline.value ? " off" : ""}`} role="status">
      <i />
      {words}
    </span>
  );
}
