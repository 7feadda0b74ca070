"""Text from files made harmless before it reaches a terminal, a page or a table.

A series description, a label or a file name may hold what steers a terminal, turns the reading direction around, or
cannot be stored as UTF-8 or XML at all. Every edge of the program writes text through this module.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from ovcf.language.worded import Worded, and_then, say
from ovcf.language.worded import joined as in_a_row

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = "\n\t\u200c\u200d"
"""Not printable as Python has it, but needed: line ends, and the joiners of some scripts."""
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")
"""Where a spreadsheet may see a formula: at the start of a cell, or of one it makes of a semicolon."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def clean(text: str) -> str:
    """The text without control characters and turns of the reading direction; what is no character shows as such."""
    if not (harmful := _harmful(text)):
        return text
    return text.translate({ord(c): "\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else "" for c in harmful})


def clean_json(text: str) -> str:
    """JSON in which they are escaped, so that a program reads the same and a terminal does nothing."""
    return text.translate({ord(c): _json_escape(c) for c in _harmful(text)})


def cleaned(value: Any) -> Any:
    """A value with all text in it clean: in data classes, mappings and sequences; what is clean stays itself."""
    if type(value) is str:
        return clean(value)
    if isinstance(value, Worded):  # in another language it is cleaned again
        return and_then(value, clean)
    if type(value) is dict:
        old = [*value], [*value.values()]
        keys, items = map(cleaned, old)
        return value if keys is old[0] and items is old[1] else dict(zip(keys, items, strict=True))
    if type(value) in (tuple, list):
        new = [cleaned(item) for item in value]
        return value if all(a is b for a, b in zip(new, value, strict=True)) else type(value)(new)
    if is_dataclass(value) and not isinstance(value, type):
        now = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        changed = {name: new for name, old in now.items() if (new := cleaned(old)) is not old}
        return replace(value, **changed) if changed else value
    return value


def for_spreadsheet(text: str) -> str:
    """Clean text on one line that no spreadsheet runs: an apostrophe before what could be a formula, not a number."""
    line = clean(text).replace("\t", " ").replace("\n", " ")
    return line if _NUMBER.fullmatch(line) else _FORMULA.sub(r"\1'", line)


def listed(items: Sequence[str], joined: str = "and") -> str:
    """Items in a row: nothing, "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return items[0] if items else ""
    return say(f"{{first}} {joined} {{last}}", first=in_a_row(", ", items[:-1]), last=items[-1])


def either(items: Sequence[str]) -> str:
    """One of them: "a", "a or b", "a, b or c"."""
    return listed(items, "or")


def _harmful(text: str) -> set[str]:
    if text.isprintable():
        return set()
    return {c for c in set(text) if not (c.isprintable() or c in _KEPT or unicodedata.category(c) == "Zs")}


def _json_escape(character: str) -> str:
    """One character as JSON may write it, beyond the first plane as a pair."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
