import { said, t } from "../language/language";
import type { Input } from "./declared";
import { symbol } from "./printed";
import { clear, type as enter, read, typed } from "./state";

/** From so many numbers on they stand side by side, as the levels of a spine do. */
const MANY = 12;

/** One field an input: numbers with their unit, yes or no, one of some words. Empty means not known. */
export function Form({ inputs }: { inputs: Input[] }) {
  const measured = inputs.filter((i) => !i.error_of && i.kind !== "flag");
  const asked = inputs.filter((i) => i.kind === "flag");
  const errors = inputs.filter((i) => i.error_of);
  return (
    <form
      class={measured.length > MANY ? "many" : ""}
      autocomplete="off"
      onSubmit={(e) => e.preventDefault()}
      aria-label={t("What is known")}
    >
      {measured.map((i) => (
        <Field key={i.id} input={i} />
      ))}
      {asked.map((i) => (
        <Field key={i.id} input={i} />
      ))}
      {errors.length > 0 && (
        <details>
          <summary>{t("Error of measurement")}</summary>
          <p class="dim">{t("Gives the probability of each total near a limit.")}</p>
          {errors.map((i) => (
            <Field key={i.id} input={i} />
          ))}
        </details>
      )}
      <button type="button" onClick={clear}>
        {t("Clear all")}
      </button>
    </form>
  );
}

function Field({ input }: { input: Input }) {
  const text = typed.value[input.id] ?? "";
  const wrong = read.value.wrong.get(input.id);
  const name = said(input.name);
  const label = name.charAt(0).toUpperCase() + name.slice(1);
  if (input.kind === "flag") {
    return (
      <fieldset class="field flag">
        <legend title={said(input.help)}>{label}</legend>
        <div class="choices">
          {["yes", "no"].map((answer) => (
            <button
              type="button"
              key={answer}
              aria-pressed={text === answer}
              onClick={() => enter(input.id, text === answer ? "" : answer)}
            >
              {said(answer)}
            </button>
          ))}
          <span class="dim">{text === "" ? t("not known") : ""}</span>
        </div>
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={input.id} title={said(input.help)}>
        {label}
      </label>
      {input.words.length > 0 ? (
        <select
          id={input.id}
          value={text || (input.required && input.words.length === 1 ? input.words[0] : "")}
          onChange={(e) => enter(input.id, e.currentTarget.value)}
        >
          {!(input.required && input.words.length === 1) && <option value="">{t("not known")}</option>}
          {input.words.map((w) => (
            <option key={w} value={w}>
              {said(w)}
            </option>
          ))}
        </select>
      ) : (
        <span class="number">
          <input
            id={input.id}
            inputMode={input.kind === "numbers" ? "text" : "decimal"}
            value={text}
            placeholder={t("not known")}
            aria-invalid={wrong !== undefined}
            aria-describedby={`${input.id}-help`}
            onInput={(e) => enter(input.id, e.currentTarget.value)}
          />
          <span class="unit">{symbol(input.unit).trim()}</span>
        </span>
      )}
      <p id={`${input.id}-help`} class={wrong ? "wrong" : "dim"} role={wrong ? "alert" : undefined}>
        {wrong ?? said(input.help)}
      </p>
    </div>
  );
}
