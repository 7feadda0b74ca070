// A check or a backup: under way, or what came of it, in words.

import { t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import { chore } from "../state";
import type { Chore } from "../types";
import { count, moment } from "../words";

const UNDER_WAY: Record<Chore["kind"], string> = {
  audit: t("Every row is compared with the audit"),
  files: t("Every file is read and compared with its digest"),
  backup: t("The backup is being written; others may go on working"),
  "backup check": t("The backup is read whole"),
};

function good(one: Chore): string {
  switch (one.kind) {
    case "audit":
      return t(
        "Nothing is amiss: {counted} follow from one another, and every row is as it was written.{what}",
        {
          counted: count(one.counted, "entry", "entries"),
          what: one.about ? " The end that was kept is part of the chain." : "",
        },
      );
    case "files":
      return t("Nothing is amiss: {counted} are whole, and none is astray.", {
        counted: count(one.counted, "file"),
      });
    case "backup":
      return t("{about} is written: {counted}.", { about: one.about, counted: count(one.counted, "row") });
    case "backup check":
      return t("{about} is whole: every table and every file is as it was written.", { about: one.about });
  }
}

export function Outcome({ kind }: { kind: Chore["kind"] }) {
  const one = chore(kind);
  if (!one) return null;
  return (
    <div class="outcome" role="status">
      {one.state === "running" && (
        <p>
          {t("{UNDER_WAY}. It goes on if you leave this page.", { UNDER_WAY: UNDER_WAY[kind] })}{" "}
          <progress aria-label={UNDER_WAY[kind]} />
        </p>
      )}
      {one.state === "failed" && (
        <p>
          <Tag kind="ask">{t("It did not succeed. {why}", { why: one.why })}</Tag>
        </p>
      )}
      {one.state === "done" && one.found.length === 0 && (
        <p>
          <Tag kind="done">{good(one)}</Tag>
        </p>
      )}
      {one.state === "done" && one.found.length > 0 && (
        <>
          <p>
            <Tag kind="ask">
              {t("{found}{kind}. Keep this registry as it is, and compare with a backup.", {
                found: count(one.found.length + one.more, t("thing is amiss"), t("things are amiss")),
                kind: one.kind === "backup check" && t(" in {about}", { about: one.about }),
              })}
            </Tag>
          </p>
          <ul>
            {one.found.map((line) => (
              <li key={line}>{line}</li>
            ))}
            {one.more > 0 && <li>{t("and {more} more", { more: one.more })}</li>}
          </ul>
        </>
      )}
      {one.ended_at && (
        <p class="dim">{t("{ended_at}, by {by}", { ended_at: moment(one.ended_at), by: one.by })}</p>
      )}
    </div>
  );
}
