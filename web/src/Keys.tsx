// The list of keys and gestures.

import { useRef } from "preact/hooks";

const LIST = [
  ["press a point, drag", "moves it; Escape lets it go where it was"],
  ["1 to 6, then arrows", "takes a point, moves it 0.2 mm, with Shift 1 mm"],
  ["Tab", "next point, then the next vertebra"],
  ["drag the name of a level", "moves the whole vertebra"],
  ["click a body, or the rail", "selects it"],
  ["wheel, Page keys", "slice"],
  ["Ctrl wheel, + and −", "zoom"],
  ["drag the ground", "moves the picture"],
  ["right drag", "grey levels; R puts views back"],
  ["hold Space", "hides what is drawn over the picture"],
  ["Ctrl Z, Ctrl Y", "undo, redo"],
] as const;

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Keys
      </button>
      <dialog ref={dialog} aria-label="Keys and gestures">
        <dl>
          {LIST.map(([what, does]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" class="ghost">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}
