// Questions about values: asked by rule or by a monitor, answered at the site, closed by who asked.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { said, t } from "../../language/language";
import * as api from "../api";
import { act, load, may, refresh, study, to } from "../state";
import { Tag } from "../Tag";
import type { Query } from "../types";

export function Queries() {
  const now = study.value;
  const [all, setAll] = useState<Query[] | null>(null);
  const [closed, setClosed] = useState(false);
  const [told, setTold] = useState("");
  const [state, setState] = useState("");
  const [rule, setRule] = useState("");
  const [patient, setPatient] = useState("");
  const code = now?.code ?? "";
  const look = () => load(async () => setAll(await api.queries(code)));
  useEffect(() => {
    if (code) void look();
  }, [code]);
  if (!now || !all) return null;
  const open = all.filter((q) => closed || q.state !== "closed");
  const fits = (q: Query) => (!state || q.state === state) && (!rule || q.rule === rule);
  const fitting = open.filter((q) => fits(q) && (!patient || q.patient === patient));
  const groups = [...new Set(fitting.map((q) => q.patient))].sort();
  const count = (of: (q: Query) => string) => {
    const found = new Map<string, number>();
    for (const q of open) found.set(of(q), (found.get(of(q)) ?? 0) + 1);
    return [...found].sort(([a], [b]) => a.localeCompare(b));
  };
  const raise = () =>
    void act(async () => {
      const { asked } = await api.raise(code);
      setTold(asked === 0 ? t("Nothing new to ask.") : t("{asked} asked.", { asked }));
      await look();
      await refresh();
    });
  return (
    <>
      <p class="design">
        {t(
          "Every value that is missing at a visit that was held, every implausible one and every overdue visit is asked about once. A query never changes a value: the form is corrected, with a reason.",
        )}
      </p>
      <div class="row">
        {may("query the data of a study") && now.whole && !now.locked && (
          <button type="button" onClick={raise}>
            {t("Ask by the rules")}
          </button>
        )}
        <label class="check">
          <input type="checkbox" checked={closed} onChange={(e) => setClosed(e.currentTarget.checked)} />
          {t("closed ones too ({filter})", { filter: all.filter((q) => q.state === "closed").length })}
        </label>
        <span role="status">{told}</span>
      </div>
      {open.length > 0 && (
        <div class="fields filters">
          <Filter label={t("Patient")} value={patient} set={setPatient} counts={count((q) => q.patient)} />
          <Filter label={t("About")} value={rule} set={setRule} counts={count((q) => q.rule)} />
          <Filter label={t("State")} value={state} set={setState} counts={count((q) => q.state)} />
          {(patient || rule || state) && (
            <button
              type="button"
              onClick={() => {
                setPatient("");
                setRule("");
                setState("");
              }}
            >
              {t("Show all")}
            </button>
          )}
        </div>
      )}
      {fitting.length === 0 ? (
        <p class="none">{open.length === 0 ? t("No query is open.") : t("None of them.")}</p>
      ) : (
        groups.map((one) => {
          const of = fitting.filter((q) => q.patient === one);
          return (
            <details key={one} class="of-patient" open={fitting.length <= 12 || groups.length === 1}>
              <summary>
                <b>{one}</b>{" "}
                <span class="dim">
                  {t("{n} queries, {answered} of them answered", {
                    n: of.length,
                    answered: of.filter((q) => q.state === "answered").length,
                  })}
                </span>
              </summary>
              <ul class="queries">
                {of.map((q) => (
                  <One
                    key={q.id}
                    query={q}
                    changed={() => {
                      void look();
                      void refresh();
                    }}
                  />
                ))}
              </ul>
            </details>
          );
        })
      )}
    </>
  );
}

function Filter({
  label,
  value,
  set,
  counts,
}: {
  label: string;
  value: string;
  set: (value: string) => void;
  counts: [string, number][];
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={(e) => set(e.currentTarget.value)}>
        <option value="">{t("any")}</option>
        {counts.map(([one, n]) => (
          <option key={one} value={one}>
            {said(one)} ({n})
          </option>
        ))}
      </select>
    </label>
  );
}

function One({ query, changed }: { query: Query; changed: () => void }) {
  const now = study.value;
  const [text, setText] = useState("");
  if (!now) return null;
  const form = now.protocol.forms.find((f) => f.id === query.form);
  const label = form?.fields.find((f) => f.id === query.field)?.label;
  const go = (step: string) =>
    void act(() => api.step(now.code, query.id, step, text)).then((ok) => {
      if (!ok) return;
      setText("");
      changed();
    });
  const answers = may("write facts") && query.state !== "closed";
  const closes = may("query the data of a study");
  return (
    <li>
      <header>
        <b>{query.number}</b>
        <Tag kind={query.state === "closed" ? "done" : query.state === "answered" ? "work" : "ask"}>
          {said(query.state)}
        </Tag>
        <a href={to(now.code, "patients", query.patient)}>
          {query.patient}, {said(query.window)}
          {label && `${t(": ")}${label}`}
        </a>
        <span class="dim">
          {said(query.rule)}, {query.asked_by}, {day(query.asked_at)}
        </span>
      </header>
      <p>{query.text}</p>
      {query.now !== query.value && (
        <p class="dim">
          {t("It was {query}; now it is {now}.", {
            query: query.value ?? t("missing"),
            now: query.now ?? t("missing"),
          })}
        </p>
      )}
      {query.events.map((e) => (
        <p key={e.at} class="said">
          <b>{e.by}</b> {said(e.step)}, {day(e.at)}: {e.text}
        </p>
      ))}
      {(answers || closes) && !now.locked && (
        <div class="row">
          <input
            value={text}
            placeholder={query.state === "open" ? t("What was found?") : t("In words")}
            aria-label={t("Words about {number}", { number: query.number })}
            onInput={(e) => setText(e.currentTarget.value)}
          />
          {answers && (
            <button type="button" disabled={!text.trim()} onClick={() => go("answered")}>
              {t("Answer")}
            </button>
          )}
          {closes && query.state !== "closed" && (
            <button type="button" disabled={!text.trim()} onClick={() => go("closed")}>
              {t("Close")}
            </button>
          )}
          {closes && query.state !== "open" && (
            <button type="button" disabled={!text.trim()} onClick={() => go("reopened")}>
              {t("Open again")}
            </button>
          )}
        </div>
      )}
    </li>
  );
}
