// A case of a reader study or an exercise: nothing of a patient is shown, and the page says while it is looked at.

/** Whether this page shows a blinded case. */
export const blinded = /^\/(blinded|exercises)\/[\w-]+\//.test(location.pathname);

/** The id of an exercise on a digital patient; undefined on every other page. */
export const exercise = /^\/exercises\/([\w-]+)\//.exec(location.pathname)?.[1];

const EVERY_MS = 10_000;
/** So long without a movement or a key, nobody is taken to look at the page. */
const STILL_MS = 120_000;

/** Tell the service every ten seconds that the reader is here; it counts the time, by its own clock. */
export function sayHere(): void {
  if (!blinded) return;
  let moved = performance.now();
  const stir = () => {
    moved = performance.now();
  };
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"])
    addEventListener(kind, stir, { passive: true });
  const tell = () => {
    if (document.visibilityState !== "visible" || performance.now() - moved > STILL_MS) return;
    void fetch("api/here", { method: "POST" }).catch(() => {}); // the next one tells
  };
  tell();
  setInterval(tell, EVERY_MS);
  document.addEventListener("visibilitychange", tell);
}
