// What all pages of signing in share: their words, the choice of a language, and light or dark as on the other pages.
const words = JSON.parse(document.getElementById("words").textContent);

/** English in the language of the page, with values in its places: t("until {day}", { day }). */
export const t = (text, values = {}) =>
  (words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** A day in the language of the page. */
export const day = (text) => new Date(text).toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });

/** Done before the page is loaded again in another language. */
export const before = [];

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing for this page
  }
}

if (kept("ovcf-theme")) document.documentElement.dataset.theme = kept("ovcf-theme");

document.getElementById("language").addEventListener("click", (event) => {
  event.preventDefault();
  const { language } = event.currentTarget.dataset;
  try {
    localStorage.setItem("ovcf-language", language);
  } catch {
    // the cookie says it
  }
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that is supported
  document.cookie = `ovcf-language=${language}; path=/; max-age=31536000; samesite=strict`;
  for (const act of before) act();
  location.reload();
});
