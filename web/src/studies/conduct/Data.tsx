// The flow of patients, the lock, and what is taken home or sent to other hospitals.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { t } from "../../language/language";
import * as api from "../api";
import { act, load, may, refresh, study } from "../state";
import { Tag } from "../Tag";
import type { Lock } from "../types";
import { Bundles } from "./Bundles";

export function Data() {
  const now = study.value;
  if (!now) return null;
  if (!now.whole)
    return (
      <p class="none">
        {t(
          "This study has patients of another hospital. Its flow and data are for somebody who may see all sites.",
        )}
      </p>
    );
  return (
    <>
      <Flow code={now.code} />
      <LockPart />
      {may("manage a study") && <Bundles />}
    </>
  );
}

function Flow({ code }: { code: string }) {
  const [lines, setLines] = useState<{ part: string; what: string; patients: number }[]>([]);
  useEffect(() => {
    void load(async () => setLines(await api.flow(code)));
  }, [code]);
  return (
    <section>
      <h3>{t("Flow of patients")}</h3>
      <div class="row">
        <a class="plain" href={api.flowChart(code)} download={`${code}-flow.svg`}>
          {t("Chart (SVG)")}
        </a>
        {may("export") && (
          <>
            <a class="plain" href={api.excel(code)} download>
              {t("Data, columns, queries (Excel)")}
            </a>
            <a class="plain" href={api.table(code)} download>
              {t("Patients (CSV)")}
            </a>
          </>
        )}
        <a class="plain" href={api.checklist(code, "stard")} download>
          {t("STARD checklist (CSV)")}
        </a>
        <a class="plain" href={api.checklist(code, "tripod-ai")} download>
          {t("TRIPOD+AI checklist (CSV)")}
        </a>
        {study.value && study.value.protocol.arms.length > 1 && (
          <a class="plain" href={api.checklist(code, "consort")} download>
            {t("CONSORT checklist (CSV)")}
          </a>
        )}
      </div>
      <p class="dim note">
        {t(
          "Checklists hold what the protocol says and the registry counts. What they do not know is left to the authors.",
        )}
      </p>
      <div class="flow">
        <img
          class="plot"
          src={api.flowChart(code)}
          alt={t("Flow of patients. Its numbers are in the table below.")}
        />
      </div>
      <details>
        <summary>{t("The same as a table")}</summary>
        <section class="table" aria-label={t("Flow of patients")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Part")}</th>
                <th scope="col">{t("What")}</th>
                <th scope="col" class="number">
                  {t("Patients")}
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.part + line.what}>
                  <td>{line.part}</td>
                  <td>{line.what}</td>
                  <td class="number">{line.patients}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

function LockPart() {
  const code = study.value?.code ?? "";
  const [lock, setLock] = useState<Lock | null>(null);
  const [because, setBecause] = useState("");
  const [found, setFound] = useState<string[] | null>(null);
  useEffect(() => {
    if (code) void load(async () => setLock(await api.lock(code)));
  }, [code]);
  if (!lock) return null;
  const turn = (how: "lock" | "unlock") =>
    void act(async () => {
      setLock(await api.turnLock(code, how, because));
      setBecause("");
      setFound(null);
      await refresh();
    });
  const needs = lock.locked || lock.unsettled.length > 0;
  return (
    <section class="card">
      <h2>{t("Lock")}</h2>
      {lock.locked ? (
        <>
          <p>
            <Tag kind="locked">{t("Locked since {at}", { at: day(lock.at) })}</Tag>
            {lock.because && ` ${lock.because}`}
          </p>
          <p>
            {t("Keep this digest elsewhere:")} <code class="digest">{lock.digest}</code>
          </p>
          <div class="row">
            <button
              type="button"
              onClick={() => void act(async () => setFound((await api.verify(code)).differences))}
            >
              {t("Are the data as they were?")}
            </button>
          </div>
          {found && (
            <div role="status">
              {found.length === 0 ? (
                <p>
                  <Tag kind="done">{t("Everything is as it was when it was locked.")}</Tag>
                </p>
              ) : (
                <ul>
                  {found.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              )}
            </div>
          )}
        </>
      ) : (
        <>
          <p>
            {lock.unsettled.length === 0
              ? t(
                  "Nothing is open. A lock makes a digest over everything the study rests on; from then on every write to it is refused.",
                )
              : t(
                  "{unsettled} matters are open. They should be settled first; else the lock needs a reason.",
                  { unsettled: lock.unsettled.length },
                )}
          </p>
          {lock.unsettled.length > 0 && (
            <details>
              <summary>{t("What is open")}</summary>
              <ul>
                {lock.unsettled.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      {may("manage a study") && (
        <div class="row">
          {needs && (
            <input
              value={because}
              placeholder={lock.locked ? t("Why must the data be changed?") : t("Why all the same?")}
              aria-label={
                lock.locked ? t("Why must the data be changed?") : t("Why is it locked all the same?")
              }
              onInput={(e) => setBecause(e.currentTarget.value)}
            />
          )}
          <button
            type="button"
            disabled={needs && !because.trim()}
            onClick={() => turn(lock.locked ? "unlock" : "lock")}
          >
            {lock.locked ? t("Unlock") : t("Lock the data")}
          </button>
        </div>
      )}
    </section>
  );
}
