// The protocol as its file says it.

import { useState } from "preact/hooks";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import * as api from "../api";
import { act, may, refresh, study } from "../state";
import type { Field, Protocol } from "../types";

export function ProtocolPart() {
  const now = study.value;
  if (!now) return null;
  return (
    <>
      <div class="row">
        <a class="plain" href={api.protocolFile(now.code)} download>
          {t("Download the protocol")}
        </a>
      </div>
      <Agreed protocol={now.protocol} />
      {may("manage a study") && now.whole && <Amend />}
    </>
  );
}

const TESTS: Record<string, string> = {
  at_least: t("at least"),
  at_most: t("at most"),
  above: t("above"),
  below: t("below"),
  is: t("is"),
  one_of: t("one of"),
};

export function Agreed({ protocol }: { protocol: Protocol }) {
  const criteria = (exclusion: boolean) =>
    protocol.criteria
      .filter((c) => c.exclusion === exclusion)
      .map((c) => (
        <li key={c.id}>
          {c.text}{" "}
          <span class="dim">
            (
            {t("{fact}: {test} {limit}", {
              fact: c.label,
              test: TESTS[c.test] ?? c.test,
              limit: c.limit.split(", ").map(said).join(COMMA),
            })}
            )
          </span>
        </li>
      ));
  return (
    <div class="protocol">
      <section>
        <h3>{t("Who may take part")}</h3>
        <ul>{criteria(false)}</ul>
        <h3>{t("Who may not")}</h3>
        <ul>{criteria(true)}</ul>
      </section>
      <section>
        <h3>{t("Arms")}</h3>
        <ul>
          {protocol.arms.map((arm) => (
            <li key={arm.id}>{arm.title}</li>
          ))}
        </ul>
        <h3>{t("Visits")}</h3>
        <ul>
          {protocol.visits.map((v) => (
            <li key={v.window}>
              {t("{window}: day {from_day} to {to_day}", {
                window: said(v.window),
                from_day: v.from_day,
                to_day: v.to_day,
              })}{" "}
              <span class="dim">
                ({v.forms.map((id) => protocol.forms.find((f) => f.id === id)?.title ?? id).join(COMMA)})
              </span>
            </li>
          ))}
        </ul>
        <h3>{t("Outcomes")}</h3>
        <ul>
          {protocol.outcomes.map((o) => (
            <li key={o.id}>
              {t("{title}, at {window}", { title: o.title, window: said(o.window) })}
              {o.primary && <b> {t("(primary)")}</b>}
              {o.adjudicators > 0 && (
                <span class="dim">
                  {t(": judged by {adjudicators} readers, one more where they differ", {
                    adjudicators: o.adjudicators,
                  })}
                </span>
              )}
            </li>
          ))}
        </ul>
        {protocol.readers && (
          <>
            <h3>{t("Blinded readings")}</h3>
            <p>{protocol.readers}</p>
          </>
        )}
        <h3>{t("Sample size")}</h3>
        <p>
          {protocol.sample_size === null
            ? t("not planned")
            : t("{sample_size} patients", { sample_size: protocol.sample_size })}
          {protocol.sample_size_reason && `: ${protocol.sample_size_reason}`}
        </p>
        {protocol.pins.length > 0 && (
          <>
            <h3>{t("Read with")}</h3>
            <p>{protocol.pins.join(COMMA)}</p>
          </>
        )}
      </section>
      <section>
        <h3>{t("Forms")}</h3>
        {protocol.forms.map((form) => (
          <details key={form.id}>
            <summary>
              {form.title} <span class="dim">{t("{fields} fields", { fields: form.fields.length })}</span>
            </summary>
            <ul>
              {form.fields.map((field) => (
                <li key={field.id}>
                  {field.label} <span class="dim">{describe(field)}</span>
                </li>
              ))}
            </ul>
          </details>
        ))}
        {protocol.versions.length > 0 && (
          <>
            <h3>{t("Versions")}</h3>
            <ul>
              {protocol.versions.map((v) => (
                <li key={v.digest}>
                  {v.version}, {day(v.recorded_at)}
                  {v.because && `: ${v.because}`} <code title={v.digest}>{v.digest.slice(0, 12)}</code>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
    </div>
  );
}

function describe(field: Field): string {
  const span =
    field.low !== null && field.high !== null
      ? t("{low} to {high}", { low: field.low, high: field.high })
      : field.low !== null
        ? t("at least {low}", { low: field.low })
        : field.high !== null
          ? t("at most {high}", { high: field.high })
          : "";
  const words = [
    field.kind === "choice" ? field.choices.map(said).join(COMMA) : said(field.kind),
    [span, said(field.unit)].filter(Boolean).join(" "),
    field.source ? t("from {source}", { source: field.source }) : "",
    field.required ? "" : t("may be left out"),
  ];
  return words.filter(Boolean).join(t("; "));
}

function Amend() {
  const [text, setText] = useState("");
  const [because, setBecause] = useState("");
  const code = study.value?.code ?? "";
  return (
    <section class="card">
      <h2>{t("Amend the protocol")}</h2>
      <p>
        {t(
          "A change needs a version of its own and a reason. Who was screened under an older version stays so.",
        )}
      </p>
      <div class="row">
        <label class="file plain">
          {text ? t("Another file") : t("Choose the new protocol")}
          <input
            type="file"
            accept=".toml"
            onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setText)}
          />
        </label>
        <input
          value={because}
          placeholder={t("Why is it changed?")}
          aria-label={t("Why is it changed?")}
          onInput={(event) => setBecause(event.currentTarget.value)}
        />
        <button
          type="button"
          disabled={!text || !because.trim()}
          onClick={() =>
            void act(() => api.amend(code, text, because)).then((done) => {
              if (done) {
                setText("");
                setBecause("");
                void refresh();
              }
            })
          }
        >
          {t("Amend")}
        </button>
      </div>
    </section>
  );
}
