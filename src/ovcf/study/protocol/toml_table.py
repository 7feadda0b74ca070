"""One table of a protocol file, taken apart key by key; what is wrong names the key and says what to write."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from ovcf.errors import StudyError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    E = TypeVar("E", bound=StrEnum)


class Table:
    """A table being read. ``where`` names it in errors; :meth:`done` refuses keys that nobody asked for."""

    def __init__(self, given: Any, where: str) -> None:
        if not isinstance(given, dict):
            raise StudyError(where, "is no table of its own", "Write it under a heading in square brackets.")
        self.given, self.where = given, where
        self._used: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self.given

    def raw(self, key: str) -> Any:
        """A value as it was parsed; None where there is none."""
        self._used.add(key)
        return self.given.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, value, "a text in quotation marks")
        return value.strip()

    def name(self, key: str) -> str:
        """A short name: letters, digits, ``-``, ``_`` and ``.``."""
        value = self.text(key)
        if not all(c.isalnum() or c in "-_." for c in value) or len(value) > 40:
            raise self.wrong(key, value, 'a short name of letters, digits, - and _, such as "pain-6m"')
        return value

    def number(self, key: str, *, required: bool = False) -> float | None:
        """A finite number."""
        value = self.raw(key)
        if value is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(key, value, "a number")
        return float(value)

    def whole(self, key: str, *, low: int = 0, high: int = 1_000_000, default: int | None = None) -> int:
        """A whole number within a range."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, value, f"a whole number from {low} to {high}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, value, "true or false")
        return value

    def word(self, key: str, words: type[E]) -> E:
        """One of a closed list."""
        return self.one_of(key, self.raw(key), words)

    def words(self, key: str, words: type[E]) -> tuple[E, ...]:
        """Several of a closed list."""
        return tuple(self.one_of(key, one, words) for one in self.texts(key, required=True))

    def one_of(self, key: str, value: Any, words: type[E]) -> E:
        """A value as a word of a closed list."""
        if value not in [w.value for w in words]:
            raise self.wrong(key, value, f"one of: {', '.join(w.value for w in words)}", [w.value for w in words])
        return words(value)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        value = self.raw(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(key, value, 'a list of texts, such as ["L1", "L2"]')
        return tuple(value)

    def tables(self, key: str, *, required: bool = False) -> list[Table]:
        """The tables under ``[[key]]``."""
        value = self.raw(key)
        if value is None and not required:
            return []
        if not isinstance(value, list) or not value:
            raise StudyError(
                self.where, say("has no [[{key}]]", key=key), say("Add at least one table [[{key}]].", key=key)
            )
        return [Table(one, f"{self.where}, {key} {self._named(one, n)}") for n, one in enumerate(value, 1)]

    def table(self, key: str) -> Table | None:
        """The table ``[key]``; None where there is none."""
        value = self.raw(key)
        return None if value is None else Table(value, f"{self.where}, [{key}]")

    def done(self) -> None:
        """Refuse what was not asked for: a misspelt key would be silently ignored."""
        for key in self.given:
            if key not in self._used:
                raise StudyError(
                    self.where, say("has {key!r}, which means nothing here", key=key), advice(key, self._used)
                )

    def wrong(self, key: str, value: Any, wanted: str, words: Iterable[str] = ()) -> StudyError:
        """The error for a value that cannot be."""
        if value is None:
            return StudyError(
                self.where, say("has no {key!r}", key=key), say("Write {key} = {wanted}.", key=key, wanted=wanted)
            )
        close = closest(str(value), words)
        more = f" Did you mean {close!r}?" if close else ""
        return StudyError(
            self.where,
            say("{key} = {value!r} cannot be", key=key, value=value),
            say("Write {wanted}.{more}", wanted=wanted, more=more),
        )

    @staticmethod
    def _named(one: Any, number: int) -> str:
        name = one.get("id") or one.get("window") if isinstance(one, dict) else None
        return str(name) if name else str(number)


def advice(word: str, known: Iterable[str]) -> str:
    """What a word may have been meant as."""
    known = sorted(known)
    close = closest(word, known)
    return f"Did you mean {close!r}?" if close else f"Known here: {', '.join(known)}."


def closest(word: str, words: Iterable[str]) -> str | None:
    """The most alike of some words; None where none is alike."""
    return next(iter(get_close_matches(word, list(words), n=1)), None)


def unique(tables: Iterable[Any], where: str, what: str) -> None:
    """Refuse two of one id.

    Raises:
        StudyError: names it.
    """
    seen: set[str] = set()
    for one in tables:
        if one in seen:
            raise StudyError(
                where, say("has two {what} called {one!r}", what=what, one=one), "Give each an id of its own."
            )
        seen.add(one)
