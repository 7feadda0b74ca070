// Every edit, newest first, each of which can be taken back and brought back; and the reading beside its draft.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { said, t } from "../language/language";
import * as api from "../model/api";
import { edit, saved, selected, shown, signed } from "../model/store";
import type { Draft, HistoryEntry } from "../model/types";
import { centreOnSelected } from "../views/looks";

/** The draft as it was, while it is shown beside the reading. */
export const draft = signal<Draft | null>(null);
const wanted = signal(false);

async function compare(): Promise<void> {
  draft.value = await api.draft().catch(() => null);
}

export function History() {
  const view = shown.value;
  const revision = saved.value?.reading.revision;
  useEffect(() => {
    if (wanted.value && revision) void compare();
  }, [revision]);
  if (!view) return null;
  return (
    <>
      <section class="part">
        <h2>{t("Edits")}</h2>
        {view.history.length === 0 && (
          <p class="dim">{t("None: this is the draft as the models made it.")}</p>
        )}
        <ol class="history">
          {view.history.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      </section>
      <Beside />
      <section class="part">
        <h2>{t("Versions")}</h2>
        <ol class="history">
          {view.versions.map((version, i) => (
            <li key={i}>
              <span>
                {said(version.status)}
                {version.reader && `, ${version.reader}`}
                <small>{[moment(version.at), version.reason].filter(Boolean).join(" · ")}</small>
              </span>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const look = () => {
    if (!entry.vertebra) return;
    selected.value = { vertebra: entry.vertebra, point: null };
    centreOnSelected();
  };
  return (
    <li class={entry.in_force ? "" : "back"} data-edit={entry.id}>
      <span>
        {entry.vertebra ? (
          <button type="button" class="link" onClick={look}>
            {entry.words}
          </button>
        ) : (
          entry.words
        )}
        <small>
          {entry.reader}, {moment(entry.at)}
          {entry.in_force ? "" : t(" · taken back")}
        </small>
      </span>
      <button
        type="button"
        class="ghost"
        disabled={signed.value || !entry.revoke}
        onClick={() => edit({ kind: "revoke", edit: entry.revoke })}
        aria-label={`${entry.in_force ? t("Take back") : t("Bring back")}: ${entry.words}`}
      >
        {entry.in_force ? t("Take back") : t("Bring back")}
      </button>
    </li>
  );
}

function Beside() {
  const now = draft.value;
  const turn = (on: boolean) => {
    wanted.value = on;
    if (on) void compare();
    else draft.value = null;
  };
  return (
    <section class="part">
      <h2>{t("Beside the draft")}</h2>
      <label class="check">
        <input type="checkbox" checked={wanted.value} onChange={(e) => turn(e.currentTarget.checked)} />
        {t("Show what differs, and the draft's points as dashed lines")}
      </label>
      {now && now.differences.length === 0 && <p class="dim">{t("Nothing differs.")}</p>}
      {now && now.differences.length > 0 && (
        <table class="rows differences">
          <thead>
            <tr>
              <th scope="col">{t("What")}</th>
              <th scope="col">{t("Draft")}</th>
              <th scope="col">{t("Now")}</th>
            </tr>
          </thead>
          <tbody>
            {now.differences.map((d, i) => (
              <Difference
                key={`${d.what}${d.level}${d.image}`}
                d={d}
                first={d.image !== now.differences[i - 1]?.image}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Difference({ d, first }: { d: Draft["differences"][number]; first: boolean }) {
  return (
    <>
      {first && d.image && (
        <tr class="group">
          <th scope="colgroup" colSpan={3}>
            {d.image}
          </th>
        </tr>
      )}
      <tr>
        <th scope="row">{[d.level, d.what].filter(Boolean).join(" ")}</th>
        <td>{d.before || "–"}</td>
        <td>{d.after || "–"}</td>
      </tr>
    </>
  );
}

function moment(at: string): string {
  const time = new Date(at);
  if (!at || Number.isNaN(time.getTime())) return "";
  return time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
