// The line on top: what the assessment comes to, in the server's words.

import { shown } from "../model/store";

export function Impression() {
  const words = shown.value?.impression;
  return words ? (
    <p class="impression" aria-live="polite">
      {words}
    </p>
  ) : null;
}
