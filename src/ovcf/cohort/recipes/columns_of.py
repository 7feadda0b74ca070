"""The columns that each recipe knows, as a data dictionary: names, units, ranges and meaning."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

from ovcf.cohort.dictionary import Dictionary, Variable, parse_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

_VISIT = re.compile(r"_\d+(?:\.\d+)?mo$")


def columns_text(recipe: str) -> str:
    """The packaged dictionary of a recipe, as TOML."""
    return files("ovcf.cohort.recipes").joinpath("columns", f"{recipe}.toml").read_text(encoding="utf-8")


def columns_of(recipe: str) -> Dictionary:
    """All columns that a recipe knows; of a measurement by visits, its first."""
    return parse_dictionary(columns_text(recipe), f"columns of {recipe}")


def dictionary_for(recipe: str, headings: Iterable[str], own: Dictionary | None = None) -> Dictionary:
    """The dictionary of a given table: what the recipe knows of its ``headings``, a user's own words first.

    ``vas_3mo`` is described as ``vas_0mo`` is.
    """
    known = columns_of(recipe)
    by_stem = {_VISIT.sub("_mo", v.name): v for v in known.variables}
    mine = {v.name: v for v in own.variables} if own else {}
    found: dict[str, Variable] = {}
    for heading in headings:
        standard = by_stem.get(_VISIT.sub("_mo", heading))
        if heading not in mine and standard is not None:
            found[heading] = replace(standard, name=heading)
    return Dictionary((*mine.values(), *found.values()), own.missing_codes if own else known.missing_codes)
