"""The columns that each recipe knows, as a data dictionary: names, units, ranges and meaning."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ovcf.cohort.data.dictionary import Dictionary, Variable, parse_dictionary
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_VISIT = re.compile(r"_(\d+(?:\.\d+)?)mo$")


def columns_text(recipe: str) -> str:
    """The packaged dictionary of a recipe, as TOML."""
    return files("ovcf.cohort.recipes").joinpath("columns", f"{recipe}.toml").read_text(encoding="utf-8")


@cache
def columns_of(recipe: str) -> Dictionary:
    """All columns that a recipe knows; of a measurement by visits, its first."""
    return parse_dictionary(columns_text(recipe), say("columns of {recipe}", recipe=recipe))


def dictionary_for(recipe: str, headings: Iterable[str], own: Dictionary | None = None) -> Dictionary:
    """The dictionary of a given table: what the recipe knows of its ``headings``, a user's own words first.

    ``vas_3mo`` is described as ``vas_0mo`` is.
    """
    known = columns_of(recipe)
    mine = own.variables if own else ()
    taken = {word for v in mine for word in (v.name, v.source)} | set((own and own.ignored) or ())
    found = tuple(v for h in headings if h not in taken and (v := described(known, h)) is not None)
    return replace(own, variables=(*mine, *found)) if own else replace(known, variables=found)


def printed_name(recipe: str, heading: str) -> str:
    """How a column is named in print: label, unit and visit; as it is if the recipe does not know it."""
    v, visit = described(columns_of(recipe), heading), _VISIT.search(heading)
    if v is None:
        return heading
    return (
        v.label
        + (say(" ({unit})", unit=v.unit) if v.unit else "")
        + (say(", {visit} months", visit=visit[1]) if visit else "")
    )


def visits_of(frame: pd.DataFrame, stem: str) -> dict[str, float]:
    """The columns ``stem_0mo``, ``stem_3mo`` ... of a frame that hold a value, with their months, in order of time."""
    found = {
        str(c): float(match[1])
        for c in frame.columns
        if (match := _VISIT.search(str(c))) and str(c)[: match.start()] == stem and frame[c].notna().any()
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def described(known: Dictionary, heading: str) -> Variable | None:
    """What a dictionary says of a heading; of a measurement by visits, at any visit."""
    stem = _VISIT.sub("_mo", heading)
    found = next((v for v in known.variables if _VISIT.sub("_mo", v.name) == stem), None)
    return found and replace(found, name=heading)
