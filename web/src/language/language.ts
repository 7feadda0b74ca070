// The language of the page: that which somebody chose, else that of the browser. English stands in the components and
// is the key of every other language; what a language does not have is said in English.

export type Language = "en" | "zh";

/** Every language, by the name that its speakers have for it. */
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "简体中文" };

const KEY = "ovcf-language";

/** The language is kept twice: where only this page sees it, and where the server does, which words its answers so. */
function chosen(): Language {
  if (typeof document === "undefined") return "en";
  const kept = stored() ?? /(?:^|; )ovcf-language=(\w+)/.exec(document.cookie)?.[1];
  const wanted = kept ? [kept] : navigator.languages;
  const first = wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in LANGUAGES);
  return (first as Language | undefined) ?? "en";
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing for this page
  }
}

export const language: Language = chosen();

/** Loaded before anything else of the page, so that words outside of functions are in the language too. */
const words: Record<string, string> = language === "zh" ? (await import("./zh")).default : {};

/** Words that come with the page's data: those of the declared scores. */
export function learn(more: Record<string, string>): void {
  Object.assign(words, more);
}

/** What a page does before it is loaded anew in another language: to keep what was chosen and is saved nowhere. */
const before: (() => Promise<void>)[] = [];

export function turning(act: () => Promise<void>): void {
  before.push(act);
}

/** Keep another language and show the page in it. Every edit is saved already. */
export async function speak(other: Language): Promise<void> {
  await Promise.allSettled(before.map((act) => act()));
  try {
    localStorage.setItem(KEY, other);
  } catch {
    // the cookie says it
  }
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that is supported
  document.cookie = `${KEY}=${other}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
}

/** The page says which language it is in, and its title is in it. */
export function startLanguage(): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  document.title = said(document.title);
}

/** What may stand in a place; nothing stands there for nothing, as in any component. */
type Value = string | number | null | undefined | false;
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Values<Text extends string, Part> = [Names<Text>] extends [never] ? [] : [Record<Names<Text>, Part>];

/** English text in the language of the page, with values in its places: `t("{n} of {all}", { n, all })`. */
export function t<Text extends string>(text: Text, ...values: Values<Text, Value>): string {
  const given = values[0] as Record<string, Value> | undefined;
  return filled(said(text), (name) => String(given?.[name] || given?.[name] === 0 ? given[name] : "")).join(
    "",
  );
}

/** The same with elements in the places, for a sentence with a key or a link in it. */
export function rich<Text extends string, Part>(
  text: Text,
  ...values: Values<Text, Part>
): (string | Part)[] {
  const given = values[0] as Record<string, Part> | undefined;
  return filled<string | Part>(said(text), (name) => given?.[name] ?? "");
}

/** What stands between the items of a list. */
export const COMMA = language === "zh" ? "、" : ", ";

/** Text of the server or of a declaration that is no message of the page: in the language where it is known there. */
export const said = (text: string): string => words[text] ?? text;

function filled<Part>(text: string, value: (name: string) => Part): (string | Part)[] {
  return text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? value(part) : part));
}
