// Fields of the forms in which facts are entered, and what stands in them.

import { said, t } from "../language/language";
export function Choice({
  name,
  label,
  words,
  open,
  first,
}: {
  name: string;
  label: string;
  words: string[];
  open?: boolean;
  first?: string | undefined;
}) {
  return (
    <label>
      {label}
      <select name={name}>
        {open && <option value="">{t("not said")}</option>}
        {words.map((word) => (
          <option key={word} value={word} selected={word === first}>
            {said(word)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Day({
  name,
  label,
  required,
  first,
}: {
  name: string;
  label: string;
  required?: boolean;
  first?: string;
}) {
  return (
    <label>
      {label}
      <input type="date" name={name} required={required} defaultValue={first ?? ""} />
    </label>
  );
}

/** What stands in a field, without the room around it. */
export const text = (data: FormData, name: string): string => String(data.get(name) ?? "").trim();
