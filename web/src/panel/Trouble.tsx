// What was not done and why, until the reader has decided on it; and why what is held has no numbers.

import { useEffect, useState } from "preact/hooks";
import { said, t } from "../language/language";
import type { Change } from "../model/api";
import { pointWords } from "../model/names";
import { type Aside, again, aside, leave, nextTry } from "../model/queue";
import { doubtful, offline, shown, vertebra, waiting } from "../model/store";

export function Trouble() {
  const doubt = doubtful.value;
  return (
    <>
      {doubt && (
        <div class="band" role="alert">
          <b>{t("No numbers here.")}</b> {doubt.where}: {doubt.problem}. {doubt.remedy}
        </div>
      )}
      {aside.value
        .filter((one) => !(one.stale && one.change.to === "edits"))
        .map((one, i) => (
          <NotDone key={i} one={one} />
        ))}
      {offline.value && (
        <div class="band" role="status">
          <b>{t("Offline.")}</b>{" "}
          {t("{what} kept here and sent as soon as the server answers. See whether", {
            what:
              waiting.value.length === 1
                ? t("One edit is")
                : t("{waiting} edits are", { waiting: waiting.value.length }),
          })}{" "}
          <code>{t("ovcf reading open")}</code> {t("still runs.")}{" "}
          <button type="button" class="ghost" onClick={() => nextTry.value?.()}>
            {t("Try now")}
          </button>
        </div>
      )}
      <Working />
    </>
  );
}

function NotDone({ one }: { one: Aside }) {
  const { where, problem, remedy } = one.problem;
  return (
    <div class="band" role="alert">
      <b>{t("Not done: {change}.", { change: wordsOf(one.change) })}</b>{" "}
      {one.stale
        ? t(
            "Somebody else has changed this reading meanwhile. It is shown as it is now; your edit is kept here.",
          )
        : `${where}: ${problem}. ${remedy}`}
      <span class="row">
        {(one.stale || one.change.to !== "edits") && (
          <button type="button" class="ghost" onClick={() => again(one)}>
            {one.stale ? t("Make it all the same") : t("Try again")}
          </button>
        )}
        <button type="button" class="ghost" onClick={() => leave(one)}>
          {t("Leave it")}
        </button>
      </span>
    </div>
  );
}

/** What a change was about, for the reader who made it. */
export function wordsOf(change: Change): string {
  if (change.to !== "edits")
    return { undo: t("undo"), redo: t("redo"), confirm: t("signing"), addendum: t("the addendum") }[
      change.to
    ];
  const made = change.edit;
  const named = "vertebra" in made ? (vertebra(made.vertebra)?.label ?? "") : "";
  const point = made.kind === "move point" ? ` ${pointWords(made.point)}` : "";
  const finding = made.kind === "overrule" ? `, ${kindLabel(made.finding)}` : "";
  return [`${named}${point}`.trim(), said(made.kind) + finding].filter(Boolean).join(": ");
}

const kindLabel = (finding: string): string =>
  shown.value?.kinds.find((k) => k.finding === finding)?.label ?? finding;

const SLOW_MS = 350;

/** What takes longer than a moment is said: the signal of a body is read again within its new outline. */
function Working() {
  const [slow, setSlow] = useState(false);
  const first = waiting.value[0]?.change;
  useEffect(() => {
    setSlow(false);
    if (!first) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [first]);
  const made = first?.to === "edits" ? first.edit : null;
  const pixels =
    made?.kind === "redraw outline" || made?.kind === "add vertebra" || made?.kind === "split vertebra";
  if (!first || offline.value || !(slow || made?.kind === "redraw outline")) return null;
  const named = made && "vertebra" in made ? (vertebra(made.vertebra)?.label ?? "") : "";
  return (
    <div class="band work" role="status">
      <progress aria-label={t("Working")} />{" "}
      {pixels
        ? t("Reading the marrow{named} again", { named: named ? t(" of {named}", { named }) : "" })
        : t("Working out what follows")}
    </div>
  );
}
