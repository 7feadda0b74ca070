// Keys of the list; the sheet shows the table that is obeyed.

import { useRef } from "preact/hooks";
import { t } from "../language/language";
import { AgainFromHere } from "../tour/Tour";
import { sayChosen } from "./spoken";
import { current, filter, open, step } from "./state";
import { FILTERS } from "./words";

const sheet = { open: () => {} };

function go(by: number): void {
  step(by);
  sayChosen();
}

const KEYS: { key: string; words: string; does: () => void }[] = [
  { key: "j", words: t("next study"), does: () => go(1) },
  { key: "k", words: t("previous study"), does: () => go(-1) },
  {
    key: "Enter",
    words: t("open it"),
    does: () => {
      const line = current();
      if (line) open(line);
    },
  },
  { key: "/", words: t("find"), does: () => document.getElementById("find")?.focus() },
  {
    key: "f",
    words: t("next filter"),
    does: () => {
      filter.value = (filter.value + 1) % FILTERS.length;
    },
  },
  { key: "u", words: t("choose files"), does: () => document.getElementById("files")?.click() },
  { key: "?", words: t("this list"), does: () => sheet.open() },
];

export function pressed(event: Event): void {
  if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (event.key === "Escape" && target.id === "find") target.blur();
  if (target.closest("input, select, textarea, dialog")) return;
  if (event.key === "Enter" && target.closest("a, button:not(.name), summary")) return;
  const found = KEYS.find((k) => k.key === event.key);
  if (!found) return;
  event.preventDefault();
  found.does();
}

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  sheet.open = () => dialog.current?.showModal();
  return (
    <>
      <button type="button" onClick={sheet.open}>
        {t("Keys")} <kbd>?</kbd>
      </button>
      <dialog ref={dialog} aria-label={t("Keys")}>
        <h1>{t("Keys")}</h1>
        <dl>
          {KEYS.map((k) => (
            <div key={k.key}>
              <dt>
                <kbd>{k.key}</kbd>
              </dt>
              <dd>{k.words}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">{t("Close")}</button> <AgainFromHere />
        </form>
      </dialog>
    </>
  );
}
