// A blinded case that was signed: it is given back, and the next one is a click away.

import { useEffect, useState } from "preact/hooks";

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
        <b>Given back.</b> {next === null && "Nothing else to read now."}
      </span>
      {next ? (
        <a class="main" href={`/blinded/${next.task}/`}>
          Next: {next.label}
        </a>
      ) : (
        next === null && <a href="/studies/">Your studies</a>
      )}
    </footer>
  );
}
