// What is said to readers of the screen when something changes by itself or elsewhere on the page.

import { signal } from "@preact/signals";

const now = signal("");

/** Say a sentence, also when the one before was the same. */
export function announce(words: string): void {
  if (words) now.value = words === now.value ? `${words}\u00a0` : words;
}

/** Stands once on a page, from its beginning: a region that comes with its words is not read. */
export function Spoken() {
  return (
    <p class="hidden spoken" role="status">
      {now.value}
    </p>
  );
}
