import { LANGUAGES, type Language, language, speak } from "./language";

/** The button of the other language, in its own words. */
export function LanguageSwitch() {
  const other: Language = language === "en" ? "zh" : "en";
  return (
    <button type="button" lang={other === "zh" ? "zh-CN" : other} onClick={() => void speak(other)}>
      {LANGUAGES[other]}
    </button>
  );
}
