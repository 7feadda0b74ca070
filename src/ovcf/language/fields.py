"""Data whose fields of words are said in a language; codes, names and numbers stay as they are."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ovcf.language.spoken import ENGLISH, language, tr

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def in_words(value: T) -> T:
    """Data classes, sequences and mappings with every field that is declared as ``Words`` in the language that is
    spoken; the very same in English."""
    said: T = value if language() == ENGLISH else _said(value)
    return said


def _said(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        new = {name: (_each if words else _said)(getattr(value, name)) for name, words in _fields(type(value))}
        changed = {name: one for name, one in new.items() if one is not getattr(value, name)}
        return replace(value, **changed) if changed else value
    return _inside(value, _said)


def _each(value: Any) -> Any:
    if isinstance(value, str):
        return tr(value)
    return _inside(value, _each)


def _inside(value: Any, do: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: do(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)([do(one) for one in value])
    return value


@cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    return tuple((f.name, re.search(r"\bWords\b", str(f.type)) is not None) for f in fields(kind) if f.init)
