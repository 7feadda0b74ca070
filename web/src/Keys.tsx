// The help sheet: keys and gestures.

import { useEffect, useRef } from "preact/hooks";
import { helpOpen, TABLE } from "./keys";
import { t } from "./language/language";
import { AgainFromHere } from "./tour/Tour";

const GESTURES = [
  [t("press a point, drag"), t("moves it; Escape lets it go where it was")],
  [t("drag the name of a level"), t("moves the whole vertebra")],
  [t("drag an endplate"), t("shifts it; once taken, an end turns it")],
  [t("paint, drag an edge"), t("an outline, after C; Shift erases, Alt wheel sizes the brush")],
  [t("click a body, or the rail"), t("selects it")],
  [t("right click, long press"), t("all that can be done there")],
  [t("wheel"), t("slice; zoom where there is one picture")],
  [t("one finger up and down"), t("slice; moves the picture where there is one")],
  [t("two fingers"), t("zoom, move the picture")],
  [t("Ctrl wheel"), t("zoom")],
  [t("drag the ground"), t("moves the picture")],
  [t("right drag"), t("grey levels: sideways width, up and down level")],
  [t("double click"), t("one view large, or all")],
] as const;

const KEYS = [
  [t("1 to 6, then arrows"), t("takes a point, moves it 0.2 mm, with Shift 1 mm")],
  [t("Tab"), t("next point, then the next vertebra")],
  [t("E, then arrows"), t("shifts an endplate; Tab goes to its ends, which turn it")],
  [t("C, then P, E or D"), t("paints, erases, drags the edge; [ and ] size")],
  [t("C, D, then , and ."), t("goes along the edge; arrows push it, W takes the whole outline")],
  [t("Up, Down"), t("selects a vertebra, in the list or where nothing is taken")],
  [t("Enter on a point"), t("takes the points of its vertebra as they are")],
  [t("Shift F10"), t("all that can be done with the selected vertebra")],
  [t("Page keys"), t("slice")],
  [t("+ and −"), t("zoom")],
  [t("Shift arrows, no point taken"), t("move the picture")],
  [t("hold Space"), t("hides what is drawn over the picture")],
  [t("Ctrl Z, Ctrl Y"), t("undo, redo")],
  [t("Ctrl Enter"), t("sign")],
  [t("Escape"), t("puts the tool away")],
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
        {t("Keys")}
      </button>
      <dialog ref={dialog} class="help" aria-label={t("Keys and gestures")}>
        <h2>{t("Pointer")}</h2>
        <List rows={GESTURES} />
        <h2>{t("Keys")}</h2>
        <List rows={[...KEYS, ...TABLE.map((one) => [shownKey(one.key), one.words] as const)]} />
        <form method="dialog">
          <button type="submit" class="ghost">
            {t("Close")}
          </button>{" "}
          <AgainFromHere />
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
