// Cases that somebody who leaves has not signed: how many, and who reads them.

import { t } from "../../language/language";
import type { Account } from "../types";
import { people } from "./People";

/** Whoever may read somebody's cases in their place. */
const colleagues = (one: Account): Account[] =>
  (people.value ?? []).filter(
    (a) =>
      a.id !== one.id &&
      a.active &&
      (a.role === "reader" || a.role === "admin") &&
      (a.site === one.site || a.all_sites),
  );

export function Cases({ one, to, choose }: { one: Account; to: string; choose: (code: string) => void }) {
  return (
    <>
      {one.unread > 0 && (
        <label>
          {t("Their cases not signed yet ({unread}) are for", { unread: one.unread })}
          <select name="cases_to" value={to} onChange={(e) => choose(e.currentTarget.value)}>
            <option value="">{t("whoever comes")}</option>
            {colleagues(one).map((a) => (
              <option key={a.id} value={a.code}>
                {a.name} ({a.code})
              </option>
            ))}
          </select>
        </label>
      )}
      <Blinded one={one} />
    </>
  );
}

function Blinded({ one }: { one: Account }) {
  if (one.unread_blinded === 0) return null;
  return (
    <p class="dim">
      {t(
        "Blinded cases of studies that they have not given back: {unread_blinded}. These go to nobody else, since who reads which was drawn. Close the round, or assign a new one.",
        { unread_blinded: one.unread_blinded },
      )}
    </p>
  );
}
