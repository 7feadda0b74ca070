// From a table to the answer of one question, in three steps that stay on the page.

import { useEffect, useState } from "preact/hooks";
import { Frame } from "../common/Frame";
import { said, t } from "../language/language";
import { ReportView } from "../report/Report";
import { Ask } from "./Ask";
import * as api from "./api";
import { MappingView } from "./Mapping";
import { Source } from "./Source";
import {
  analysis,
  busy,
  choose,
  mapping,
  QUESTIONS,
  question,
  ready,
  run,
  since,
  stop,
  table,
  title,
  trouble,
  unsettled,
  wrongAsMissing,
} from "./state";

export function App() {
  const from = table.value;
  const now = question.value;
  return (
    <Frame page="cohort" title={t("Cohort")} trouble={trouble.value}>
      <Source />
      {from && (
        <section class="card step" aria-labelledby="what">
          <h2 id="what">{t("2. The question")}</h2>
          <ul class="questions">
            {QUESTIONS.filter((q) => from.table || q.registry).map((q) => (
              <li key={q.name}>
                <button type="button" aria-pressed={q === now} onClick={() => choose(q)}>
                  <b>{q.words}</b>
                  <span>{q.says}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {from && now && (
        <section class="card step" aria-labelledby="how">
          <h2 id="how">3. {now.design ? t("What the headings mean") : t("The columns")}</h2>
          {now.design ? (
            mapping.value ? (
              <MappingView />
            ) : (
              <OfRegistry />
            )
          ) : (
            <Ask question={now} table={from} />
          )}
          <div class="row go">
            <button
              type="button"
              class="main"
              disabled={!ready.value || running()}
              onClick={() => void run()}
            >
              {t("Analyse")}
            </button>
            {unsettled.value && <span class="ask">{unsettled.value}</span>}
            {from.table && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={wrongAsMissing.value}
                  onChange={(event) => {
                    wrongAsMissing.value = event.currentTarget.checked;
                  }}
                />
                {t("Take values that cannot be as missing; the report lists each")}
              </label>
            )}
          </div>
        </section>
      )}
      <p class="hidden" role="status">
        {busy.value ||
          (analysis.value ? t("The analysis is {state}", { state: said(analysis.value.state) }) : "")}
      </p>
      <Result />
    </Frame>
  );
}

const running = (): boolean => analysis.value?.state === "waiting" || analysis.value?.state === "running";

function OfRegistry() {
  return table.value?.table ? null : (
    <p>
      {t(
        "The registry's own columns are known. Patients like Han's are taken, the others are counted by reason.",
      )}
    </p>
  );
}

function Result() {
  const now = analysis.value;
  if (!now) return null;
  if (now.state === "failed")
    return (
      <p class="trouble" role="alert">
        {now.why?.where} {now.why?.problem}. {now.why?.remedy}
      </p>
    );
  if (!now.report) return <UnderWay waiting={now.state === "waiting"} />;
  return (
    <section class="result" aria-label={t("Result")}>
      {title.value && <h2>{title.value}</h2>}
      <div class="row">
        <a class="plain" href={api.file(now.analysis, "html")} target="_blank" rel="noreferrer">
          {t("Report")}
        </a>
        <a class="plain" href={api.file(now.analysis, "pdf")} download>
          PDF
        </a>
        <a class="plain" href={api.file(now.analysis, "docx")} download>
          {t("Word")}
        </a>
        <a class="plain" href={api.file(now.analysis, "zip")} download>
          {t("All files (CSV, SVG, PNG, methods)")}
        </a>
      </div>
      <ReportView report={now.report} />
    </section>
  );
}

/** How long it has been; it may be stopped. Another's analysis may come first: one is made at a time. */
function UnderWay({ waiting }: { waiting: boolean }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(tick);
  }, []);
  const seconds = Math.max(Math.round((now - since.value) / 1000), 0);
  return (
    <div class="none under-way">
      <p>
        {waiting ? t("Waiting for its turn") : t("Being analysed")}
        <span class="dim"> {t("{seconds} s", { seconds })}</span>
      </p>
      <progress aria-label={t("The analysis is under way")} />
      <p class="dim">{t("You may leave: it stands under “Yours of the last week” when it is done.")}</p>
      <button type="button" onClick={() => void stop()}>
        {t("Stop")}
      </button>
    </div>
  );
}
