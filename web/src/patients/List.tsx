// All patients by pseudonym, and whom to call; a name opens the course.

import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../common/api";
import { Frame } from "../common/Frame";
import { said as wrong } from "../common/words";
import { said, t } from "../language/language";
import type { PatientLine } from "../worklist/types";
import { trouble as notRead, OverduePreventionList, OverdueVisits } from "./ToCall";

const lines = signal<PatientLine[] | null>(null);
const more = signal<string | null>(null);
const word = signal("");
const trouble = signal("");

const VIEWS = [
  { name: "all", words: t("All") },
  { name: "visits", words: t("Overdue visits") },
  { name: "prevention", words: t("Overdue prevention") },
] as const;

type ViewName = (typeof VIEWS)[number]["name"];

/** The list that the address names, so that a link or a bookmark leads to it. */
const named = (): ViewName => VIEWS.find((one) => location.hash === `#${one.name}`)?.name ?? "all";
const view = signal<ViewName>("all");

async function load(on: boolean): Promise<void> {
  const query = new URLSearchParams({ q: word.value });
  if (on && more.value) query.set("cursor", more.value);
  try {
    const page = await ask<{ items: PatientLine[]; next: string | null }>(`/patients?${query}`);
    lines.value = on ? [...(lines.value ?? []), ...page.items] : page.items;
    more.value = page.next;
    trouble.value = "";
  } catch (error) {
    trouble.value = wrong(error);
  }
}

export function List() {
  useEffect(() => {
    const follow = () => {
      view.value = named();
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return (
    <Frame
      page="patients"
      title={t("Patients")}
      trouble={view.value === "all" ? trouble.value : notRead.value}
    >
      <div class="tools">
        {VIEWS.map((one) => (
          <button
            type="button"
            key={one.name}
            class="chip"
            aria-pressed={view.value === one.name}
            onClick={() => {
              view.value = one.name;
              history.replaceState(null, "", one.name === "all" ? location.pathname : `#${one.name}`);
            }}
          >
            {one.words}
          </button>
        ))}
      </div>
      {view.value === "all" && <Everybody />}
      {view.value === "visits" && <OverdueVisits />}
      {view.value === "prevention" && <OverduePreventionList />}
    </Frame>
  );
}

function Everybody() {
  useEffect(() => {
    let pause: ReturnType<typeof setTimeout> | undefined;
    return effect(() => {
      word.value;
      clearTimeout(pause);
      pause = setTimeout(() => void load(false), 120);
    });
  }, []);
  return (
    <>
      <search class="tools">
        <input
          type="search"
          placeholder={t("Find a patient")}
          aria-label={t("Find a patient")}
          value={word.value}
          onInput={(event) => {
            word.value = event.currentTarget.value;
          }}
        />
      </search>
      {lines.value?.length === 0 && (
        <p class="none">
          {word.value
            ? t("Nobody fits.")
            : t("Nobody here yet. A study on the worklist is given its patient.")}
        </p>
      )}
      {lines.value && lines.value.length > 0 && (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Patient")}</th>
                <th scope="col">{t("Sex")}</th>
                <th scope="col">{t("Born")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.value.map((line) => (
                <tr key={line.id}>
                  <td>
                    <a href={`/patients/${line.id}/`}>{line.code}</a>
                  </td>
                  <td>{line.sex ? said(line.sex) : t("unknown")}</td>
                  <td>{line.birth_year ?? t("unknown")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {more.value && (
            <button type="button" class="more" onClick={() => void load(true)}>
              {t("More")}
            </button>
          )}
        </div>
      )}
    </>
  );
}
