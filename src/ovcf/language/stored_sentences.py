"""Sentences as plain data, so that what was made and kept earlier can be said in any language later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.language.worded import Worded, capital_letter

if TYPE_CHECKING:
    from collections.abc import Callable

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
    values = {
        name: to_data(value) if isinstance(value, str) else {"is": value}
        for name, value in text.values.items()
        if isinstance(value, (str, int, float))
    }
    if len(values) != len(text.values):
        return str(text)
    return {"text": str(text), "template": text.template, "values": values, "then": names, "between": text.between}


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
