// The worklist: what was sent, how far it is, whose it is; a reading opens on its own page.

import { signal } from "@preact/signals";
import { render } from "preact";
import "../style/tokens.css";
import "./worklist.css";
import { startTheme, theme, turnTheme } from "../theme";
import { Assign } from "./Assign";
import { sendStudy } from "./send";
import { ask, type Line, type Study } from "./service";

const lines = signal<Line[]>([]);
const jobs = signal<Record<string, Study["newest_job"]>>({});
const more = signal<string | null>(null);
const word = signal("");
const sending = signal<number | null>(null);
const trouble = signal("");
const over = signal(false);

async function load(cursor?: string): Promise<void> {
  const query = new URLSearchParams({ q: word.value, limit: "50", ...(cursor ? { cursor } : {}) });
  try {
    const page = await ask<{ items: Line[]; next: string | null }>(`worklist?${query}`);
    lines.value = cursor ? [...lines.value, ...page.items] : page.items;
    more.value = page.next;
    for (const line of page.items) if (!line.reading && line.status !== "draft") void look(line.id);
  } catch (error) {
    trouble.value = String(error instanceof Error ? error.message : error);
  }
}

async function look(id: string): Promise<void> {
  const study = await ask<Study>(`studies/${id}`);
  jobs.value = { ...jobs.value, [id]: study.newest_job };
}

async function send(files: File[]): Promise<void> {
  if (files.length === 0 || sending.value !== null) return;
  trouble.value = "";
  sending.value = 0;
  try {
    await sendStudy(files, (share) => {
      sending.value = share;
    });
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : "The study could not be sent.";
  }
  sending.value = null;
  await load();
}

async function again(id: string): Promise<void> {
  await ask("assessments", "POST", { study: id });
  await load();
}

function Status({ line }: { line: Line }) {
  const job = jobs.value[line.id];
  if (line.status === "set aside" && job?.why)
    return (
      <>
        <b class="aside">Set aside</b> {job.why.problem}. {job.why.remedy}
        <button type="button" onClick={() => void again(line.id)}>
          Try again
        </button>
      </>
    );
  if (line.status === "not assessed")
    return (
      <>
        Not assessed{" "}
        <button type="button" onClick={() => void again(line.id)}>
          Assess
        </button>
      </>
    );
  const told = line.status === "being assessed" && job?.progress ? job.progress : line.status;
  return <span class={line.status.replaceAll(" ", "-")}>{told.charAt(0).toUpperCase() + told.slice(1)}</span>;
}

function Row({ line }: { line: Line }) {
  return (
    <tr>
      <td>{line.code ?? <Assign study={line} done={load} />}</td>
      <td>
        {line.held_on ?? ""} <span class="quiet">{line.window ?? ""}</span>
      </td>
      <td>
        {line.name || "Reading"} <span class="quiet">{filesWords(line.images)}</span>
      </td>
      <td>
        <Status line={line} />
      </td>
      <td>{line.reading ? <a href={`/readings/${line.reading}/`}>Open</a> : ""}</td>
    </tr>
  );
}

function filesWords(count: number): string {
  return count === 0 ? "" : count === 1 ? "1 file" : `${count} files`;
}

function Worklist() {
  return (
    <main
      class={over.value ? "over" : ""}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        void send([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <header>
        <h1>Worklist</h1>
        <input
          type="search"
          placeholder="Pseudonym or name"
          aria-label="Pseudonym or name"
          onInput={(event) => {
            word.value = event.currentTarget.value;
            void load();
          }}
        />
        <button type="button" onClick={turnTheme}>
          {theme.value === "dark" ? "Light" : "Dark"}
        </button>
      </header>
      <label class="drop">
        <input
          type="file"
          multiple
          onChange={(event) => {
            void send([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        {sending.value === null
          ? "Drop a study here, or choose it: a zip, DICOM, NIfTI, or a film as PNG or JPEG"
          : `Sending: ${Math.round(100 * sending.value)}%`}
        {sending.value === null ? null : <progress value={sending.value} />}
      </label>
      <p role="alert">{trouble.value}</p>
      {lines.value.length === 0 ? (
        <p class="quiet">Nothing has arrived yet.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Patient</th>
              <th>Visit</th>
              <th>Study</th>
              <th>Status</th>
              <th>Reading</th>
            </tr>
          </thead>
          <tbody>
            {lines.value.map((line) => (
              <Row key={line.id} line={line} />
            ))}
          </tbody>
        </table>
      )}
      {more.value ? (
        <button type="button" onClick={() => void load(more.value ?? undefined)}>
          More
        </button>
      ) : null}
      <p class="quiet">Research software, not a medical device.</p>
    </main>
  );
}

startTheme();
void load();
const events = new EventSource("/api/v1/events");
events.addEventListener("study", () => void load());
events.addEventListener("job", (event) => void look((JSON.parse(event.data) as { study: string }).study));
const page = document.getElementById("page");
if (page) render(<Worklist />, page);
