// What readers left out of the marrow of the selected vertebra, each with what takes it back.

import { COMMA, t } from "../language/language";
import { edit, selected, shown, signed, vertebra } from "../model/store";

export function LeftOut() {
  const view = shown.value;
  const level = selected.value && vertebra(selected.value.vertebra)?.level;
  if (!view || !level) return null;
  const areas = Object.entries(view.areas).flatMap(([id, all]) => (vertebra(id)?.level === level ? all : []));
  if (areas.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("Left out of the marrow of {level}", { level })}</h2>
      <ol class="history">
        {areas.map((a) => (
          <li key={a.edit}>
            <span>
              {a.reason}
              <small>
                {[
                  a.reader,
                  a.through ? t("every slice") : t("slice {slice}", { slice: a.slice + 1 }),
                  a.everywhere ? t("every series") : t("one series"),
                ].join(COMMA)}
              </small>
            </span>
            <button
              type="button"
              class="ghost"
              disabled={signed.value}
              aria-label={t("Read the {reason} again", { reason: a.reason })}
              onClick={() => edit({ kind: "revoke", edit: a.edit })}
            >
              {t("Read again")}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
