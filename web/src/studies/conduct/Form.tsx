// One form of a visit: what is known, what is missing, and the reason where it is corrected.

import { useEffect, useState } from "preact/hooks";
import { COMMA, t, said as word } from "../../language/language";
import * as api from "../api";
import { act, load, study } from "../state";
import type { Entry, Field } from "../types";

interface Props {
  number: string;
  window: string;
  form: string;
  writes: boolean;
  changed: () => void;
}

export function FormPart({ number, window, form, writes, changed }: Props) {
  const now = study.value;
  const [entry, setEntry] = useState<Entry | null>(null);
  const [given, setGiven] = useState<Record<string, string>>({});
  const [reason, setReason] = useState("");
  const code = now?.code ?? "";
  useEffect(() => {
    if (code) void load(async () => setEntry(await api.entry(code, number, window, form)));
  }, [code, number, window, form]);
  const known = now?.protocol.forms.find((f) => f.id === form);
  if (!entry || !known) return null;
  const dirty = Object.keys(given).length > 0;
  const save = () =>
    void act(async () => {
      const values = Object.fromEntries(Object.entries(given).map(([k, v]) => [k, v === "" ? null : v]));
      setEntry(await api.fill(code, number, window, form, values, reason));
      setGiven({});
      setReason("");
      changed();
    });
  return (
    <div class="form">
      <ul class="criteria">
        {known.fields.map((field) => (
          <li key={field.id}>
            <div class="line">
              <label for={`${window}-${field.id}`}>
                {field.label} <small>{[word(field.unit), span(field)].filter(Boolean).join(COMMA)}</small>
              </label>
              <Input
                id={`${window}-${field.id}`}
                field={field}
                value={given[field.id] ?? said(entry.values[field.id])}
                off={!writes || field.source !== ""}
                set={(value) => setGiven({ ...given, [field.id]: value })}
              />
              <Note field={field} entry={entry} changed={field.id in given} />
            </div>
          </li>
        ))}
      </ul>
      {writes && (
        <div class="fields">
          {entry.filled && (
            <label>
              {t("It is filled in already: why is it corrected?")}
              <input value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
            </label>
          )}
          <button
            type="button"
            class="main"
            disabled={!dirty || (entry.filled && !reason.trim())}
            onClick={save}
          >
            {t("Keep the form")}
          </button>
        </div>
      )}
    </div>
  );
}

function Note({ field, entry, changed }: { field: Field; entry: Entry; changed: boolean }) {
  if (changed) return <small>{t("not kept yet")}</small>;
  if (field.source)
    return (
      <small>
        {t("from {replace}", { replace: field.source.replace(/^measure:|^score:/, t("the reading, ")) })}
      </small>
    );
  if (entry.implausible.includes(field.id)) return <small class="ask">{t("not plausible")}</small>;
  if (!(field.id in entry.values)) return <small class={field.required ? "ask" : ""}>{t("missing")}</small>;
  return <small />;
}

const span = (field: Field): string =>
  field.low !== null && field.high !== null ? t("{low} to {high}", { low: field.low, high: field.high }) : "";

const said = (value: boolean | number | string | undefined): string =>
  value === undefined ? "" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value);

function Input({
  id,
  field,
  value,
  off,
  set,
}: {
  id: string;
  field: Field;
  value: string;
  off: boolean;
  set: (value: string) => void;
}) {
  if (field.kind === "choice" || field.kind === "yes or no")
    return (
      <select id={id} value={value} disabled={off} onChange={(e) => set(e.currentTarget.value)}>
        <option value="">{t("not known")}</option>
        {(field.kind === "choice" ? field.choices : ["yes", "no"]).map((one) => (
          <option key={one} value={one}>
            {word(one)}
          </option>
        ))}
      </select>
    );
  if (field.kind === "date")
    return (
      <input id={id} type="date" value={value} disabled={off} onInput={(e) => set(e.currentTarget.value)} />
    );
  return <input id={id} value={value} disabled={off} onInput={(e) => set(e.currentTarget.value)} />;
}
