// One round: my cases, how far everybody is, and once it has ended what came out.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import { ReportView } from "../../report/Report";
import type { Report } from "../../report/types";
import * as api from "../api";
import { act, load, may, study, to } from "../state";
import { Tag } from "../Tag";
import type { CaseLine, ConsensusLine, Round as Shape } from "../types";

export function Round({ code }: { code: string }) {
  const now = study.value;
  const [round, setRound] = useState<Shape | null>(null);
  const of = now?.code ?? "";
  useEffect(() => {
    if (of) void load(async () => setRound(await api.round(of, code)));
  }, [of, code, now]);
  if (!now || !round) return null;
  return (
    <>
      <p class="crumbs">
        <a href={to(of, "readings")}>{t("Rounds")}</a>
      </p>
      <header class="head">
        <h3>{t("Round {code}", { code: round.code })}</h3>
        {round.closed ? <Tag kind="done">{t("ended")}</Tag> : <Tag kind="open">{t("open")}</Tag>}
        <p class="dim">
          {t(
            "Begun {begun_at}. Read: {join}. {repeats_percent}% of the cases come again, after {washout_days} days.{seed}{because}",
            {
              begun_at: day(round.begun_at),
              join: [...round.measures, ...round.ratings].join(COMMA),
              repeats_percent: round.repeats_percent,
              washout_days: round.washout_days,
              seed: round.seed !== null && t(" Seed {seed}.", { seed: round.seed }),
              because: round.because && t(" Ended early: {because}", { because: round.because }),
            },
          )}
        </p>
      </header>
      {!round.closed && round.mine.length > 0 && <Mine cases={round.mine} />}
      {!round.closed && <Far round={round} />}
      {!round.closed && may("manage a study") && now.whole && (
        <Close study={of} round={round} done={setRound} />
      )}
      {round.closed && <Results study={of} round={round.code} />}
    </>
  );
}

const STATES = {
  "to read": { kind: "open", words: t("Read it") },
  "in work": { kind: "work", words: t("Go on reading") },
  read: { kind: "done", words: t("given back") },
  waiting: { kind: "wait", words: t("opens later") },
} as const;

function Mine({ cases }: { cases: CaseLine[] }) {
  const done = cases.filter((c) => c.state === "read").length;
  const next = cases.find((c) => c.state === "in work") ?? cases.find((c) => c.state === "to read");
  const later = cases
    .filter((c) => c.open_on)
    .sort((a, b) => (a.open_on ?? "").localeCompare(b.open_on ?? ""));
  return (
    <section class="card">
      <h2>{t("Your cases")}</h2>
      <p class="big">{t("{done} of {cases} read", { done, cases: cases.length })}</p>
      {next ? (
        <a class="plain main" href={`/blinded/${next.task}/`}>
          {next.state === "in work" ? t("Go on with") : t("Read")} {next.label}
        </a>
      ) : (
        <p>
          {done === cases.length
            ? t("All are read. Thank you.")
            : later[0]
              ? t("Nothing to read now. The next case opens on {open_on}.", {
                  open_on: day(later[0].open_on),
                })
              : t("Nothing to read now. More cases open after the washout.")}
        </p>
      )}
      <ol class="cases">
        {cases.map((one) => {
          const { kind, words } = STATES[one.state];
          const opens = one.state === "to read" || one.state === "in work";
          return (
            <li key={one.task}>
              <b>{one.label}</b>
              <Tag kind={kind}>
                {opens ? (
                  <a href={`/blinded/${one.task}/`} aria-label={`${words}: ${one.label}`}>
                    {words}
                  </a>
                ) : one.open_on ? (
                  t("opens {open_on}", { open_on: day(one.open_on) })
                ) : (
                  words
                )}
              </Tag>
            </li>
          );
        })}
      </ol>
      <p class="dim">
        {t(
          "A case is given back when you sign it, once and for all. The time is counted while you look at it.",
        )}
      </p>
    </section>
  );
}

