// The line on top: what the assessment comes to, in the server's words.

import { t } from "../../language/language";
import { edit, shown } from "../../model/store";

export function Impression() {
  const sentences = shown.value?.impression ?? [];
  if (sentences.length === 0) return null;
  return (
    <p class="impression">
      {sentences.map((s) => (
        <span key={s.lead}>
          <b>{s.lead}</b>
          {s.rest}
          {t(" ")}
        </span>
      ))}
      {shown.value?.reading.before_signing?.assess.map((one) => (
        <button type="button" class="ghost" key={one.label} onClick={() => edit(one.edit)}>
          {one.label}
        </button>
      ))}
    </p>
  );
}
