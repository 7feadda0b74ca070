// Which series is shown where there is room for one, or where the reader wants one large.

import { t } from "../language/language";
import { looksNarrow, seriesShown, solo } from "./looks";
import { shortName } from "./Strip";

export function Layout() {
  const all = seriesShown.value;
  if (all.length < 2 || (!solo.value && !looksNarrow.value)) return null;
  const now = all.find((s) => s.uid === solo.value) ?? all[0];
  return (
    <fieldset class="seg layout" aria-label={t("Series shown")}>
      {all.map((s) => (
        <button type="button" key={s.uid} aria-pressed={s === now} onClick={() => (solo.value = s.uid)}>
          {shortName(s)}
        </button>
      ))}
      {!looksNarrow.value && (
        <button type="button" aria-pressed={false} onClick={() => (solo.value = "")}>
          {t("All")} <kbd>V</kbd>
        </button>
      )}
    </fieldset>
  );
}