function Far({ round }: { round: Shape }) {
  if (round.progress.length === 0) return null;
  return (
    <section>
      <h3>{t("Progress")}</h3>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Reader")}</th>
              <th scope="col">{t("Cases")}</th>
              <th scope="col">{t("Repeats")}</th>
              <th scope="col">{t("Next")}</th>
            </tr>
          </thead>
          <tbody>
            {round.progress.map((p) => (
              <tr key={p.reader}>
                <td>{p.reader}</td>
                <td>
                  <meter
                    min={0}
                    max={p.cases || 1}
                    value={p.read}
                    aria-label={t("Cases read by {reader}", { reader: p.reader })}
                  />{" "}
                  {t("{read} of {cases}", { read: p.read, cases: p.cases })}
                </td>
                <td>
                  {t("{repeats_read} of {repeats}", { repeats_read: p.repeats_read, repeats: p.repeats })}
                </td>
                <td>
                  {p.read + p.repeats_read === p.cases + p.repeats ? (
                    <Tag kind="done">{t("all read")}</Tag>
                  ) : p.next_on ? (
                    <Tag kind="wait">{t("washout until {next_on}", { next_on: day(p.next_on) })}</Tag>
                  ) : (
                    <Tag kind="open">{t("reading")}</Tag>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {round.not_read.length > 0 && (
        <p class="dim">
          {t("No reading to read blinded, and so not in this round: {join}.", {
            join: round.not_read.join("; "),
          })}
        </p>
      )}
    </section>
  );
}

function Close({ study: of, round, done }: { study: string; round: Shape; done: (now: Shape) => void }) {
  const [because, setBecause] = useState("");
  const left = round.progress.reduce((n, p) => n + p.cases + p.repeats - p.read - p.repeats_read, 0);
  return (
    <section class="card">
      <h2>{t("End the round")}</h2>
      <p>
        {left === 0
          ? t("Everything is read. Once it has ended, the readings are compared.")
          : t("{left} readings are missing. Ending it now needs a reason, and they stay missing.", { left })}
      </p>
      <div class="row">
        {left > 0 && (
          <input
            value={because}
            placeholder={t("Why does it end early?")}
            aria-label={t("Why does it end early?")}
            onInput={(event) => setBecause(event.currentTarget.value)}
          />
        )}
        <button
          type="button"
          class={left === 0 ? "main" : ""}
          disabled={left > 0 && !because.trim()}
          onClick={() => void act(async () => done(await api.close(of, round.code, because)))}
        >
          {t("End the round")}
        </button>
      </div>
    </section>
  );
}

function Results({ study: of, round }: { study: string; round: string }) {
  const [report, setReport] = useState<Report | null>(null);
  useEffect(() => {
    void load(async () => setReport(await api.results(of, round)));
  }, [of, round]);
  if (!report) return <p class="none">{t("Comparing the readings")}</p>;
  return (
    <>
      <div class="row">
        <a class="plain" href={api.resultsFile(of, round, "html")} target="_blank" rel="noreferrer">
          {t("Report")}
        </a>
        {["pdf", "docx", "zip"].map((format) => (
          <a key={format} class="plain" href={api.resultsFile(of, round, format)} download>
            {format === "zip" ? t("All files (CSV, SVG, PNG)") : format === "docx" ? t("Word") : "PDF"}
          </a>
        ))}
      </div>
      <ReportView report={report} />
      <Consensus study={of} round={round} />
    </>
  );
}

function Consensus({ study: of, round }: { study: string; round: string }) {
  const [lines, setLines] = useState<ConsensusLine[] | null>(null);
  useEffect(() => {
    void load(async () => setLines(await api.consensus(of, round)));
  }, [of, round]);
  if (!lines) return null;
  const missing = lines.some((one) => one.reading === null && !one.why);
  return (
    <section>
      <h3>{t("Consensus")}</h3>
      <p class="design">
        {t(
          "The readers' points are averaged into one draft of each case. What they do not agree on is named; look at it together on the reading page, and sign.",
        )}
      </p>
      {missing && may("manage a study") && study.value?.whole && (
        <div class="row">
          <button
            type="button"
            onClick={() => void act(async () => setLines(await api.makeConsensus(of, round)))}
          >
            {t("Make the consensus readings")}
          </button>
        </div>
      )}
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Patient")}</th>
              <th scope="col">{t("Visit")}</th>
              <th scope="col">{t("Not agreed")}</th>
              <th scope="col">{t("Consensus")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((one) => (
              <tr key={one.patient + one.window}>
                <td>{one.patient}</td>
                <td>{said(one.window)}</td>
                <td>{one.not_agreed.length ? one.not_agreed.join("; ") : one.why ? "" : t("nothing")}</td>
                <td>
                  {one.reading ? (
                    <a href={`/readings/${one.reading}/`}>{t("Open the reading")}</a>
                  ) : (
                    <span class="dim">{one.why || t("not made yet")}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
