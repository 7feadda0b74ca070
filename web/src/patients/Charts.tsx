// Each quantity over the visits: the chart that the report shows, the verdict in words, and the values as a table.

import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import { course } from "./state";
import type { Course } from "./types";

export function Charts() {
  const courses = course.value?.timeline.courses ?? [];
  const drawn = courses.filter((c) => c.chart);
  const others = courses.filter((c) => !c.chart);
  if (courses.length === 0) return null;
  return (
    <section aria-label={t("Course")} class="courses">
      <h2>{t("Course")}</h2>
      {drawn.map((c) => (
        <Drawn key={c.title} course={c} />
      ))}
      {drawn.length > 0 && (
        <p class="small dim">
          {t(
            "Dot and 95% interval. An open dot must not be compared with the first. Broken line: a limit of a source. Grey: while a treatment lasted.",
          )}
        </p>
      )}
      {others.length > 0 && (
        <details>
          <summary>
            {others.length === 1 ? t("One value more") : t("{others} values more", { others: others.length })}
            : {others.map((c) => c.title).join(COMMA)}
          </summary>
          {others.map((c) => (
            <div key={c.title}>
              <h3>{c.title}</h3>
              <Values course={c} />
            </div>
          ))}
        </details>
      )}
    </section>
  );
}

function Drawn({ course: c }: { course: Course }) {
  const told = c.values.map((v) => `${said(v.visit)} ${v.value}`).join(t(", "));
  return (
    <article class="course" data-quantity={c.quantity} data-verdict={c.verdict}>
      <h3>
        {c.title} <span class="dim">{c.unit}</span>
      </h3>
      <figure role="img" aria-label={`${c.title}: ${told}`} dangerouslySetInnerHTML={{ __html: c.chart }} />
      <p class={`verdict ${c.verdict.replaceAll(" ", "-")}`}>
        <b>{c.said}</b>
        {c.change}
        {c.before && <span class="before">{c.before}</span>}
      </p>
      <details>
        <summary>{t("Values")}</summary>
        <Values course={c} />
      </details>
    </article>
  );
}

function Values({ course: c }: { course: Course }) {
  return (
    <div class="table">
      <table>
        <caption class="hidden">{c.title}</caption>
        <thead>
          <tr>
            <th scope="col">{t("Visit")}</th>
            <th scope="col">{t("Value, 95% interval")}</th>
            <th scope="col">{t("How")}</th>
            <th scope="col">{t("Since the first")}</th>
          </tr>
        </thead>
        <tbody>
          {c.values.map((v) => (
            <tr key={v.visit + v.on}>
              <th scope="row">
                {said(v.visit)}
                <small>{day(v.on)}</small>
              </th>
              <td>{v.value}</td>
              <td>{v.how}</td>
              <td>{v.change}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
