// A treatment as it is entered, on the page of a patient and in a study: what, when, at which level.

import { t } from "../language/language";
import { send } from "./api";
import { Choice, Day, text } from "./fields";

interface Props {
  kinds: string[];
  levels: string[];
  /** The level that is likely meant. */
  first?: string | undefined;
}

export function TreatmentFields({ kinds, levels, first }: Props) {
  return (
    <>
      <Choice name="kind" label={t("What")} words={kinds} />
      <label>
        {t("Name of the drug, where it is one")}
        <input name="drug" maxLength={120} />
      </label>
      <Day name="began" label={t("Began on")} required />
      <Day name="ended" label={t("Ended on, if it did")} />
      <Choice name="level" label={t("Level")} words={levels} open first={first} />
    </>
  );
}

/** Keep what stands in these fields for a fracture. */
export async function keepTreatment(episode: string, data: FormData): Promise<void> {
  const [ended, level, drug] = [text(data, "ended"), text(data, "level"), text(data, "drug")];
  await send("POST", `/episodes/${episode}/treatments`, {
    kind: text(data, "kind"),
    started_on: text(data, "began"),
    ended_on: ended || null,
    levels: level ? [level] : [],
    detail: drug ? { drug } : {},
  });
}
