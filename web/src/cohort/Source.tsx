// Where the patients come from: a table of one's own, or the registry; and which rows of a patient count.

import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import {
  busy,
  discard,
  kept,
  leave,
  registry,
  reopen,
  repeats,
  revisit,
  sheet,
  table,
  turnSheet,
  upload,
  wordsOf,
} from "./state";
import type { Keep, Repeats } from "./types";

export function Source() {
  const now = table.value;
  const given = (file: File | undefined) => file && void upload(file);
  return (
    <section
      class="card step"
      aria-labelledby="where"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        given(event.dataTransfer?.files[0]);
      }}
    >
      <h2 id="where">{t("1. The patients")}</h2>
      {now ? (
        <>
          <div class="row">
            <span>
              <b>{now.name}</b>
              {t(": {rows} rows, {columns} columns", { rows: now.rows, columns: now.columns.length })}
            </span>
            {now.sheets.length > 1 && (
              <label>
                {t("Sheet")}{" "}
                <select
                  value={sheet.value ?? ""}
                  onChange={(event) => void turnSheet(event.currentTarget.value)}
                >
                  {now.sheets.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
            )}
            <button type="button" class="plain" onClick={leave}>
              {t("Another table")}
            </button>
          </div>
          {now.notes.map((note) => (
            <p key={note} class="dim">
              {said(note)}
            </p>
          ))}
          {now.unknown.length > 0 && (
            <p class="dim">{t("Taken as not known: {join}", { join: now.unknown.join(COMMA) })}</p>
          )}
          {now.repeats && <OfOnePatient found={now.repeats} />}
        </>
      ) : (
        <>
          <p>
            {t(
              "A table with one row per patient: CSV, Excel or Parquet. Your own headings, codes and units will do. It stays on this server, nobody else sees it, and it goes after a week.",
            )}
          </p>
          <div class="row">
            <label class="file plain">
              {busy.value || t("Choose a table, or drop it here")}
              <input
                type="file"
                accept=".csv,.tsv,.txt,.xlsx,.parquet"
                onChange={(event) => {
                  given(event.currentTarget.files?.[0]);
                  event.currentTarget.value = "";
                }}
              />
            </label>
            <button type="button" onClick={() => void registry()}>
              {t("Take this registry")}
            </button>
          </div>
          <p class="dim">
            {t(
              "Headings in English or Chinese are recognised with their units and visits, such as “VAS 3 months” or “椎体高度丢失率（%）”. What is not sure is asked, and you see it before anything is analysed.",
            )}
          </p>
          <Before />
        </>
      )}
    </section>
  );
}

const CHOICES: [Keep, string][] = [
  ["first", t("the first row of each")],
  ["last", t("the last row of each")],
  ["none", t("none: leave these patients out")],
  ["all", t("every row: each is another visit or vertebra")],
];

function OfOnePatient({ found }: { found: Repeats }) {
  const shown = found.examples.map((one) =>
    t("{patient} in rows {rows}", { patient: one.patient, rows: one.rows.join(COMMA) }),
  );
  return (
    <fieldset class={repeats.value ? "asked" : "asked open"}>
      <legend>
        {t("Patients in more than one row ({heading}): {patients}. Which rows count?", {
          patients: found.patients,
          heading: found.heading,
        })}
      </legend>
      <p class="dim">
        {shown.join(t("; "))}
        {found.patients > shown.length && " …"}
      </p>
      {found.alike > 0 && (
        <p class="dim">
          {t("Rows that repeat an earlier one in every column: {alike}", { alike: found.alike })}
        </p>
      )}
      {CHOICES.map(([keep, words]) => (
        <label key={keep} class="check">
          <input
            type="radio"
            name="repeats"
            checked={repeats.value === keep}
            onChange={() => {
              repeats.value = keep;
            }}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}

const STATES = {
  done: t("done"),
  failed: t("not made"),
  running: t("being made"),
  waiting: t("waiting"),
};

/** What one has sent and asked for in the last week. */
function Before() {
  const now = kept.value;
  if (!now || now.tables.length + now.analyses.length === 0) return null;
  return (
    <section class="before" aria-label={t("Yours of the last week")}>
      <h3>{t("Yours of the last week")}</h3>
      <ul>
        {now.analyses.map((one) => (
          <li key={one.analysis}>
            <button type="button" class="link" onClick={() => void revisit(one.analysis)}>
              {wordsOf(one.asked)}
            </button>
            <span class="dim">
              {one.name}, {day(one.at)}, {STATES[one.state]}
            </span>
            <Away what="analysis" id={one.analysis} name={`${wordsOf(one.asked)} ${one.name}`} />
          </li>
        ))}
        {now.tables.map((one) => (
          <li key={one.table}>
            <button type="button" class="link" onClick={() => void reopen(one.table)}>
              {one.name}
            </button>
            <span class="dim">
              {t("table")}, {day(one.at)}
            </span>
            <Away what="table" id={one.table} name={one.name} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Away({ what, id, name }: { what: "table" | "analysis"; id: string; name: string }) {
  return (
    <button
      type="button"
      class="plain"
      aria-label={t("Delete {name}", { name })}
      onClick={() => void discard(what, id)}
    >
      {t("Delete")}
    </button>
  );
}
