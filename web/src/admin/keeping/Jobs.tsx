// What waits, runs and was set aside, with the reason; tried again, or let go.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import { type Kind, Tag } from "../../studies/Tag";
import * as api from "../api";
import { confirm } from "../Dialog";
import { act, load } from "../state";
import type { Job, Work } from "../types";
import { moment, size } from "../words";

const STATES: Job["state"][] = ["queued", "running", "set aside", "cancelled", "done"];
const WORDS: Record<Job["state"], string> = {
  queued: t("waiting"),
  running: t("running"),
  "set aside": t("set aside"),
  cancelled: t("cancelled"),
  done: t("done"),
};
const KINDS: Record<Job["state"], Kind> = {
  queued: "wait",
  running: "work",
  "set aside": "ask",
  cancelled: "no",
  done: "done",
};
const EVERY_MS = 3000;

export function Jobs() {
  const [work, setWork] = useState<Work | null>(null);
  const [state, setState] = useState<Job["state"] | "">("");
  const look = () => load(async () => setWork(await api.jobs(state)));
  useEffect(() => {
    void look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [state]);
  if (!work) return null;
  const all = STATES.reduce((n, one) => n + work.counts[one], 0);
  return (
    <>
      <fieldset class="tools" aria-label={t("Jobs of a state")}>
        <button type="button" class="chip" aria-pressed={state === ""} onClick={() => setState("")}>
          {t("All {all}", { all })}
        </button>
        {STATES.map((one) => (
          <button
            type="button"
            key={one}
            class="chip"
            aria-pressed={state === one}
            onClick={() => setState(one)}
          >
            {WORDS[one]} {work.counts[one]}
          </button>
        ))}
      </fieldset>
      <p class="dim">
        {t(
          "A worker assesses one study at a time. What was being done when the machine stopped is done again; what ends a worker three times, or takes more than its limits, is set aside.{oldest_waiting}",
          {
            oldest_waiting:
              work.oldest_waiting &&
              t(" The oldest has waited since {oldest_waiting}.", {
                oldest_waiting: moment(work.oldest_waiting),
              }),
          },
        )}
      </p>
      {work.items.length === 0 ? (
        <p class="none">{t("No job is like that.")}</p>
      ) : (
        <section class="table" aria-label={t("Jobs")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Study")}</th>
                <th scope="col">{t("State")}</th>
                <th scope="col">{t("Since")}</th>
                <th scope="col" class="number">
                  {t("Attempts")}
                </th>
                <th scope="col" class="number">
                  {t("Took")}
                </th>
                <th scope="col">
                  <span class="hidden">{t("What to do")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {work.items.map((job) => (
                <Line key={job.id} job={job} done={look} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function Line({ job, done }: { job: Job; done: () => Promise<boolean> }) {
  const name = job.name || job.patient || t("a study");
  return (
    <tr>
      <td class="wide">
        {job.reading ? <a href={`/readings/${job.reading}/`}>{name}</a> : name}
        <small>
          {t("{patient}asked by {by}", {
            patient: job.patient && job.patient !== name ? `${job.patient}, ` : "",
            by: job.by,
          })}
        </small>
      </td>
      <td class="wide">
        <Tag kind={KINDS[job.state]}>{WORDS[job.state]}</Tag>
        {job.state === "running" && job.progress && <small>{job.progress}</small>}
        {job.why && (
          <p class="bad">
            {job.why.where} {job.why.problem}. {job.why.remedy}
          </p>
        )}
      </td>
      <td class="when">{moment(job.ended_at ?? job.started_at ?? job.enqueued_at)}</td>
      <td class="number">{job.attempts}</td>
      <td class="number">
        {job.seconds !== null && t("{seconds} s", { seconds: Math.round(job.seconds) })}
        {job.peak_bytes !== null && <small>{size(job.peak_bytes)}</small>}
      </td>
      <td>
        {(job.state === "set aside" || job.state === "cancelled") && !job.reading && (
          <button
            type="button"
            class="plain"
            aria-label={t("Try again: {name}", { name })}
            onClick={() => void act(() => api.retry(job.id)).then((ok) => ok && done())}
          >
            {t("Try again")}
          </button>
        )}
        {(job.state === "queued" || job.state === "running") && (
          <button
            type="button"
            class="plain"
            aria-label={t("Cancel {name}", { name })}
            onClick={() =>
              confirm({
                title: t("Let the assessment of {name} go?", { name }),
                says: t("The study stays, without a draft. It can be assessed again later."),
                verb: t("Cancel the job"),
                act: async () => {
                  await api.cancel(job.id);
                  await done();
                },
              })
            }
          >
            {t("Cancel")}
          </button>
        )}
      </td>
    </tr>
  );
}
