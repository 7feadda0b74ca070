// The audit: who did what, when; whether it is whole; and its end, to be kept elsewhere.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { may } from "../../common/me";
import { said, t } from "../../language/language";
import * as api from "../api";
import { begin, chore, load, place, watch } from "../state";
import type { AuditChoices, AuditLine } from "../types";
import { moment, plain } from "../words";
import { Outcome } from "./Outcome";

interface Filter {
  person: string;
  patient: string;
  kind: string;
  action: string;
  since: string;
  until: string;
}

const NONE: Filter = { person: "", patient: "", kind: "", action: "", since: "", until: "" };

export function Audit() {
  const [filter, setFilter] = useState<Filter>({ ...NONE, person: place.value.item });
  const [choices, setChoices] = useState<AuditChoices | null>(null);
  const [lines, setLines] = useState<AuditLine[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const asking = useRef(0); // the answer to an earlier question may come after that to a later one
  const wanted = () => new URLSearchParams(Object.entries(filter).filter(([, value]) => value.trim() !== ""));
  const look = (before: number | null = null) =>
    load(async () => {
      const mine = ++asking.current;
      const asked = wanted();
      if (before !== null) asked.set("before", String(before));
      const found = await api.audit(asked);
      if (mine !== asking.current) return;
      setLines((old) => (before === null ? found.items : [...(old ?? []), ...found.items]));
      setNext(found.next);
    });
  useEffect(() => {
    void load(async () => setChoices(await api.auditChoices()));
    void load(watch);
  }, []);
  useEffect(() => void look(), [filter]);
  return (
    <>
      <Whole />
      <h2 class="hidden">{t("Entries")}</h2>
      {choices && <Filters filter={filter} choices={choices} change={setFilter} />}
      {lines && lines.length > 0 && (
        <div class="row">
          <a class="plain" href={api.auditTable(wanted())} download>
            {t("Download these entries (CSV)")}
          </a>
        </div>
      )}
      {lines?.length === 0 && <p class="none">{t("No entry is like that.")}</p>}
      {lines && lines.length > 0 && (
        <section class="table" aria-label={t("Entries of the audit")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("When")}</th>
                <th scope="col">{t("Who")}</th>
                <th scope="col">{t("Did")}</th>
                <th scope="col">{t("What")}</th>
                <th scope="col">{t("About")}</th>
                <th scope="col" class="number">
                  {t("Entry")}
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <Line key={line.seq} line={line} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {next !== null && (
        <p>
          <button type="button" class="more" onClick={() => void look(next)}>
            {t("Earlier ones")}
          </button>
        </p>
      )}
    </>
  );
}

function Line({ line }: { line: AuditLine }) {
  const what = plain(line.kind);
  return (
    <tr>
      <td class="when">{moment(line.at)}</td>
      <td>
        {line.name || line.by}
        <small>{line.by}</small>
      </td>
      <td>{said(line.action)}</td>
      <td>
        {line.link ? (
          <a href={line.link} aria-label={t("{what}, open it", { what })}>
            {what}
          </a>
        ) : (
          what
        )}
        <small title={line.row}>{line.row}</small>
      </td>
      <td>
        {line.patient ? (
          <a href={`/patients/${line.patient_id}/`}>{line.patient}</a>
        ) : (
          <span class="dim">{line.erased ? t("a patient who was erased") : ""}</span>
        )}
      </td>
      <td
        class="number"
        title={t("digest {digest}, chain {chain}", { digest: line.digest, chain: line.chain })}
      >
        {line.seq.toLocaleString("en-GB")}
      </td>
    </tr>
  );
}

function Filters({
  filter,
  choices,
  change,
}: {
  filter: Filter;
  choices: AuditChoices;
  change: (to: Filter | ((now: Filter) => Filter)) => void;
}) {
  const set = (name: keyof Filter) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    change((now) => ({ ...now, [name]: value }));
  };
  return (
    <search class="fields filters">
      <Choose label={t("Person")} value={filter.person} words={choices.people} change={set("person")} />
      <Pseudonym value={filter.patient} change={set("patient")} />
      <Choose label={t("What")} value={filter.kind} words={choices.kinds} change={set("kind")} />
      <Choose label={t("Did")} value={filter.action} words={choices.actions} change={set("action")} />
      <label>
        {t("From")}
        <input type="date" value={filter.since} onChange={set("since")} />
      </label>
      <label>
        {t("To")}
        <input type="date" value={filter.until} onChange={set("until")} />
      </label>
      {Object.values(filter).some((value) => value !== "") && (
        <button type="button" onClick={() => change(NONE)}>
          {t("Show all")}
        </button>
      )}
    </search>
  );
}

/** What is typed stays while the entries are drawn anew. */
function Pseudonym({
  value,
  change,
}: {
  value: string;
  change: (event: { currentTarget: { value: string } }) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (field.current) field.current.value = value;
  }, [value]);
  return (
    <label>
      {t("Patient")}
      <input ref={field} placeholder={t("pseudonym, whole")} maxLength={60} onChange={change} />
    </label>
  );
}

function Choose({
  label,
  value,
  words,
  change,
}: {
  label: string;
  value: string;
  words: string[];
  change: (event: { currentTarget: { value: string } }) => void;
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={change}>
        <option value="">{t("any")}</option>
        {words.map((word) => (
          <option key={word} value={word}>
            {plain(word)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Whole() {
  const [head, setHead] = useState("");
  const [anchor, setAnchor] = useState("");
  const under = chore("audit")?.state === "running";
  useEffect(() => {
    void load(async () => setHead((await api.auditHead()).head));
  }, []);
  return (
    <section class="card wide-card">
      <h2>{t("Is it whole?")}</h2>
      <p>
        {t(
          "Each entry holds the digest of its row and of the entry before. Keep the end where nobody can change both it and the registry: with it a chain that was written anew is found, too.",
        )}
      </p>
      <p>
        {t("The end now:")} <code class="whole">{head}</code>
      </p>
      <div class="row">
        <button
          type="button"
          class="main"
          disabled={under}
          onClick={() => void begin(() => api.auditCheck(anchor))}
        >
          {t("Check everything")}
        </button>
        <a class="plain" href={api.auditHeadFile} download>
          {t("Save the end")}
        </a>
        <input
          value={anchor}
          aria-label={t("The end as it was kept earlier")}
          placeholder={t("the end as it was kept earlier, if you have it")}
          onInput={(e) => setAnchor(e.currentTarget.value)}
        />
      </div>
      <Outcome kind="audit" />
      {!may("manage people") && <p class="dim">{t("Below stands what concerns your site.")}</p>}
    </section>
  );
}
