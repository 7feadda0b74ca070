// Whom to call: visits that are overdue or were missed, and prevention of the next fracture that nobody has recorded.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, ROOT } from "../common/api";
import { day, said as wrong } from "../common/words";
import { COMMA, said, t } from "../language/language";
import type { DueVisit, OverduePrevention } from "../worklist/types";

interface Page<Line> {
  items: Line[];
  next: string | null;
}

interface PreventionPage extends Page<OverduePrevention> {
  /** Fractures of which nothing can be said, for their day is not known. */
  undated: number;
}

const visits = signal<Page<DueVisit> | null>(null);
const prevention = signal<PreventionPage | null>(null);
const untreated = signal(false);
export const trouble = signal("");

/** The next page of a list, or its first; nothing where something went wrong, which is said. */
async function read<Found extends Page<unknown>>(path: string, before: Found | null): Promise<Found | null> {
  const query = new URLSearchParams(untreated.value ? { untreated: "true" } : {});
  if (before?.next) query.set("cursor", before.next);
  try {
    const page = await ask<Found>(`${path}?${query}`);
    trouble.value = "";
    return before ? { ...page, items: [...before.items, ...page.items] } : page;
  } catch (error) {
    trouble.value = wrong(error);
    return before;
  }
}

async function readVisits(before: Page<DueVisit> | null): Promise<void> {
  visits.value = await read("/worklist/due", before);
}

async function readPrevention(before: PreventionPage | null): Promise<void> {
  const asked = untreated.value;
  const page = await read<PreventionPage>("/worklist/prevention", before);
  if (asked === untreated.value) prevention.value = page;
}

export function OverdueVisits() {
  useEffect(() => void readVisits(null), []);
  const page = visits.value;
  if (!page) return null;
  if (page.items.length === 0) return <p class="none">{t("No visit is overdue.")}</p>;
  return (
    <>
      <p class="row">
        <a class="plain" href={`${ROOT}/worklist/due.csv`} download>
          {t("Download this list (CSV)")}
        </a>
      </p>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Patient")}</th>
              <th scope="col">{t("Visit")}</th>
              <th scope="col">{t("Was due")}</th>
              <th scope="col">{t("State")}</th>
            </tr>
          </thead>
          <tbody>
            {page.items.map((one) => (
              <tr key={one.patient + one.window + one.first_day}>
                <td>
                  <a href={`/patients/${one.patient}/`}>{one.code}</a>
                </td>
                <td>{said(one.window)}</td>
                <td>{t("{first} to {last}", { first: day(one.first_day), last: day(one.last_day) })}</td>
                <td class="ask">{said(one.due)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <More of={page} read={() => readVisits(page)} />
      </div>
    </>
  );
}

export function OverduePreventionList() {
  useEffect(() => void readPrevention(null), [untreated.value]);
  const page = prevention.value;
  const table = `${ROOT}/worklist/prevention.csv${untreated.value ? "?untreated=true" : ""}`;
  return (
    <>
      <p class="about">
        {t(
          "Fractures after which a time of the IOF (12, 16 or 52 weeks) is over and nothing is recorded. What is not recorded may have been done: ask, then enter it.",
        )}
      </p>
      <div class="row">
        <label class="check">
          <input
            type="checkbox"
            checked={untreated.value}
            onChange={(event) => {
              untreated.value = event.currentTarget.checked;
            }}
          />
          {t("only where no osteoporosis drug is recorded after 16 weeks")}
        </label>
        <a class="plain" href={table} download>
          {t("Download this list (CSV)")}
        </a>
      </div>
      {page && page.undated > 0 && (
        <p class="ask">
          {page.undated === 1
            ? t("1 fracture is not judged, for its day is not known.")
            : t("{undated} fractures are not judged, for their day is not known.", {
                undated: page.undated,
              })}
        </p>
      )}
      {page?.items.length === 0 && <p class="none">{t("Nothing is overdue.")}</p>}
      {page && page.items.length > 0 && (
        <div class="table">
          <table class="overdue">
            <thead>
              <tr>
                <th scope="col">{t("Patient")}</th>
                <th scope="col">{t("Fracture")}</th>
                <th scope="col" class="number">
                  {t("Weeks since")}
                </th>
                <th scope="col">{t("Overdue, nothing is recorded")}</th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((one) => (
                <Line key={one.patient + one.fractured_on + one.levels} one={one} />
              ))}
            </tbody>
          </table>
          <More of={page} read={() => readPrevention(page)} />
        </div>
      )}
      <p class="dim">
        {t(
          "Not listed: who was below 50 years; who has, or may have, a tumour, an infection or an injury as the cause; who has died or is lost to follow-up.",
        )}
      </p>
    </>
  );
}

const DRUG = "osteoporosis drug started";

function Line({ one }: { one: OverduePrevention }) {
  const drug = one.overdue.find((what) => what.indicator === DRUG);
  const others = one.overdue.filter((what) => what !== drug);
  return (
    <tr>
      <td>
        <a href={`/patients/${one.patient}/`}>{one.code}</a>
      </td>
      <td>
        {one.levels.join(COMMA) || t("level not known")}
        <small>{day(one.fractured_on)}</small>
      </td>
      <td class="number">{one.weeks}</td>
      <td>
        {drug && <b class="ask">{t("no record: {what}", { what: drug.said })}</b>}
        {others.length > 0 && (
          <span class="others">
            {t("no record: {what}", { what: others.map((one) => one.said).join(t("; ")) })}
          </span>
        )}
      </td>
    </tr>
  );
}

function More({ of, read: on }: { of: Page<unknown>; read: () => Promise<void> }) {
  if (!of.next) return null;
  return (
    <button type="button" class="more" onClick={() => void on()}>
      {t("More")}
    </button>
  );
}
