"""Sentences that remember how they were made.

A sentence with values in it is made by :func:`say`. It *is* its English, so that all rooms store, compare and send it
as any text; and it remembers its template and its values, so that an edge can say it in another language
(:func:`ovcf.language.spoken.tr`) without taking the English apart again. Text of any other kind is said in another
language where the catalogue has it word by word.
"""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


Words = str
"""A field of this kind holds words for people, which are said in their language; any other text is a code or a name."""


class Worded(str):
    """English text with the ``template`` and the ``values`` it was made of, and what was done to it ``then``.

    ``between`` is what stands between the values where they are texts in a row, and the template is empty then. What
    was done then is done again to the text in another language.
    """

    __slots__ = ("between", "template", "then", "values")

    template: str
    values: Mapping[str, object]
    then: tuple[Callable[[str], str], ...]
    between: str | None

    def __new__(
        cls,
        text: str,
        template: str,
        values: Mapping[str, object],
        then: tuple[Callable[[str], str], ...] = (),
        between: str | None = None,
    ) -> Self:
        """Text as it is in English."""
        made = super().__new__(cls, text)
        made.template, made.values, made.then, made.between = template, values, then, between
        return made

    def __reduce__(self) -> tuple[type[Worded], tuple[Any, ...]]:
        return Worded, (str(self), self.template, dict(self.values), self.then, self.between)

    def __add__(self, other: str) -> Worded:
        return _in_a_row("", [self, other]) if other else self

    def __radd__(self, other: str) -> Worded:
        return _in_a_row("", [other, self]) if other else self

    def capitalize(self) -> Worded:
        """As of any text."""
        return and_then(self, str.capitalize)

    def lower(self) -> Worded:
        """As of any text."""
        return and_then(self, str.lower)

    def upper(self) -> Worded:
        """As of any text."""
        return and_then(self, str.upper)

    def replace(self, old: str, new: str, count: SupportsIndex = -1, /) -> Worded:
        """As of any text."""
        return and_then(self, methodcaller("replace", old, new, count))

    def removesuffix(self, suffix: str, /) -> Worded:
        """As of any text."""
        return and_then(self, methodcaller("removesuffix", suffix))

    def removeprefix(self, prefix: str, /) -> Worded:
        """As of any text."""
        return and_then(self, methodcaller("removeprefix", prefix))

    def strip(self, characters: str | None = None, /) -> Worded:
        """As of any text."""
        return and_then(self, methodcaller("strip", characters))

    def rstrip(self, characters: str | None = None, /) -> Worded:
        """As of any text."""
        return and_then(self, methodcaller("rstrip", characters))


def say(template: str, /, **values: object) -> str:
    """A sentence: the template in English with these values in its places, as ``str.format`` puts them there.

    Raises:
        KeyError: the template names a value that is not given.
    """
    return Worded(template.format_map(values), template, values)


def joined(between: str, parts: Iterable[str]) -> str:
    """Texts in a row, as ``between.join(parts)``; each is said for itself in another language. ", " makes a list."""
    return _in_a_row(between, [*parts])


def in_clauses(parts: Iterable[str]) -> str:
    """Facts in one sentence, "a woman, 71 years": the comma of a list of names is another one in Chinese."""
    values = {f"part_{place}": part for place, part in enumerate(parts)}
    template = ", ".join(f"{{{name}}}" for name in values)
    return Worded(template.format_map(values), template, values)


def _in_a_row(between: str, all_: list[str]) -> Worded:
    return Worded(between.join(all_), "", {str(place): part for place, part in enumerate(all_)}, (), between)


def and_then(text: str, do: Callable[[str], str]) -> Worded:
    """The text after something was done to it, which is done to it in another language too."""
    if isinstance(text, Worded):
        made = do(str(text))
        return text if made == text else Worded(made, text.template, text.values, (*text.then, do), text.between)
    return Worded(do(text), "", {"0": text}, (do,), "")


def capital(text: str) -> str:
    """The text with its first letter large and all else as it was."""
    return and_then(text, capital_letter)


def small_letter(text: str) -> str:
    """Text with a small first letter."""
    return text[:1].lower() + text[1:]


def capital_letter(text: str) -> str:
    """Text with a large first letter."""
    return text[:1].upper() + text[1:]
