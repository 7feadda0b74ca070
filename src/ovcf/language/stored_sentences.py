"""Sentences as plain data, so that what was made and kept earlier can be said in any language later."""

from __future__ import annotations

import re
from numbers import Integral, Real
from string import Formatter
from typing import TYPE_CHECKING, Any

from ovcf.language.worded import Worded, capital_letter

if TYPE_CHECKING:
    from collections.abc import Callable

_FORM = r"[+,]?(\.\d)?[dfgs%]?"
_DONE: dict[str, Callable[[str], str]] = {
    "capitalize": str.capitalize,
    "lower": str.lower,
    "upper": str.upper,
    "capital": capital_letter,
}


def to_data(text: str) -> Any:
    """The sentence as data of JSON; its English where it holds what no data can stand for."""
    if not isinstance(text, Worded):
        return text
    names = [name for do in text.then for name, known in _DONE.items() if do is known]
    if len(names) != len(text.then):
        return str(text)
    values = {name: _plain(value) for name, value in text.values.items()}
    data = {"text": str(text), "template": text.template, "values": values, "then": names, "between": text.between}
    return data if proven(data) else str(text)


def _plain(value: object) -> Any:
    """A value as JSON; what JSON has not, as it is written in a sentence."""
    if isinstance(value, str):
        return to_data(value)
    if isinstance(value, Integral):  # those of NumPy, too
        return {"is": int(value)}
    return {"is": float(value)} if isinstance(value, Real) else to_data(str(value))


def proven(data: Any) -> str:
    """The sentence of :func:`to_data` from somewhere that is not trusted; empty text where its template and its values
    do not make the text that it says it is."""
    try:
        made = from_data(data)
        return made if _made(made) == made else ""
    except (AttributeError, IndexError, KeyError, LookupError, RecursionError, TypeError, ValueError):
        return ""


def _made(text: str) -> str:
    """The English again, from the template and the values alone."""
    if not isinstance(text, Worded):
        return text
    values = {name: _made(value) if isinstance(value, str) else value for name, value in text.values.items()}
    if text.between is not None:
        made = text.between.join(map(str, values.values()))
    else:
        for _, name, form, _ in Formatter().parse(text.template):
            # A template reaches into no value, and makes nothing long out of a short one.
            if name is not None and not (name in values and re.fullmatch(_FORM, form or "")):
                raise ValueError(text.template)
        made = text.template.format_map(values)
    for do in text.then:
        made = do(made)
    return made


def from_data(data: Any) -> str:
    """The sentence of :func:`to_data`; empty text for what is none."""
    if isinstance(data, str):
        return data
    try:
        values = {
            name: one["is"] if isinstance(one, dict) and "is" in one else from_data(one)
            for name, one in data["values"].items()
        }
        then = tuple(_DONE[name] for name in data["then"])
        return Worded(str(data["text"]), str(data["template"]), values, then, data["between"])
    except (AttributeError, KeyError, TypeError):
        return ""
