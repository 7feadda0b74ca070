// A blinded case that was signed: it is given back, and the next one is a click away.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";

interface Mine {
  study: string;
  round: string;
  task: string;
  label: string;
}

export function GivenBack() {
  const [next, setNext] = useState<Mine | null | undefined>(undefined);
  useEffect(() => {
    void fetch("/api/v1/my-cases").then(
      async (answer) => setNext(answer.ok ? (((await answer.json()) as Mine[])[0] ?? null) : null),
      () => setNext(null),
    );
  }, []);
  return (
    <footer class="foot">
      <span>
        <b>{t("Given back.")}</b> {next === null && t("Nothing else to read now.")}
      </span>
      {next ? (
        <a class="main" href={`/blinded/${next.task}/`}>
          {t("Next: {label}", { label: next.label })}
        </a>
      ) : (
        next === null && <a href="/studies/">{t("Your studies")}</a>
      )}
    </footer>
  );
}
