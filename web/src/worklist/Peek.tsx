// What the chosen study shows, and the one next step.

import { COMMA, said, t } from "../language/language";
import * as api from "./api";
import { act, assigning, current, glance, open } from "./state";
import { day } from "./words";

export function Peek() {
  const line = current();
  if (!line) return <aside class="peek" aria-label={t("Study")} />;
  const now = glance.value?.id === line.id ? glance.value : null;
  const why = now?.study.newest_job?.why;
  const seen = now?.seen;
  const job = now?.study.newest_job;
  return (
    <aside class="peek" aria-label={t("Study")}>
      <div class="scroll">
        {now && job?.state !== "queued" && job?.state !== "running" && (
          <img
            key={line.id}
            src={api.thumbnail(line.id)}
            alt=""
            onError={(event) => event.currentTarget.remove()}
          />
        )}
        <h2>
          {[line.code ?? t("No patient yet"), said(line.window ?? ""), day(line.acquired_on)]
            .filter(Boolean)
            .join(t(", "))}
        </h2>
        {seen?.urgent
          .filter((u) => !u.acknowledged)
          .map((u) => (
            <p key={u.id} class="urgent" role="alert">
              <b>{t("Urgent: {topic}", { topic: u.topic })}</b> {u.text}
            </p>
          ))}
        {seen && (
          <p class="impression">
            {seen.impression.map((s) => (
              <span key={s.lead}>
                <b>{s.lead}</b>
                {s.rest}
                {t(" ")}
              </span>
            ))}
          </p>
        )}
        {seen && seen.questions.length > 0 && (
          <p class="ask">
            {t("Which vertebra is which is not sure on")} {seen.questions.map((q) => q.image).join(COMMA)}
            {t(": open it and name one.")}
          </p>
        )}
        {seen && seen.withheld.length > 0 && (
          <p class="dim">
            {t("Not measured: {join}", {
              join:
                [...new Set(seen.withheld.map((w) => w.level).filter(Boolean))].join(COMMA) ||
                t("see the report"),
            })}
          </p>
        )}
        {job?.state === "running" && <p class="dim">{job.progress}</p>}
        {why && (
          <div class="trouble" role="alert">
            <p>
              {why.where} {why.problem}.
            </p>
            <p>{why.remedy}</p>
            {job && (
              <small class="dim">
                {t("tried {what}", {
                  what: job.attempts === 1 ? t("once") : t("{attempts} times", { attempts: job.attempts }),
                })}
              </small>
            )}
          </div>
        )}
        {line.patient && (
          <p>
            <a href={`/patients/${line.patient}/`}>{t("Course over all visits")}</a>
          </p>
        )}
      </div>
      <div class="foot">
        {line.reading && (
          <button type="button" class="main" onClick={() => open(line)}>
            {t("Open")} <kbd>{t("Enter")}</kbd>
          </button>
        )}
        {!line.reading && line.status === "draft" && (
          <button
            type="button"
            class="main"
            onClick={() => {
              assigning.value = line;
            }}
          >
            {t("Whose is it?")} <kbd>{t("Enter")}</kbd>
          </button>
        )}
        {(line.status === "set aside" || line.status === "not assessed") && (
          <button type="button" class="main" onClick={() => void act(api.assess(line.id))}>
            {t("Assess {what}", { what: line.status === "set aside" ? t("again") : "" })}
          </button>
        )}
        {job && (job.state === "running" || job.state === "queued") && (
          <button type="button" onClick={() => void act(api.cancel(job.id))}>
            {t("Stop")}
          </button>
        )}
        {!line.patient && line.status !== "being assessed" && (
          <button
            type="button"
            onClick={() => {
              if (confirm(t("Remove {name} from this server?", { name: line.name || "this study" })))
                void act(api.discard(line.id));
            }}
          >
            {t("Remove")}
          </button>
        )}
      </div>
    </aside>
  );
}
