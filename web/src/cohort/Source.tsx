// Where the patients come from: a table of one's own, or the registry.

import { t } from "../language/language";
import { busy, leave, registry, sheet, table, turnSheet, upload } from "./state";

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
          <p>
            <b>{now.name}</b>
            {t(": {rows} rows, {columns} columns", { rows: now.rows, columns: now.columns.length })}{" "}
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
            )}{" "}
            <button type="button" class="plain" onClick={leave}>
              {t("Another table")}
            </button>
          </p>
          {now.notes.map((note) => (
            <p key={note} class="dim">
              {note}
            </p>
          ))}
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
        </>
      )}
    </section>
  );
}
