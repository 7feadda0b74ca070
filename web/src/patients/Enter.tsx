// The one dialog in which something is entered, corrected or taken back. What fits is the server's to say.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { send } from "../common/api";
import { Choice, Day, text } from "../common/fields";
import { focusBack } from "../common/focus";
import { keepTreatment, TreatmentFields } from "../common/Treatment";
import { day, said } from "../common/words";
import { t } from "../language/language";
import { course, load, patient } from "./state";
import type { Answer, Fact, Instrument, VisitSeen } from "./types";

export type Entering =
  | { what: "answer"; visit: VisitSeen; form: Instrument; now: Answer }
  | { what: "treatment" | "event" | "visit" }
  | { what: "planned"; visit: VisitSeen }
  | { what: "take back"; kind: "treatments" | "events"; fact: Fact; words: string };

export const entering = signal<Entering | null>(null);
const wrong = signal("");

export function Enter() {
  const dialog = useRef<HTMLDialogElement>(null);
  const now = entering.value;
  useEffect(() => {
    wrong.value = "";
    if (now) dialog.current?.showModal();
    else dialog.current?.close();
  }, [now]);
  const close = () => {
    entering.value = null;
    focusBack();
  };
  return (
    <dialog ref={dialog} aria-labelledby="entering" onClose={close}>
      {now && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void keep(now, new FormData(event.currentTarget)).then(close, (error) => {
              wrong.value = said(error);
            });
          }}
        >
          <h2 id="entering">{titleOf(now)}</h2>
          {wrong.value && (
            <p class="trouble" role="alert">
              {wrong.value}
            </p>
          )}
          <Fields now={now} />
          <div class="row">
            <button type="submit" class="main">
              {now.what === "take back" ? t("Take it back") : t("Keep")}
            </button>
            <button type="button" onClick={close}>
              {t("Leave it")}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}

function titleOf(now: Entering): string {
  switch (now.what) {
    case "answer":
      return t("{instrument} at {window}, {on}", {
        instrument: now.form.instrument,
        window: now.visit.window,
        on: day(now.visit.on),
      });
    case "treatment":
      return t("A treatment");
    case "event":
      return t("An event");
    case "visit":
      return t("A visit");
    case "planned":
      return t("The visit planned for {on}", { on: day(now.visit.on) });
    case "take back":
      return t("Take back: {words}", { words: now.words });
  }
}

function Fields({ now }: { now: Entering }) {
  const forms = course.value?.forms;
  if (!forms) return null;
  switch (now.what) {
    case "answer":
      return <AnswerFields form={now.form} now={now.now} />;
    case "treatment":
      return (
        <TreatmentFields
          kinds={forms.treatments}
          levels={forms.levels}
          first={course.value?.timeline.level}
        />
      );
    case "event":
      return (
        <>
          <Choice name="kind" label={t("What")} words={forms.events} />
          <Day name="on" label={t("On")} required />
          <Choice
            name="level"
            label={t("Level")}
            words={forms.levels}
            open
            first={course.value?.timeline.level}
          />
        </>
      );
    case "visit":
      return (
        <>
          <Choice name="window" label={t("Which")} words={forms.windows} first="unscheduled" />
          <Day name="on" label={t("Day; a day to come is planned")} required />
        </>
      );
    case "planned":
      return (
        <>
          <Choice name="status" label={t("What became of it")} words={["held", "missed"]} />
          <Day name="on" label={t("Held on")} first={now.visit.on ?? ""} />
          <Reason />
        </>
      );
    case "take back":
      return <Reason />;
  }
}

function AnswerFields({ form, now }: { form: Instrument; now: Answer }) {
  return (
    <>
      <p class="dim">{form.label}</p>
      {form.domains.length > 0 ? (
        form.domains.map((domain) => (
          <Figure
            key={domain}
            label={domain}
            name={`domain ${domain}`}
            form={form}
            first={now.answers[domain] ?? null}
          />
        ))
      ) : form.words.length > 0 ? (
        <label>
          {t("Answer")}
          <select name="value" required>
            <option value="">{t("Choose")}</option>
            {form.words.map((word, place) => (
              <option key={word} value={String(place + form.low)} selected={now.value === place + form.low}>
                {word}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <Figure
          label={t("Answer, {low} to {high}", { low: form.low, high: form.high })}
          name="value"
          form={form}
          first={now.value}
          required
        />
      )}
      {now.fact && <Reason />}
    </>
  );
}

interface FigureProps {
  label: string;
  name: string;
  form: Instrument;
  first: number | null;
  required?: boolean;
}

function Figure({ label, name, form, first, required }: FigureProps) {
  return (
    <label>
      {label}
      <input
        name={name}
        type="number"
        min={form.low}
        max={form.high}
        step={form.whole ? 1 : "any"}
        defaultValue={first === null ? "" : String(first)}
        required={required}
      />
    </label>
  );
}

function Reason() {
  return (
    <label>
      {t("Reason")}
      <input name="reason" required maxLength={1000} />
    </label>
  );
}

async function keep(now: Entering, data: FormData): Promise<void> {
  const episode = course.value?.episode;
  switch (now.what) {
    case "answer":
      await keepAnswer(now, data);
      break;
    case "treatment":
      if (episode) await keepTreatment(episode, data);
      break;
    case "event":
      await send("POST", `/episodes/${episode}/events`, {
        kind: text(data, "kind"),
        on: text(data, "on"),
        level: text(data, "level") || null,
      });
      break;
    case "visit": {
      const on = text(data, "on");
      const to_come = on > new Date().toISOString().slice(0, 10);
      await send("POST", `/patients/${patient}/visits`, {
        window: text(data, "window"),
        [to_come ? "planned_on" : "held_on"]: on,
        episode,
      });
      break;
    }
    case "planned": {
      const status = text(data, "status");
      const held = status === "held" ? { held_on: text(data, "on") } : {};
      await send("PATCH", `/visits/${now.visit.id}`, { reason: text(data, "reason"), status, ...held });
      break;
    }
    case "take back":
      await send("POST", `/facts/${now.kind}/${now.fact.id}/retraction`, { reason: text(data, "reason") });
  }
  await load();
}

async function keepAnswer(
  { visit, form, now }: Entering & { what: "answer" },
  data: FormData,
): Promise<void> {
  const answers = Object.fromEntries(
    form.domains
      .map((domain) => [domain, text(data, t("domain {domain}", { domain }))] as const)
      .filter(([, value]) => value !== "")
      .map(([domain, value]) => [domain, Number(value)]),
  );
  const changes = form.domains.length ? { answers } : { value: Number(text(data, "value")) };
  if (now.fact) await send("PATCH", `/facts/answers/${now.fact}`, { reason: text(data, "reason"), changes });
  else await send("POST", `/visits/${visit.id}/answers`, { instrument: form.instrument, ...changes });
}
