// The one dialog that asks before something that cannot be taken back, or that needs a reason.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { focusBack } from "../common/focus";
import { said } from "../common/words";
import { t } from "../language/language";

interface Asking {
  title: string;
  /** What will happen, in a sentence or two. */
  says: string;
  /** The verb of the button. */
  verb: string;
  /** Whether a reason is asked for, which is kept. */
  reason?: boolean;
  /** What else is asked. */
  more?: () => ComponentChildren;
  act: (reason: string) => Promise<unknown>;
}

const asking = signal<Asking | null>(null);

export const confirm = (what: Asking): void => {
  asking.value = what;
};

export function Dialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const now = asking.value;
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    setReason("");
    setWrong("");
    if (now) dialog.current?.showModal();
    else dialog.current?.close();
  }, [now]);
  const close = () => {
    asking.value = null;
    focusBack();
  };
  return (
    <dialog ref={dialog} aria-labelledby="asking" onClose={close}>
      {now && (
        <form
          class="asking"
          onSubmit={(event) => {
            event.preventDefault();
            now.act(reason).then(close, (error) => setWrong(said(error)));
          }}
        >
          <h2 id="asking">{now.title}</h2>
          <p>{now.says}</p>
          {now.more?.()}
          {now.reason && (
            <label>
              {t("Reason; it is kept")}
              <input
                required
                maxLength={1000}
                value={reason}
                onInput={(e) => setReason(e.currentTarget.value)}
              />
            </label>
          )}
          {wrong && (
            <p class="trouble" role="alert">
              {wrong}
            </p>
          )}
          <div class="row">
            <button type="submit" class="main">
              {now.verb}
            </button>
            <button type="button" onClick={close}>
              {t("Leave it")}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
