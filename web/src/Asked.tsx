// The question that comes before all others: which vertebra is which.

import { t } from "./language/language";
import { shown, vertebra } from "./model/store";
import { tool } from "./tools/tool";

export function Asked() {
  const questions = shown.value?.questions ?? [];
  if (questions.length === 0 || (tool.value && tool.value.kind !== "names")) return null;
  return (
    <section class="asked" aria-label={t("To be said first")}>
      {questions.map((q) => {
        const numbers = Object.keys(q.names).map((id) => vertebra(id)?.label.replace("?", "") ?? "");
        return (
          <p key={q.set}>
            <b>{t("Which vertebra is which? Click one you are sure of and choose its name.")}</b>{" "}
            {t("On {image}, bodies {numbers} to {at}: {join}. Until it is said, no level is named there.", {
              image: q.image,
              numbers: numbers[0],
              at: numbers.at(-1),
              join: q.labellings.join("; "),
            })}
          </p>
        );
      })}
    </section>
  );
}
