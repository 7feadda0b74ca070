// The columns of a question: those that fit stand first, with what their values were taken for.

import { useState } from "preact/hooks";
import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import type { Part, Question } from "./questions";
import { chosen, event, time } from "./state";
import type { Column, Table, Time } from "./types";

export function Ask({ question, table }: { question: Question; table: Table }) {
  const outcome = table.columns.find((c) => c.heading === chosen.value.outcome?.[0]);
  const words = outcome && outcome.kind !== "boolean" && outcome.kind !== "number" ? outcome.levels : [];
  return (
    <div class="parts-of">
      {question.parts.map((part) =>
        part.many ? (
          <Several key={part.name} part={part} columns={table.columns} />
        ) : part.name === "time" ? (
          <Followed key={part.name} part={part} columns={table.columns} />
        ) : (
          <One key={part.name} part={part} columns={table.columns} />
        ),
      )}
      {words.length > 1 && (
        <label class="pick">
          <span>{t("The event is")}</span>
          <select
            value={event.value}
            onChange={(e) => {
              event.value = e.currentTarget.value;
            }}
          >
            <option value="">{t("as it is understood")}</option>
            {words.map((word) => (
              <option key={word} value={word}>
                {said(word)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

const set = (name: Part["name"], given: string[]) => {
  chosen.value = { ...chosen.value, [name]: given };
};

/** The time followed: a column of months, or what lies between two dates. */
function Followed({ part, columns }: { part: Part; columns: Column[] }) {
  const dates = columns.filter((c) => c.kind === "date");
  if (dates.length < 2) return <One part={part} columns={columns} />;
  const now = time.value;
  const say = (given: Partial<Time> | null) => {
    const next = given && { begin: "", end: "", day_first: null, name: "", ...now, ...given };
    if (next) next.name = t("{begin} to {end}", { begin: next.begin, end: next.end });
    time.value = next;
    const asks = next && dates.some((c) => c.ambiguous && [next.begin, next.end].includes(c.heading));
    const whole = next?.begin && next.end && next.begin !== next.end && (!asks || next.day_first !== null);
    set(part.name, whole ? [next.name] : []);
  };
  const asked = now && dates.find((c) => c.ambiguous && [now.begin, now.end].includes(c.heading));
  return (
    <>
      {!now && <One part={part} columns={columns} />}
      {now && (
        <>
          <Day words={t("Followed from")} value={now.begin} dates={dates} set={(begin) => say({ begin })} />
          <Day words={t("Followed until")} value={now.end} dates={dates} set={(end) => say({ end })} />
        </>
      )}
      {asked && (
        <label class="pick">
          <span>{t("{date} of {heading} is", { date: asked.ambiguous, heading: asked.heading })}</span>
          <select
            value={now.day_first === null ? "" : String(now.day_first)}
            onChange={(e) =>
              say({ day_first: e.currentTarget.value ? e.currentTarget.value === "true" : null })
            }
          >
            <option value="">{t("choose")}</option>
            <option value="true">{meant(asked.ambiguous, true)}</option>
            <option value="false">{meant(asked.ambiguous, false)}</option>
          </select>
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={now !== null}
          onChange={(e) => say(e.currentTarget.checked ? {} : null)}
        />
        {t("from two dates")}
      </label>
    </>
  );
}

function meant(text: string, dayFirst: boolean): string {
  const [first = "", second = "", year = ""] = text.split(/[-./]/);
  const [d, m] = dayFirst ? [first, second] : [second, first];
  return day(`${year}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`);
}

function Day({
  words,
  value,
  dates,
  set: say,
}: {
  words: string;
  value: string;
  dates: Column[];
  set: (heading: string) => void;
}) {
  return (
    <label class="pick">
      <span>{words}</span>
      <select value={value} onChange={(e) => say(e.currentTarget.value)}>
        <option value="">{t("choose")}</option>
        {dates.map((c) => (
          <option key={c.heading}>{c.heading}</option>
        ))}
      </select>
    </label>
  );
}

function One({ part, columns }: { part: Part; columns: Column[] }) {
  const fit = columns.filter(part.fits);
  const rest = columns.filter((c) => !part.fits(c) && c.kind !== "empty");
  return (
    <label class="pick">
      <span>{part.words}</span>
      <select
        value={chosen.value[part.name]?.[0] ?? ""}
        onChange={(e) => set(part.name, e.currentTarget.value ? [e.currentTarget.value] : [])}
      >
        <option value="">{part.needed ? t("choose") : t("none")}</option>
        {fit.map((c) => (
          <option key={c.heading}>{c.heading}</option>
        ))}
        {rest.length > 0 && (
          <optgroup label={t("Other columns")}>
            {rest.map((c) => (
              <option key={c.heading}>{c.heading}</option>
            ))}
          </optgroup>
        )}
      </select>
      <small>{part.hint}</small>
    </label>
  );
}

function Several({ part, columns }: { part: Part; columns: Column[] }) {
  const [all, setAll] = useState(false);
  const now = chosen.value[part.name] ?? [];
  const fit = columns.filter((c) => part.fits(c) || now.includes(c.heading));
  const shown = all || fit.length === 0 ? columns.filter((c) => c.kind !== "empty") : fit;
  return (
    <fieldset class="pick several">
      <legend>
        {part.words} <small>{part.hint}</small>
      </legend>
      <div>
        {shown.map((c) => (
          <label key={c.heading} class="check">
            <input
              type="checkbox"
              checked={now.includes(c.heading)}
              onChange={(e) =>
                set(
                  part.name,
                  e.currentTarget.checked ? [...now, c.heading] : now.filter((h) => h !== c.heading),
                )
              }
            />
            {c.heading} <small>{describe(c)}</small>
          </label>
        ))}
      </div>
      {!all && shown.length < columns.length && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          {t("All columns")}
        </button>
      )}
    </fieldset>
  );
}

function describe(column: Column): string {
  const what = column.levels.length > 0 ? column.levels.slice(0, 4).join(COMMA) : column.examples.join(COMMA);
  return column.missing > 0 ? t("{what}; {missing} missing", { what, missing: column.missing }) : what;
}
