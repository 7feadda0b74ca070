// Hospitals without a shared server: signed bundles, and what of them contradicts.

import { useState } from "preact/hooks";
import { t } from "../../language/language";
import * as api from "../api";
import { act, refresh, study } from "../state";
import type { Merged } from "../types";

function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function Bundles() {
  const code = study.value?.code ?? "";
  const [merged, setMerged] = useState<Merged | null>(null);
  const [told, setTold] = useState("");
  const make = () =>
    void act(async () => {
      const key = await api.newKey(code);
      save(`${key.site}.key`, new Blob([key.private], { type: "application/x-pem-file" }));
      save(`${key.site}.key.pub`, new Blob([key.public], { type: "text/plain" }));
      setTold(
        t("A key of {site} was made. Keep {site}.key here, and send {site}.key.pub to the centre.", {
          site: key.site,
        }),
      );
    });
  const trust = (file: File | undefined) =>
    file &&
    void act(async () => {
      await api.trust(code, await file.text());
      setTold(t("Its bundles are taken from now on. Make sure by telephone that the key is theirs."));
    });
  const send = (file: File | undefined) =>
    file &&
    void act(async () => {
      save(`${code}-bundle.zip`, await api.bundle(code, await file.text()));
      setTold(t("The bundle holds no identities. Send it to the centre."));
    });
  const merge = (file: File | undefined) =>
    file &&
    void act(async () => {
      setMerged(await api.merge(code, file));
      await refresh();
    });
  return (
    <section class="card">
      <h2>{t("Hospitals without a shared server")}</h2>
      <p>
        {t(
          "Each records in a registry of its own and sends signed bundles to the centre. What is new is added as it was recorded; what contradicts is listed and left out.",
        )}
      </p>
      <div class="row">
        <Choose words={t("Take in a bundle")} accept=".zip" take={merge} />
        <Choose words={t("Send a bundle: choose your key")} accept=".key,.pem" take={send} />
        <Choose words={t("Trust a hospital: choose its .pub")} accept=".pub" take={trust} />
        <button type="button" onClick={make}>
          {t("Make a key")}
        </button>
      </div>
      <p role="status">{told}</p>
      {merged && (
        <div role="status">
          <p>
            <b>{merged.site}</b>
            {t(": {patients} patients; {added} rows added, {there} were here already.", {
              patients: merged.patients,
              added: merged.added,
              there: merged.there,
            })}
          </p>
          {merged.conflicts.length > 0 && (
            <>
              <p class="ask">{t("Not merged, for it contradicts what is here:")}</p>
              <ul>
                {merged.conflicts.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Choose({
  words,
  accept,
  take,
}: {
  words: string;
  accept: string;
  take: (file: File | undefined) => void;
}) {
  return (
    <label class="file plain">
      {words}
      <input
        type="file"
        accept={accept}
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
