import { options } from "preact";

/** Change something and draw it at once, so that the next key finds what this one made. */
export function drawNow(change: () => void): void {
  const later = options.debounceRendering;
  options.debounceRendering = (draw) => draw();
  try {
    change();
  } finally {
    if (later) options.debounceRendering = later;
    else delete options.debounceRendering;
  }
}
