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
  const code = now?.code ?? "";
  const look = () => load(async () => setAll(await api.queries(code)));
  useEffect(() => {
    if (code) void look();
  }, [code]);
  if (!now || !all) return null;
  const shown = all.filter((q) => closed || q.state !== "closed");
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
      {shown.length === 0 ? (
        <p class="none">{t("No query is open.")}</p>
      ) : (
        <ul class="queries">
          {shown.map((q) => (
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
      )}
    </>
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
