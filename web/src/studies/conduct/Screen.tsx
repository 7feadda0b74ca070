// Screening: one fact for each criterion, as the protocol names them; what is not known is left empty.

import { useState } from "preact/hooks";
import { said as inWords, t } from "../../language/language";
import * as api from "../api";
import { act, study } from "../state";
import type { Candidate, Criterion } from "../types";

const NUMBERS = ["at_least", "at_most", "above", "below"];

export function Screen({ log, done, open }: { log: Candidate[]; done: () => void; open: boolean }) {
  const now = study.value;
  const [code, setCode] = useState("");
  const [on, setOn] = useState(new Date().toLocaleDateString("sv"));
  const [facts, setFacts] = useState<Record<string, string>>({});
  const [reason, setReason] = useState("");
  if (!now) return null;
  const before = log.find((c) => c.code === code.trim());
  const asked = [...new Map(now.protocol.criteria.map((c) => [c.fact, c])).values()];
  const go = () => {
    const given = Object.fromEntries(
      Object.entries(facts)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => {
          const criterion = asked.find((c) => c.fact === name);
          if (criterion && NUMBERS.includes(criterion.test)) return [name, Number(value)];
          return [name, value === "yes" ? true : value === "no" ? false : value];
        }),
    );
    void act(() => api.screen(now.code, code.trim(), given, on, reason)).then((ok) => {
      if (!ok) return;
      setCode("");
      setFacts({});
      setReason("");
      done();
    });
  };
  return (
    <details class="card" open={open}>
      <summary>{t("Screen a candidate")}</summary>
      <p>
        {t(
          "Each criterion is met, not met or not known. What is not known is left empty: it defers the decision and is never taken for granted.",
        )}
      </p>
      <div class="fields">
        <label>
          {t("Pseudonym, never a name")}
          <input value={code} onInput={(e) => setCode(e.currentTarget.value)} />
        </label>
        <label>
          {t("Screened on")}
          <input type="date" value={on} onInput={(e) => setOn(e.currentTarget.value)} />
        </label>
      </div>
      <ul class="criteria">
        {asked.map((c) => (
          <li key={c.fact}>
            <div class="line">
              <label for={`fact-${c.fact}`}>
                {c.exclusion && <b>{t("Not:")} </b>}
                {c.text}
              </label>
              <Value
                id={`fact-${c.fact}`}
                criterion={c}
                value={facts[c.fact] ?? said(before?.facts[c.fact])}
                set={(value) => setFacts({ ...facts, [c.fact]: value })}
              />
            </div>
          </li>
        ))}
      </ul>
      {before && (
        <div class="fields">
          <label>
            {t("Screened before: why again?")}
            <input value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
          </label>
        </div>
      )}
      <div class="row">
        <button
          type="button"
          class="main"
          disabled={!code.trim() || !on || (before && !reason.trim())}
          onClick={go}
        >
          {t("Judge and keep")}
        </button>
      </div>
    </details>
  );
}

const said = (fact: boolean | number | string | undefined): string =>
  fact === undefined ? "" : typeof fact === "boolean" ? (fact ? "yes" : "no") : String(fact);

function Value({
  id,
  criterion,
  value,
  set,
}: {
  id: string;
  criterion: Criterion;
  value: string;
  set: (value: string) => void;
}) {
  if (NUMBERS.includes(criterion.test))
    return (
      <input id={id} type="number" step="any" value={value} onInput={(e) => set(e.currentTarget.value)} />
    );
  const yesNo = criterion.test === "is" && ["yes", "no"].includes(criterion.limit);
  if (yesNo)
    return (
      <select id={id} value={value} onChange={(e) => set(e.currentTarget.value)}>
        <option value="">{t("not known")}</option>
        <option value="yes">{t("yes")}</option>
        <option value="no">{t("no")}</option>
      </select>
    );
  return <OneOf id={id} words={wordsOf(criterion)} value={value} set={set} />;
}

/** What a fact may be: every level or treatment where the protocol names some of them, else what it names. */
function wordsOf(criterion: Criterion): string[] {
  const named = criterion.limit.split(", ");
  const lists = [study.value?.levels ?? [], study.value?.treatments ?? []];
  return lists.find((list) => named.every((one) => list.includes(one))) ?? named;
}

const ANOTHER = "another";

function OneOf({
  id,
  words,
  value,
  set,
}: {
  id: string;
  words: string[];
  value: string;
  set: (value: string) => void;
}) {
  const [another, setAnother] = useState(false);
  const free = another || (value !== "" && !words.includes(value));
  return (
    <span class="one-of">
      <select
        id={id}
        value={free ? ANOTHER : value}
        onChange={(e) => {
          const chosen = e.currentTarget.value;
          setAnother(chosen === ANOTHER);
          set(chosen === ANOTHER ? "" : chosen);
        }}
      >
        <option value="">{t("not known")}</option>
        {words.map((word) => (
          <option key={word} value={word}>
            {inWords(word)}
          </option>
        ))}
        <option value={ANOTHER}>{t("another")}</option>
      </select>
      {free && (
        <input
          value={value}
          aria-label={t("which other one")}
          placeholder={t("which other one")}
          onInput={(e) => set(e.currentTarget.value)}
        />
      )}
    </span>
  );
}
