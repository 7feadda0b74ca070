// The table: one study a line, what comes next always in words.

import { said, t } from "../language/language";
import { chosen, filter, giving, goOn, lines, loaded, more, open, progress, sort, word } from "./state";
import type { WorkLine } from "./types";
import { day, type Mark, next, ROLES } from "./words";

const COLUMNS = [
  { name: t("Patient") },
  { name: t("Study"), by: "acquired" },
  { name: t("Arrived"), by: "arrived" },
  { name: t("Draft") },
  { name: t("Next step"), by: "changed" },
  { name: t("Reader") },
] as const;

export function Lines() {
  if (loaded.value && lines.value.length === 0)
    return (
      <p class="none">
        {word.value || filter.value
          ? t("Nothing fits. Choose All, or another word.")
          : t(
              "Nothing here yet. Drop a study on this page, or open the example: a digital patient, not a person.",
            )}
      </p>
    );
  return (
    <div class="table">
      <table aria-label={t("Worklist")}>
        <thead>
          <tr>
            {COLUMNS.map((c) => (
              <th key={c.name} scope="col" aria-sort={"by" in c ? sorted(c.by) : undefined}>
                {"by" in c ? (
                  <button type="button" onClick={() => turn(c.by)}>
                    {c.name}
                    {sorted(c.by) === "descending" ? " ↓" : sorted(c.by) === "ascending" ? " ↑" : ""}
                  </button>
                ) : (
                  c.name
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.value.map((line) => (
            <Row key={line.id} line={line} />
          ))}
        </tbody>
      </table>
      {more.value && (
        <button type="button" class="more" onClick={() => void goOn()}>
          {t("More")}
        </button>
      )}
    </div>
  );
}

function Row({ line }: { line: WorkLine }) {
  const given = line.id === giving.value;
  const { mark, words } = given ? ({ mark: "turning", words: t("Gets its patient") } as const) : next(line);
  const doing = line.status === "being assessed" ? progress.value[line.id] : "";
  return (
    <tr
      aria-selected={line.id === chosen.value}
      aria-current={line.id === chosen.value ? "true" : undefined}
      onClick={() => {
        chosen.value = line.id;
      }}
      onDblClick={() => open(line)}
    >
      <td>
        {line.patient ? (
          <a
            class="name"
            href={`/patients/${line.patient}/`}
            title={t("Course over all visits")}
            onFocus={() => {
              chosen.value = line.id;
            }}
          >
            {line.code}
          </a>
        ) : (
          <button
            type="button"
            class="name"
            onFocus={() => {
              chosen.value = line.id;
            }}
            onClick={() => {
              chosen.value = line.id;
            }}
          >
            {t("No patient yet")}
          </button>
        )}
        <small>{said(line.window ?? "")}</small>
      </td>
      <td>
        {day(line.held_on ?? line.acquired_on) || t("no date")}
        {(line.name || line.images > 0) && (
          <small title={line.name}>
            {line.name || t("study")}, {line.images} {line.images === 1 ? t("image") : t("images")}
          </small>
        )}
      </td>
      <td>{day(line.arrived_at)}</td>
      <td>
        {line.summary?.lead}
        {line.summary?.earlier && <small>{t("as an earlier release saw it; open it to see it anew")}</small>}
        {line.summary && line.summary.roles.length > 0 && (
          <span class="roles">
            {line.summary.roles.map((role) => (
              <i key={role}>{ROLES[role] ?? role}</i>
            ))}
          </span>
        )}
      </td>
      <td class={`next ${mark}`}>
        <MarkShape mark={mark} />
        {words}
        {doing && <small>{doing}</small>}
      </td>
      <td class="dim">{line.signed_by ?? line.assigned_to ?? t("not assigned")}</td>
    </tr>
  );
}

export function MarkShape({ mark }: { mark: Mark }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" class={`mark ${mark}`} aria-hidden="true">
      {mark === "urgent" ? (
        <path d="M7,1.5L13,12.5H1Z" fill="currentColor" />
      ) : mark === "dashed" ? (
        <rect x="2" y="2" width="10" height="10" stroke-dasharray="2 2" />
      ) : (
        <circle cx="7" cy="7" r="5" stroke-dasharray={mark === "turning" ? "20 12" : undefined} />
      )}
      {mark === "tick" && <path d="M4.5 7l2 2 3.2-4" />}
      {mark === "asked" && (
        <text x="7" y="10" text-anchor="middle" font-size="8.5">
          ?
        </text>
      )}
    </svg>
  );
}

function sorted(by: string): "ascending" | "descending" | "none" {
  return sort.value === by ? "ascending" : sort.value === `-${by}` ? "descending" : "none";
}

function turn(by: string): void {
  sort.value = sort.value === `-${by}` ? by : `-${by}`;
}
