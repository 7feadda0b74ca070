"""The headings of a table as a design understands them, corrected by what somebody said on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.cohort.mapping.guess import guess_mapping
from ovcf.cohort.recipes.columns_of import columns_of, described
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Mapping as Words

    import pandas as pd

    from ovcf.cohort.mapping.guess import Guess, Mapping

VALIDATE = "validate"
DESIGNS = (VALIDATE, "nasovcf", "nagao", "voormolen", "kadri", "multicentre")


def columns_for(design: str) -> str:
    """The design whose columns a validation needs, too."""
    return "nasovcf" if design == VALIDATE else design


def understood(raw: pd.DataFrame, design: str, named: Words[str, str], answers: Words[str, Words[str, str]]) -> Mapping:
    """What each heading is taken for. ``named`` are columns by heading, "" for one that is not to be used; ``answers``
    say what codes stand for, by heading and code.

    Raises:
        CohortDataError: a heading or a column that there is not, or a word that the column does not know.
    """
    known = columns_of(columns_for(design))
    headings = [str(h) for h in raw.columns]
    for heading, name in named.items():
        if heading not in headings:
            raise CohortDataError(heading, "is no column of the table", "Load the page again.")
        if name and described(known, name) is None:
            raise CohortDataError(
                f"{heading}: {name}", "is no column that this design knows", "Choose one of the list."
            )
    left = raw[[h for h in raw.columns if named.get(str(h)) != ""]]
    found = guess_mapping(left, known, None, {h: n for h, n in named.items() if n})
    guesses = tuple(_answered(g, answers.get(g.heading, {})) for g in found.guesses)
    unused = tuple(h for h in headings if h not in {g.heading for g in guesses})
    return replace(found, guesses=guesses, ignored=unused)


def refuse_open(mapping: Mapping) -> None:
    """Refuse a mapping with codes that nobody has explained, or without any column.

    Raises:
        CohortDataError: names them.
    """
    if unsaid := [g for g in mapping.guesses if g.open_codes]:
        codes = "; ".join(f"{', '.join(g.open_codes)} of {g.heading!r}" for g in unsaid)
        raise CohortDataError("codes", f"nobody has said what {codes} stand for", "Say it, or leave the column out.")
    if not mapping.guesses:
        raise CohortDataError("this table", "has no column that the design knows", "Say which of yours they are.")


def _answered(guess: Guess, said: Words[str, str]) -> Guess:
    levels = []
    for code, label in guess.variable.levels:
        word = said.get(code, "")
        if word and word not in guess.variable.allowed:
            raise CohortDataError(
                f"{guess.heading}: {code}",
                f"{word!r} is no word of it",
                f"Choose: {', '.join(guess.variable.allowed)}.",
            )
        levels.append((code, word or label))
    order = {label: i for i, label in enumerate(guess.variable.allowed)}
    if said:
        levels.sort(key=lambda pair: order.get(pair[1], -1))
    return replace(guess, variable=replace(guess.variable, levels=tuple(levels)))
