// What takes room, by what it is; what is free; whether files are sealed, and whether all are where they should be.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { begin, chore, load, watch } from "../state";
import type { Storage as Room } from "../types";
import { count, files, size } from "../words";
import { Outcome } from "./Outcome";

export function Storage() {
  const [room, setRoom] = useState<Room | null>(null);
  const under = chore("files")?.state === "running";
  useEffect(() => {
    void load(async () => setRoom(await api.storage()));
    void load(watch);
  }, []);
  if (!room) return <p class="none">{t("Counting what lies here")}</p>;
  const taken = [
    ...room.taken.map((one) => ({ what: files(one.kind), bytes: one.bytes, more: count(one.files, "file") })),
    { what: t("Database"), bytes: room.database, more: "" },
    { what: t("Backups"), bytes: room.backups, more: "" },
    { what: t("Uploads that arrive"), bytes: room.uploads, more: "" },
  ];
  const most = Math.max(...taken.map((one) => one.bytes), 1);
  return (
    <>
      <section class="card">
        <h2>{t("Room")}</h2>
        <p>
          <span class="big">{size(room.free)}</span>{" "}
          {t("of {whole} are free on the disk of the files.", { whole: size(room.whole) })}
        </p>
        <dl class="bars">
          {taken.map((one) => (
            <div key={one.what}>
              <dt>{one.what}</dt>
              <dd class="bar" aria-hidden="true">
                <i style={{ width: `${Math.max((100 * one.bytes) / most, one.bytes ? 0.5 : 0)}%` }} />
              </dd>
              <dd class="number">{size(one.bytes)}</dd>
              <dd class="number dim">{one.more}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="card">
        <h2>{t("Encryption")}</h2>
        <p>
          {room.seals ? (
            <Tag kind="done">
              {t("New files are encrypted with a key that lies outside the data folder.")}
            </Tag>
          ) : (
            <Tag kind="wait">
              {t("New files are not encrypted. OVCF_KEY_FILE names a key; see the how-to.")}
            </Tag>
          )}
        </p>
        {room.files > 0 && (
          <p>
            {t("{toLocaleString} of {files} are encrypted. Rows of the database are not: encrypt its disk.", {
              toLocaleString: room.sealed.toLocaleString("en-GB"),
              files: count(room.files, "file"),
            })}
          </p>
        )}
      </section>
      <section class="card">
        <h2>{t("Are all files whole and where they should be?")}</h2>
        <p>{t("Each is read and compared with its digest; files that no row names are listed.")}</p>
        <div class="row">
          <button type="button" class="main" disabled={under} onClick={() => void begin(api.checkFiles)}>
            {t("Check the files")}
          </button>
        </div>
        <Outcome kind="files" />
      </section>
    </>
  );
}
