import { t } from "../language/language";
import { edit, shown, signed } from "../model/store";

export function UrgentBand() {
  const urgent = shown.value?.urgent ?? [];
  if (urgent.length === 0) return null;
  return (
    <section class="band urgent" role="alert" aria-atomic="false" aria-label={t("Urgent")}>
      {urgent.map((u) => (
        <div key={u.id}>
          <svg width="13" height="12" aria-hidden="true">
            <path d="M6.5,1L12.5,11.5H0.5Z" fill="currentColor" />
          </svg>{" "}
          <b>
            {u.alert ? t("Alert") : t("Urgent")}: {u.topic}
          </b>
          <p>{u.text}</p>
          {u.acknowledged ? (
            <small>{t("seen")}</small>
          ) : (
            <button
              type="button"
              class="ghost"
              disabled={signed.value}
              onClick={() => edit({ kind: "acknowledge", statement: u.id })}
            >
              {t("I have seen this")}
            </button>
          )}
        </div>
      ))}
    </section>
  );
}
