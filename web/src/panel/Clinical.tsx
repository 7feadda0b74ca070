// The clinical form: what the images cannot tell. Nothing is taken for granted: what is not said is unknown, and one
// key (u) says so again.

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { said, t } from "../language/language";
import { edit, shown, signed } from "../model/store";
import type { ClinicalFact, ClinicalGroup, Value } from "../model/types";

export function Clinical() {
  const wanted = sought.value.trim().toLowerCase();
  const groups = (shown.value?.clinical ?? [])
    .map((group) => ({ ...group, facts: group.facts.filter((f) => isWanted(wanted, group.title, f)) }))
    .filter((group) => group.facts.length > 0);
  return (
    <>
      <p class="seek">
        <input
          type="search"
          value={sought.value}
          placeholder={t("Find a fact, e.g. T-score")}
          aria-label={t("Find a fact")}
          onInput={(e) => (sought.value = e.currentTarget.value)}
        />
      </p>
      {groups.length === 0 && <p class="notice">{t("No fact is called so.")}</p>}
      {groups.map((group) => (
        <Group key={group.title} group={group} />
      ))}
      <p class="notice">
        {t("In a list y, n and u choose yes, no and unknown; in a field u or an empty field says unknown.")}
      </p>
    </>
  );
}

/** What is looked for among the facts, which are many. */
const sought = signal("");

const isWanted = (wanted: string, title: string, fact: ClinicalFact): boolean =>
  wanted === "" || `${title} ${fact.label}`.toLowerCase().includes(wanted);

function Group({ group }: { group: ClinicalGroup }) {
  const known = group.facts.filter((f) => f.value !== null).length;
  return (
    <section class="part">
      <h2>
        {group.title}
        <span class="dim small">{t("{known} of {facts} known", { known, facts: group.facts.length })}</span>
      </h2>
      <div class="facts">
        {group.facts.map((fact) => (
          <Row key={fact.field} fact={fact} />
        ))}
      </div>
    </section>
  );
}

const say = (fact: ClinicalFact, value: Value) => {
  if (value !== fact.value) edit({ kind: "enter fact", field: fact.field, value });
};

function Row({ fact }: { fact: ClinicalFact }) {
  const mine = fact.edits.length > 0;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is the input or select that it ends with
    <label class={mine ? "mine" : ""}>
      <span>
        {fact.label}
        {fact.from_images && <small>{t("from the images")}</small>}
        {mine && <small>{t("as you say")}</small>}
      </span>
      {fact.kind === "yes or no" || fact.kind === "word" ? (
        <Choice fact={fact} />
      ) : (
        <Field key={`${fact.field} ${fact.value}`} fact={fact} />
      )}
    </label>
  );
}

function Choice({ fact }: { fact: ClinicalFact }) {
  const isFlag = fact.kind === "yes or no";
  const options: [string, Value][] =
    fact.kind === "word"
      ? fact.words.map((word) => [said(word), word])
      : [
          [t("yes"), true],
          [t("no"), false],
        ];
  return (
    <select
      value={String(options.findIndex(([, value]) => value === fact.value))}
      disabled={signed.value}
      data-clinical={fact.field}
      onChange={(e) => say(fact, options[Number(e.currentTarget.value)]?.[1] ?? null)}
      onKeyDown={(e) => {
        // A browser takes two letters typed within a second for one word, so that a quick correction would be lost.
        const said = e.key === "u" ? null : options.find(([words]) => isFlag && words[0] === e.key)?.[1];
        if (said === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
        e.preventDefault();
        say(fact, said);
      }}
    >
      <option value="-1">{t("unknown")}</option>
      {options.map(([words], i) => (
        <option key={words} value={i}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** A number, date or text is said with Enter or on leaving the field. */
function Field({ fact }: { fact: ClinicalFact }) {
  const start = fact.value === null ? "" : String(fact.value);
  const [wrong, setWrong] = useState("");
  const isNumber = fact.kind === "number" || fact.kind === "whole number";
  const leave = (field: HTMLInputElement) => {
    const text = field.value.trim();
    if (text === start) return setWrong("");
    if (text === "") return say(fact, null);
    const read = isNumber ? numberOf(text, fact) : { value: text, wrong: "" };
    setWrong(read.wrong);
    if (!read.wrong) say(fact, read.value);
  };
  const unknown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key === "Enter") event.currentTarget.blur(); // which says it, once
    if (event.key !== "u" || !isNumber) return;
    event.preventDefault();
    event.currentTarget.value = "";
    event.currentTarget.blur();
  };
  const same = {
    defaultValue: start,
    placeholder: t("unknown"),
    disabled: signed.value,
    "data-clinical": fact.field,
    "aria-invalid": wrong !== "",
    onBlur: (event: { currentTarget: HTMLInputElement }) => leave(event.currentTarget),
    onKeyDown: unknown,
  };
  return (
    <span class="number">
      {fact.kind === "date" ? (
        <input type="date" {...same} />
      ) : (
        <input inputMode={isNumber ? "decimal" : "text"} size={isNumber ? 7 : 12} {...same} />
      )}
      {wrong && (
        <small class="ask" role="alert">
          {wrong}
        </small>
      )}
    </span>
  );
}

/** The number that was typed, or what is wrong with it: a comma and a true minus are understood. */
export function numberOf(text: string, fact: ClinicalFact): { value: Value; wrong: string } {
  const plain = text.replace(",", ".").replace("−", "-");
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN;
  const low = fact.low ?? Number.NEGATIVE_INFINITY;
  const high = fact.high ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(value)) return { value: null, wrong: t("not a number") };
  if (value < low || value > high) return { value: null, wrong: t("from {low} to {high}", { low, high }) };
  if (fact.kind === "whole number" && !Number.isInteger(value))
    return { value: null, wrong: t("a whole number") };
  return { value, wrong: "" };
}
