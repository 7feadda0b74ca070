// The findings that ask for a word: a list, and the one that is looked at with everything that may be said of it.

import { useEffect, useRef } from "preact/hooks";
import { said, t } from "../../language/language";
import { signed } from "../../model/store";
import type { ToJudge } from "../../model/types";
import "./judge.css";
import { answered, asked, asksFocus, endWalk, judge, takeBack, told, walk, walked, walkTo } from "./walk";

export function Judge() {
  const all = asked.value;
  if (all.length === 0) return null;
  const done = all.filter((one) => one.said !== null).length;
  return (
    <section class="part judge" aria-label={t("Findings to confirm")}>
      <h2>
        {t("Findings to confirm")}
        <span class="dim small">
          {t("{done} of {all} judged", { done, all: all.length })} <kbd>J</kbd> <kbd>K</kbd>
        </span>
      </h2>
      <ol>
        {all.map((one, at) => (
          <li key={one.id}>
            {one.id === walked.value ? <Card one={one} at={at} of={all.length} /> : <Line one={one} />}
          </li>
        ))}
      </ol>
      <p class="hidden" role="status">
        {told.value}
      </p>
    </section>
  );
}

function Line({ one }: { one: ToJudge }) {
  return (
    <button type="button" class="line" data-judge={one.id} onClick={() => walkTo(one)}>
      <Head one={one} />
    </button>
  );
}

function Head({ one }: { one: ToJudge }) {
  const word = answered(one);
  return (
    <>
      <i class={word ? "tick" : one.take === null ? "doubt" : "ring"} aria-hidden="true">
        {word ? "✓" : one.take === null ? "?" : ""}
      </i>
      <span>
        <b>{one.level}</b> {one.name}
        {word ? ": " : one.suggested && ": "}
        <b>{word || one.suggested}</b>
        {word && <small>{t("as you see it")}</small>}
      </span>
    </>
  );
}

const CLICK: Record<string, string> = { " ": "space" };

function Card({ one, at, of }: { one: ToJudge; at: number; of: number }) {
  const card = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    card.current?.focus();
  }, [asksFocus.value, one.id]);
  const answers = () => [...(card.current?.querySelectorAll<HTMLButtonElement>("[data-answer]") ?? [])];
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || CLICK[event.key]) return;
    const pressed = event.key.toLowerCase();
    const arrow = { arrowdown: 1, arrowright: 1, arrowup: -1, arrowleft: -1 }[pressed];
    const on = answers().indexOf(document.activeElement as HTMLButtonElement);
    if (pressed === "enter" && on >= 0) return; // a button presses itself
    if (pressed === "enter" && one.take !== null) judge(one, one.take);
    else if (pressed === "enter" || pressed === "o") answers()[one.said ?? one.take ?? 0]?.focus();
    else if (pressed === "0") judge(one, one.absent);
    else if (pressed === "u") judge(one, one.unknown);
    else if (/^[1-9]$/.test(pressed)) judge(one, Number(pressed) <= of_(one) ? Number(pressed) - 1 : null);
    else if (pressed === "j" || pressed === "k") walk(pressed === "j" ? 1 : -1);
    else if (pressed === "delete" || pressed === "backspace") takeBack(one);
    else if (pressed === "escape") endWalk();
    else if (arrow && on >= 0) answers()[(on + arrow + of_(one)) % of_(one)]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const sure = [one.sure, ...one.reasons, one.image].filter(Boolean).join(" · ");
  return (
    <fieldset
      ref={card}
      class="card"
      tabIndex={-1}
      data-judge={one.id}
      onKeyDown={key}
      aria-label={t("{place} of {of}: {level}, {name}. {suggested} {sure}", {
        place: at + 1,
        of,
        level: one.level,
        name: one.name,
        suggested: answered(one) || one.suggested || t("Nothing was suggested."),
        sure: one.sure,
      })}
      aria-describedby="judge-keys"
    >
      <div class="line">
        <Head one={one} />
      </div>
      {sure && <small class="sure">{sure}</small>}
      <div class="answers">
        {one.answers.map((answer, place) => (
          <button
            type="button"
            key={answer.label}
            class={place === one.take ? "ghost take" : "ghost"}
            data-answer={place}
            aria-pressed={place === one.said}
            disabled={signed.value}
            onClick={() => judge(one, place)}
          >
            {said(answer.label)} <kbd>{keyOf(one, place)}</kbd>
          </button>
        ))}
        {one.edits.length > 0 && (
          <button type="button" class="ghost" disabled={signed.value} onClick={() => takeBack(one)}>
            {t("Take back")} <kbd>{t("Delete")}</kbd>
          </button>
        )}
      </div>
      <p class="hidden" id="judge-keys">
        {t("Enter takes what is suggested, 0 says none, U cannot tell, O goes to the answers.")}
      </p>
    </fieldset>
  );
}

const of_ = (one: ToJudge): number => one.answers.length;

function keyOf(one: ToJudge, place: number): string {
  if (place === one.take) return "Enter";
  if (place === one.unknown) return "U";
  return place === one.absent ? "0" : String(place + 1);
}
