// The help sheet: keys and gestures.

import { useEffect, useRef } from "preact/hooks";
import { helpOpen, TABLE } from "./keys";

const GESTURES = [
  ["press a point, drag", "moves it; Escape lets it go where it was"],
  ["drag the name of a level", "moves the whole vertebra"],
  ["drag an endplate", "shifts it; once taken, an end turns it"],
  ["paint, drag an edge", "an outline, after C; Shift erases, Alt wheel sizes the brush"],
  ["click a body, or the rail", "selects it"],
  ["right click, long press", "all that can be done there"],
  ["wheel", "slice; zoom where there is one picture"],
  ["Ctrl wheel, two fingers", "zoom"],
  ["drag the ground", "moves the picture"],
  ["right drag", "grey levels: sideways width, up and down level"],
  ["double click", "one view large, or all"],
] as const;

const KEYS = [
  ["1 to 6, then arrows", "takes a point, moves it 0.2 mm, with Shift 1 mm"],
  ["Tab", "next point, then the next vertebra"],
  ["E, then arrows", "shifts an endplate; Tab goes to its ends, which turn it"],
  ["C, then P, E or D", "paints, erases, drags the edge; [ and ] size"],
  ["C, D, then , and .", "goes along the edge; arrows push it, W takes the whole outline"],
  ["Up, Down", "selects a vertebra, in the list or where nothing is taken"],
  ["Enter on a point", "takes the points of its vertebra as they are"],
  ["Shift F10", "all that can be done with the selected vertebra"],
  ["Page keys", "slice"],
  ["+ and −", "zoom"],
  ["Shift arrows, no point taken", "move the picture"],
  ["hold Space", "hides what is drawn over the picture"],
  ["Ctrl Z, Ctrl Y", "undo, redo"],
  ["Ctrl Enter", "sign"],
  ["Escape", "puts the tool away"],
] as const;

const shownKey = (key: string): string => (key.length === 1 ? key.toUpperCase() : "Delete");

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    helpOpen.open = () => {
      dialog.current?.showModal();
      dialog.current?.scrollTo(0, 0); // the focus is on its last line
    };
  }, []);
  return (
    <>
      <button type="button" onClick={() => helpOpen.open()} title="?">
        Keys
      </button>
      <dialog ref={dialog} class="help" aria-label="Keys and gestures">
        <h2>Pointer</h2>
        <List rows={GESTURES} />
        <h2>Keys</h2>
        <List rows={[...KEYS, ...TABLE.map((one) => [shownKey(one.key), one.words] as const)]} />
        <form method="dialog">
          <button type="submit" class="ghost">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}

function List({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl>
      {rows.map(([what, does]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
