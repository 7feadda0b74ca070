// A check or a backup: under way, or what came of it, in words.

import { Tag } from "../../studies/Tag";
import { chore } from "../state";
import type { Chore } from "../types";
import { count, moment } from "../words";

const UNDER_WAY: Record<Chore["kind"], string> = {
  audit: "Every row is compared with the audit",
  files: "Every file is read and compared with its digest",
  backup: "The backup is being written; others may go on working",
  "backup check": "The backup is read whole",
};

function good(one: Chore): string {
  switch (one.kind) {
    case "audit":
      return `Nothing is amiss: ${count(one.counted, "entry", "entries")} follow from one another, and every row is as it was written.${
        one.about ? " The end that was kept is part of the chain." : ""
      }`;
    case "files":
      return `Nothing is amiss: ${count(one.counted, "file")} are whole, and none is astray.`;
    case "backup":
      return `${one.about} is written: ${count(one.counted, "row")}.`;
    case "backup check":
      return `${one.about} is whole: every table and every file is as it was written.`;
  }
}

export function Outcome({ kind }: { kind: Chore["kind"] }) {
  const one = chore(kind);
  if (!one) return null;
  return (
    <div class="outcome" role="status">
      {one.state === "running" && (
        <p>
          {UNDER_WAY[kind]}. It goes on if you leave this page. <progress aria-label={UNDER_WAY[kind]} />
        </p>
      )}
      {one.state === "failed" && (
        <p>
          <Tag kind="ask">It did not succeed. {one.why}</Tag>
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
              {count(one.found.length + one.more, "thing is amiss", "things are amiss")}
              {one.kind === "backup check" && ` in ${one.about}`}. Keep this registry as it is, and compare
              with a backup.
            </Tag>
          </p>
          <ul>
            {one.found.map((line) => (
              <li key={line}>{line}</li>
            ))}
            {one.more > 0 && <li>and {one.more} more</li>}
          </ul>
        </>
      )}
      {one.ended_at && (
        <p class="dim">
          {moment(one.ended_at)}, by {one.by}
        </p>
      )}
    </div>
  );
}
