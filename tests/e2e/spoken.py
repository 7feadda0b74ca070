"""English that is left on a page in another language."""

import re
from contextlib import contextmanager

#: The same in every language: the program, people of the sources, keys, formats, units, who is signed in.
NAMES = {
    *("Excel", "Parquet", "Word", "Postgre", "SQLite", "Python", "pub", "csv", "jsonl", "toml", "json"),
    *("ovcf", "Ada", "Min", "zip", "mm", "px", "mg", "kg", "English", "assess", "OVFss", "OLVFss"),
    *(
        "DeLong",
        "Holm",
        "Youden",
        "Shrout",
        "Fleiss",
        "Bland",
        "Altman",
        "Shapiro",
        "Wilk",
        "Cohen",
        "Wilson",
        "bootstrap",
    ),
    *(
        "numpy",
        "scipy",
        "pandas",
        "statsmodels",
        "lifelines",
        "firthmodels",
        "Open",
        "http",
        "serve",
        "people",
        "address",
        "oidc",
    ),
    *("Ctrl", "Shift", "Alt", "Tab", "Escape", "Enter", "Delete", "Space"),
    *(
        "Han",
        "Genant",
        "Cobb",
        "Eastell",
        "Nagao",
        "Sugita",
        "Spine",
        "Oswestry",
        "Tsujio",
        "Inose",
        "Sato",
        "Hpred",
        "Buckens",
    ),
}
#: No words: identities, digests, commands, paths, addresses and the citation of a source.
_CODE = re.compile(
    r"\b\w+\.(onnx|jsonl?|csv|toml|zip)\b|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|\b[0-9a-f]{12}\b"
    r"|(OVCF_\w+=\S+ )?ovcf (db|cohort|study) .*|(/[\w.-]+){2,}|https?:\S+"
    r"|[^;。：]*\b(19|20)\d\d;[^。]*"
)
_SEEN = """() => {
  const found = new Set();
  const seen = (one) => one?.getClientRects().length && !one.closest('[lang=en]');
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) if (seen(all.currentNode.parentElement)) found.add(all.currentNode.data.trim());
  for (const one of document.querySelectorAll('option')) if (seen(one.closest('select'))) found.add(one.label);
  for (const one of document.querySelectorAll('svg title, svg desc')) found.add(one.textContent);
  const names = ['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'title', 'placeholder'];
  for (const name of [...names, 'alt', 'label', 'summary'])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest('[lang=en]')) found.add(one.getAttribute(name));
  for (const one of document.querySelectorAll('input[type=submit], input[type=button]')) found.add(one.value);
  found.add(document.title);
  return [...found];
}"""


def english_left(page, *names):
    """Texts that can be seen, heard or chosen, with words in small letters that are neither names of ours nor ``names``
    (of patients, studies, columns) on this page."""
    known = NAMES | {word for name in names for word in re.findall(r"[A-Za-z]*[a-z]{2,}", name)}
    found = []
    for text in page.evaluate(_SEEN):
        said = _CODE.sub(" ", text)
        if set(re.findall(r"[A-Za-z]*[a-z]{2,}", said)) - known:
            found.append(text)
    return found


@contextmanager
def in_chinese(page):
    """The page in Chinese, and afterwards in English again, whatever was found."""
    _speaks(page, "简体中文", "zh-CN")
    try:
        yield page
    finally:
        _speaks(page, "English", "en")


def _speaks(page, button, language):
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    page.wait_for_load_state("networkidle")
