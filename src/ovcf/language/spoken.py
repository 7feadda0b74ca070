"""Saying text in the language that somebody asked for; English where there is no other word for it.

The catalogue of a language is a folder of JSON files, English to the other language, a file for each room of the
program. Which language is spoken holds for one request or one command (:func:`speaking`).
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import TYPE_CHECKING

from ovcf.language.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENGLISH = "en"
CHINESE = "zh"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
"""Every language, by the name that its speakers have for it."""
_SPOKEN: ContextVar[str] = ContextVar("language", default=ENGLISH)
_BETWEEN = {", ": "、", "; ": "；", " ": "", ": ": "：", ". ": "。", " and ": "和", " or ": "或", " with ": "，伴"}
"""What stands between texts in a row: the comma of a list; that between clauses is of their template."""
_ENDS = {".": "。", "; ": "；", ": ": "：", ", ": "，", ". ": "。"}
"""A mark that stands by itself among texts in a row."""
_MARKS = ((". {", "。{"), (", ", "，"), ("; ", "；"), (": ", "："), (" ({", "（{"), ("})", "}）"))


def language() -> str:
    """The code of the language that is spoken now."""
    return _SPOKEN.get()


def tag() -> str:
    """The language that is spoken, as the ``lang`` of a page names it."""
    return {CHINESE: "zh-CN"}.get(language(), language())


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language from here on; English where it is none of :data:`LANGUAGES`."""
    before = _SPOKEN.set(code if code in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def asked_for(accepted: str) -> str:
    """The first known language of an ``Accept-Language`` header by its weights, English where it names none."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            rank = float(weight or 1)
        except ValueError:
            continue
        code = tag.strip().lower().split("-")[0]
        if code in LANGUAGES and rank > 0:
            ranked.append((-rank, place, code))
    return min(ranked)[2] if ranked else ENGLISH


def tr(text: str) -> str:
    """The text in the language that is spoken now."""
    code = language()
    return text if code == ENGLISH else in_language(text, catalogue(code)) or text


def in_language(text: str, words: Mapping[str, str]) -> str | None:
    """The text by the words of a catalogue; None where they do not have it."""
    if (whole := words.get(text)) is not None:
        return whole
    if not isinstance(text, Worded):
        return None if _says(text) else text
    if text.between is not None:
        made = _between(text.between).join(str(_part(one, words)) for one in text.values.values())
    elif (template := words.get(text.template) or _punctuated(text.template)) is not None:
        made = template.format_map({k: _value(v, words) for k, v in text.values.items()})
    else:
        return None
    for do in text.then:
        made = do(made)
    return made


def _punctuated(template: str) -> str | None:
    """A template that has no word of its own, with the marks of the other language."""
    if _says(_literal(template)):
        return None
    for mark, wide in _MARKS:
        template = template.replace(mark, wide)
    return template[:-1] + "。" if template.endswith("}.") else template


def _between(separator: str) -> str:
    return _BETWEEN.get(separator, separator)


def _part(one: object, words: Mapping[str, str]) -> object:
    """A text in a row, where a mark of English between its neighbours is one of the other language."""
    return _ENDS.get(one, _value(one, words)) if isinstance(one, str) else _value(one, words)


def _value(value: object, words: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return in_language(value, words) or str(value)
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    return _Formatted(value, words) if isinstance(text, Worded) else value


class _Formatted:
    """A value that prints itself in words, such as a figure with its interval, in another language."""

    def __init__(self, value: object, words: Mapping[str, str]) -> None:
        self._value, self._words = value, words

    def __format__(self, form: str) -> str:
        text = format(self._value, form)
        return in_language(text, self._words) or text

    def __str__(self) -> str:
        return format(self)


def _literal(template: str) -> str:
    return "".join(part for part, *_ in Formatter().parse(template))


def _says(text: str) -> bool:
    """Whether there is a word in it, so that it has a language: L1, MRI and 12.5 have none."""
    return any(c.islower() for c in text)


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """English to the words of a language; nothing for English."""
    if code == ENGLISH or code not in LANGUAGES:
        return {}
    found: dict[str, str] = {}
    for file in sorted(files("ovcf.language").joinpath(code).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            found |= json.loads(file.read_text(encoding="utf-8"))
    return found
