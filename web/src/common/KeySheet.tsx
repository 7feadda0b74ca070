// Keys of a page: one table that is both obeyed and shown.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../language/language";

export interface Key {
  /** As `KeyboardEvent.key` names it. */
  key: string;
  words: string;
  does: () => void;
}

/** Obey the keys of a table while the page is open, but not while something is typed or a dialog is open. */
export function useKeys(table: readonly Key[]): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const target = event.target as HTMLElement;
      if (target.closest("input:not([type=checkbox]), select, textarea")) return;
      const found = table.find((k) => k.key === event.key);
      if (!found) return;
      event.preventDefault();
      found.does();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [table]);
}

/** The button that shows the table; `?` does too. */
export function KeySheet({ table }: { table: readonly Key[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = () => dialog.current?.showModal();
  useKeys([{ key: "?", words: "", does: open }]);
  return (
    <>
      <button type="button" onClick={open}>
        {t("Keys")} <kbd>?</kbd>
      </button>
      <dialog ref={dialog} aria-label={t("Keys")}>
        <h2>{t("Keys")}</h2>
        <dl>
          {[...table, { key: "?", words: t("this list") }].map((k) => (
            <div key={k.key}>
              <dt>
                <kbd>{k.key}</kbd>
              </dt>
              <dd>{k.words}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">{t("Close")}</button>
        </form>
      </dialog>
    </>
  );
}
