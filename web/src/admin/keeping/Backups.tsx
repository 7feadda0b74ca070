// Backups: made now, listed, checked, taken away; and how one is restored.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { confirm } from "../Dialog";
import { begin, chore, load, watch } from "../state";
import type { Backup } from "../types";
import { count, moment, size } from "../words";
import { Outcome } from "./Outcome";

export function Backups() {
  const [kept, setKept] = useState<{ folder: string; items: Backup[] } | null>(null);
  const look = () => load(async () => setKept(await api.backups()));
  const made = chore("backup");
  const checked = chore("backup check");
  useEffect(() => void load(watch), []);
  useEffect(() => void look(), [made?.state]);
  if (!kept) return null;
  return (
    <>
      <section class="card">
        <h2>{t("Make one now")}</h2>
        <p>
          {t(
            "Every row and every file of all sites in one file, as they are at one moment. Others go on working. Backups lie in",
          )}{" "}
          <code class="whole">{kept.folder}</code>
          {t(". Copy them to another machine: a disk that fails takes both.")}
        </p>
        <div class="row">
          <button
            type="button"
            class="main"
            disabled={made?.state === "running"}
            onClick={() => void begin(api.makeBackup)}
          >
            {t("Make a backup")}
          </button>
        </div>
        <Outcome kind="backup" />
      </section>
      {checked && (
        <section class="card">
          <h2>{t("Check of a backup")}</h2>
          <Outcome kind="backup check" />
        </section>
      )}
      {kept.items.length === 0 ? (
        <p class="none">{t("No backup lies here yet.")}</p>
      ) : (
        <section class="table wide-card" aria-label={t("Backups")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Backup")}</th>
                <th scope="col">{t("Made")}</th>
                <th scope="col" class="number">
                  {t("Size")}
                </th>
                <th scope="col" class="number">
                  {t("Rows")}
                </th>
                <th scope="col" class="number">
                  {t("Files")}
                </th>
                <th scope="col">
                  <span class="hidden">{t("What to do with it")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {kept.items.map((one) => (
                <Line key={one.name} one={one} under={checked?.state === "running"} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Restore folder={kept.folder} name={kept.items[0]?.name ?? "ovcf-2026-11-29-023000.zip"} />
    </>
  );
}

function Line({ one, under }: { one: Backup; under: boolean }) {
  return (
    <tr>
      <td>
        {one.name}
        {one.rows === null ? (
          <small>
            <Tag kind="ask">{t("no whole backup")}</Tag>
          </small>
        ) : (
          !one.fits && (
            <small>
              <Tag kind="wait">
                {t("of revision {revision}: restored by the ovcf that made it", { revision: one.revision })}
              </Tag>
            </small>
          )
        )}
      </td>
      <td class="when">{moment(one.made_at)}</td>
      <td class="number">{size(one.size)}</td>
      <td class="number">{one.rows?.toLocaleString("en-GB") ?? ""}</td>
      <td class="number">{one.files?.toLocaleString("en-GB") ?? ""}</td>
      <td>
        <div class="row">
          <button
            type="button"
            disabled={under}
            aria-label={t("Check {name}", { name: one.name })}
            onClick={() => void begin(() => api.checkBackup(one.name))}
          >
            {t("Check")}
          </button>
          <button
            type="button"
            aria-label={t("Download {name}", { name: one.name })}
            onClick={() =>
              confirm({
                title: t("Take the whole registry away?"),
                says: t(
                  "{name} holds pseudonyms, dates and figures of {rows} that anybody can read. Keep it as safe as the registry. That you took it is kept.",
                  { name: one.name, rows: count(one.rows ?? 0, "row") },
                ),
                verb: t("Download"),
                act: async () => {
                  const link = document.createElement("a");
                  link.href = api.backupFile(one.name);
                  link.download = one.name;
                  link.click();
                },
              })
            }
          >
            {t("Download")}
          </button>
        </div>
      </td>
    </tr>
  );
}

function Restore({ folder, name }: { folder: string; name: string }) {
  return (
    <section class="card">
      <h2>{t("To restore one")}</h2>
      <p>
        {t(
          "A backup is restored on the command line, into an empty registry, never over one that is in use. Try it beside the running service: a backup that nobody has restored is a hope.",
        )}
      </p>
      <ol>
        <li>
          {t("Put")} <code>{t("erasures.jsonl")}</code>{" "}
          {t("of the old data folder into the new one: patients who were erased since are erased again.")}
        </li>
        <li>{t("Restore, and check every row and file:")}</li>
      </ol>
      <pre>
        {t(
          "OVCF_DATA=/var/lib/ovcf-tried ovcf db restore {folder}/{name}\nOVCF_DATA=/var/lib/ovcf-tried ovcf db check",
          { folder, name },
        )}
      </pre>
      <p>
        {t(
          "Sealed files need the key that sealed them (OVCF_KEY_FILE); it is in no backup. With PostgreSQL, name a new database by OVCF_DATABASE_URL. To go back for good, stop the service, and start it with the new folder.",
        )}
      </p>
    </section>
  );
}
