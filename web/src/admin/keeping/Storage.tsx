// What takes room, by what it is; what is free; whether files are sealed, and whether all are where they should be.

import { useEffect, useState } from "preact/hooks";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { act, begin, chore, watch } from "../state";
import type { Storage as Room } from "../types";
import { count, files, size } from "../words";
import { Outcome } from "./Outcome";

export function Storage() {
  const [room, setRoom] = useState<Room | null>(null);
  const under = chore("files")?.state === "running";
  useEffect(() => {
    void act(async () => setRoom(await api.storage()));
    void act(watch);
  }, []);
  if (!room) return <p class="none">Counting what lies here</p>;
  const taken = [
    ...room.taken.map((one) => ({ what: files(one.kind), bytes: one.bytes, more: count(one.files, "file") })),
    { what: "Database", bytes: room.database, more: "" },
    { what: "Backups", bytes: room.backups, more: "" },
    { what: "Uploads that arrive", bytes: room.uploads, more: "" },
  ];
  const most = Math.max(...taken.map((one) => one.bytes), 1);
  return (
    <>
      <section class="card">
        <h2>Room</h2>
        <p>
          <span class="big">{size(room.free)}</span> of {size(room.whole)} are free on the disk of the files.
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
        <h2>Encryption</h2>
        <p>
          {room.seals ? (
            <Tag kind="done">New files are encrypted with a key that lies outside the data folder.</Tag>
          ) : (
            <Tag kind="wait">New files are not encrypted. OVCF_KEY_FILE names a key; see the how-to.</Tag>
          )}
        </p>
        {room.files > 0 && (
          <p>
            {room.sealed.toLocaleString("en-GB")} of {count(room.files, "file")} are encrypted. Rows of the
            database are not: encrypt its disk.
          </p>
        )}
      </section>
      <section class="card">
        <h2>Are all files whole and where they should be?</h2>
        <p>Each is read and compared with its digest; files that no row names are listed.</p>
        <div class="row">
          <button type="button" class="main" disabled={under} onClick={() => void begin(api.checkFiles)}>
            Check the files
          </button>
        </div>
        <Outcome kind="files" />
      </section>
    </>
  );
}
