// Where studies arrive: the place to drop or choose them, and what is on its way.

import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../language/language";
import * as api from "./api";
import { arrivals, dismiss, picked, take } from "./arrivals";
import { chosen, refresh, say } from "./state";
import { share } from "./words";

const drawing = signal(false);

async function openExample(): Promise<void> {
  drawing.value = true;
  try {
    const made = await api.example();
    chosen.value = made.study;
    await refresh();
  } catch (error) {
    say(error);
  }
  drawing.value = false;
}

export function Drop() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const given = (input: HTMLInputElement) => {
    if (input.files) void take(picked(input.files)).catch(say);
    input.value = "";
  };
  return (
    <section class="drop" aria-label={t("Add studies")}>
      <div>
        <b>{t("Drop a study anywhere on this page")}</b>
        <p>{t("A folder, a zip, DICOM, NIfTI, PNG or JPEG. It stays on this server.")}</p>
      </div>
      <div class="row">
        <button type="button" onClick={() => files.current?.click()}>
          {t("Choose files")}
        </button>
        <button type="button" onClick={() => folder.current?.click()}>
          {t("Choose a folder")}
        </button>
        <button type="button" disabled={drawing.value} onClick={() => void openExample()}>
          {drawing.value ? t("Drawing it") : t("Open the example")}
        </button>
        <input
          ref={files}
          id="files"
          type="file"
          multiple
          class="hidden"
          tabIndex={-1}
          aria-label={t("Files of a study")}
          onChange={(event) => given(event.currentTarget)}
        />
        <input
          ref={folder}
          type="file"
          class="hidden"
          tabIndex={-1}
          aria-label={t("Folder of a study")}
          {...{ webkitdirectory: true }}
          onChange={(event) => given(event.currentTarget)}
        />
      </div>
      <ul class="arrivals" aria-live="polite">
        {arrivals.value.map((a) => (
          <li key={a.key}>
            <span>{a.name}</span>
            {a.failed ? (
              <>
                <span class="bad">{a.failed}</span>
                <button type="button" onClick={() => dismiss(a.key)}>
                  {t("Dismiss")}
                </button>
              </>
            ) : (
              <>
                <progress
                  value={a.sent}
                  max={a.bytes}
                  aria-label={t("{name} on its way", { name: a.name })}
                />
                <span class="dim">{share(a.sent, a.bytes)}</span>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
