"""English that is left on a page in another language."""

import re

#: The same in every language: the program, people of the sources, keys, formats, units, who is signed in.
NAMES = {
    *("ovcf", "Ada", "Min", "zip", "mm", "px", "mg", "English", "assess", "OVFss", "OLVFss"),
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
_SEEN = """() => {
  const found = new Set();
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) {
    const holder = all.currentNode.parentElement;
    if (holder?.getClientRects().length && !holder.closest('[lang=en]')) found.add(all.currentNode.data.trim());
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest('[lang=en]')) found.add(one.getAttribute(name));
  return [...found];
}"""


def english_left(page):
    """Texts that can be seen or heard, with words in small letters that are no names."""
    texts = page.evaluate(_SEEN)
    return [text for text in texts if set(re.findall(r"[A-Za-z]*[a-z]{2,}", text)) - NAMES]
