// What the sources say of a patient like this: by topic, each statement with its criteria and where it stands.

import { computed } from "@preact/signals";
import { t } from "../language/language";
import { shown } from "../model/store";
import type { GuidanceStatement } from "../model/types";

/** Drawn anew only where a statement changes, not with every number of a point that is dragged. */
const statements = computed(() => shown.value?.guidance);

export function Guidance() {
  const all = statements.value ?? [];
  if (all.length === 0) return null;
  const topics = [...new Set(all.map((one) => one.topic))];
  return (
    <section class="part guidance" aria-label={t("Guidance")}>
      <h2>{t("Guidance")}</h2>
      {topics.map((topic) => (
        <details key={topic} open={all.some((one) => one.topic === topic && one.urgency === "important")}>
          <summary>{topic}</summary>
          {all
            .filter((one) => one.topic === topic)
            .map((one) => (
              <Statement key={one.id} one={one} />
            ))}
        </details>
      ))}
    </section>
  );
}

function Statement({ one }: { one: GuidanceStatement }) {
  return (
    <div data-guidance={one.id}>
      <p>{one.text}</p>
      {one.criteria.length > 0 && (
        <ul>
          {one.criteria.map((c) => (
            <li key={c.text}>
              {c.text}: <b>{c.answer}</b>
              {c.because && <small>{c.because}</small>}
            </li>
          ))}
        </ul>
      )}
      <ol class="sources">
        {one.sources.map((source) => (
          <li key={source.number} value={source.number} lang="en">
            {source.citation}{" "}
            {source.doi && (
              <a href={`https://doi.org/${source.doi}`} target="_blank" rel="noreferrer">
                {source.doi}
              </a>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
