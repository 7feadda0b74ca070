// One round: my cases, how far everybody is, and once it has ended what came out.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { ReportView } from "../../report/Report";
import type { Report } from "../../report/types";
import * as api from "../api";
import { act, may, study, to } from "../state";
import { Tag } from "../Tag";
import type { CaseLine, ConsensusLine, Round as Shape } from "../types";

export function Round({ code }: { code: string }) {
  const now = study.value;
  const [round, setRound] = useState<Shape | null>(null);
  const of = now?.code ?? "";
  useEffect(() => {
    if (of) void act(async () => setRound(await api.round(of, code)));
  }, [of, code, now]);
  if (!now || !round) return null;
  return (
    <>
      <p class="crumbs">
        <a href={to(of, "readings")}>Rounds</a>
      </p>
      <header class="head">
        <h3>Round {round.code}</h3>
        {round.closed ? <Tag kind="done">ended</Tag> : <Tag kind="open">open</Tag>}
        <p class="dim">
          Begun {day(round.begun_at)}. Read: {[...round.measures, ...round.ratings].join(", ")}.{" "}
          {round.repeats_percent}% of the cases come again, after {round.washout_days} days.
          {round.seed !== null && ` Seed ${round.seed}.`}
          {round.because && ` Ended early: ${round.because}`}
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
  "to read": { kind: "open", words: "Read it" },
  "in work": { kind: "work", words: "Go on reading" },
  read: { kind: "done", words: "given back" },
  waiting: { kind: "wait", words: "opens later" },
} as const;

function Mine({ cases }: { cases: CaseLine[] }) {
  const done = cases.filter((c) => c.state === "read").length;
  const next = cases.find((c) => c.state === "in work") ?? cases.find((c) => c.state === "to read");
  const later = cases
    .filter((c) => c.open_on)
    .sort((a, b) => (a.open_on ?? "").localeCompare(b.open_on ?? ""));
  return (
    <section class="card">
      <h2>Your cases</h2>
      <p class="big">
        {done} of {cases.length} read
      </p>
      {next ? (
        <a class="plain main" href={`/blinded/${next.task}/`}>
          {next.state === "in work" ? "Go on with" : "Read"} {next.label}
        </a>
      ) : (
        <p>
          {done === cases.length
            ? "All are read. Thank you."
            : later[0]
              ? `Nothing to read now. The next case opens on ${day(later[0].open_on)}.`
              : "Nothing to read now. More cases open after the washout."}
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
                  `opens ${day(one.open_on)}`
                ) : (
                  words
                )}
              </Tag>
            </li>
          );
        })}
      </ol>
      <p class="dim">
        A case is given back when you sign it, once and for all. The time is counted while you look at it.
      </p>
    </section>
  );
}

function Far({ round }: { round: Shape }) {
  if (round.progress.length === 0) return null;
  return (
    <section>
      <h3>Progress</h3>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Reader</th>
              <th scope="col">Cases</th>
              <th scope="col">Repeats</th>
              <th scope="col">Next</th>
            </tr>
          </thead>
          <tbody>
            {round.progress.map((p) => (
              <tr key={p.reader}>
                <td>{p.reader}</td>
                <td>
                  <meter min={0} max={p.cases || 1} value={p.read} aria-label={`Cases read by ${p.reader}`} />{" "}
                  {p.read} of {p.cases}
                </td>
                <td>
                  {p.repeats_read} of {p.repeats}
                </td>
                <td>
                  {p.read + p.repeats_read === p.cases + p.repeats ? (
                    <Tag kind="done">all read</Tag>
                  ) : p.next_on ? (
                    <Tag kind="wait">washout until {day(p.next_on)}</Tag>
                  ) : (
                    <Tag kind="open">reading</Tag>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {round.not_read.length > 0 && (
        <p class="dim">No reading to read blinded, and so not in this round: {round.not_read.join("; ")}.</p>
      )}
    </section>
  );
}

function Close({ study: of, round, done }: { study: string; round: Shape; done: (now: Shape) => void }) {
  const [because, setBecause] = useState("");
  const left = round.progress.reduce((n, p) => n + p.cases + p.repeats - p.read - p.repeats_read, 0);
  return (
    <section class="card">
      <h2>End the round</h2>
      <p>
        {left === 0
          ? "Everything is read. Once it has ended, the readings are compared."
          : `${left} readings are missing. Ending it now needs a reason, and they stay missing.`}
      </p>
      <div class="row">
        {left > 0 && (
          <input
            value={because}
            placeholder="Why does it end early?"
            aria-label="Why does it end early?"
            onInput={(event) => setBecause(event.currentTarget.value)}
          />
        )}
        <button
          type="button"
          class={left === 0 ? "main" : ""}
          disabled={left > 0 && !because.trim()}
          onClick={() => void act(async () => done(await api.close(of, round.code, because)))}
        >
          End the round
        </button>
      </div>
    </section>
  );
}

function Results({ study: of, round }: { study: string; round: string }) {
  const [report, setReport] = useState<Report | null>(null);
  useEffect(() => {
    void act(async () => setReport(await api.results(of, round)));
  }, [of, round]);
  if (!report) return <p class="none">Comparing the readings</p>;
  return (
    <>
      <div class="row">
        <a class="plain" href={api.resultsFile(of, round, "html")} target="_blank" rel="noreferrer">
          Report
        </a>
        {["pdf", "docx", "zip"].map((format) => (
          <a key={format} class="plain" href={api.resultsFile(of, round, format)} download>
            {format === "zip" ? "All files (CSV, SVG, PNG)" : format === "docx" ? "Word" : "PDF"}
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
    void act(async () => setLines(await api.consensus(of, round)));
  }, [of, round]);
  if (!lines) return null;
  const missing = lines.some((one) => one.reading === null && !one.why);
  return (
    <section>
      <h3>Consensus</h3>
      <p class="design">
        The readers' points are averaged into one draft of each case. What they do not agree on is named; look
        at it together on the reading page, and sign.
      </p>
      {missing && may("manage a study") && study.value?.whole && (
        <div class="row">
          <button
            type="button"
            onClick={() => void act(async () => setLines(await api.makeConsensus(of, round)))}
          >
            Make the consensus readings
          </button>
        </div>
      )}
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">Visit</th>
              <th scope="col">Not agreed</th>
              <th scope="col">Consensus</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((one) => (
              <tr key={one.patient + one.window}>
                <td>{one.patient}</td>
                <td>{one.window}</td>
                <td>{one.not_agreed.length ? one.not_agreed.join("; ") : one.why ? "" : "nothing"}</td>
                <td>
                  {one.reading ? (
                    <a href={`/readings/${one.reading}/`}>Open the reading</a>
                  ) : (
                    <span class="dim">{one.why || "not made yet"}</span>
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
