// Whose a study is: a patient by pseudonym, admitted where there is none of that name, and the day of the visit.

import { useSignal } from "@preact/signals";
import { ask, type Line, type Patient } from "./service";

const WINDOWS = ["pretreatment", "1 month", "3 months", "6 months", "12 months", "unscheduled"];

export function Assign({ study, done }: { study: Line; done: () => Promise<void> }) {
  const open = useSignal(false);
  const trouble = useSignal("");
  if (!open.value)
    return (
      <button
        type="button"
        onClick={() => {
          open.value = true;
        }}
      >
        Whose is it?
      </button>
    );

  async function give(form: HTMLFormElement): Promise<void> {
    const told = new FormData(form);
    const code = String(told.get("code")).trim();
    try {
      const found = await ask<{ items: Patient[] }>(
        `patients?${new URLSearchParams({ q: code, limit: "200" })}`,
      );
      const known = code ? found.items.find((one) => one.code === code) : undefined;
      const patient = known ?? (await ask<Patient>("patients", "POST", code ? { code } : {}));
      await ask(`studies/${study.id}/visit`, "POST", {
        patient: patient.id,
        window: told.get("window"),
        held_on: told.get("on"),
      });
      await done();
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : "It could not be recorded.";
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void give(event.currentTarget);
      }}
    >
      <label>
        Pseudonym <input name="code" placeholder="the next free one" maxLength={60} />
      </label>
      <label>
        Visit{" "}
        <select name="window">
          {WINDOWS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Day <input name="on" type="date" required defaultValue={study.acquired_on ?? ""} />
      </label>
      <button type="submit">Record</button>
      <span role="alert">{trouble.value}</span>
    </form>
  );
}
