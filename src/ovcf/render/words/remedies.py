"""What to do, in words for a report or a page: no option of the command line, no program to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import RemedyCode

if TYPE_CHECKING:
    from ovcf.errors import Remedy


def words(remedy: Remedy) -> str:
    """The sentence, with the choices that its arguments name."""
    schemes = remedy.given.get("schemes", "")
    if remedy.code in (RemedyCode.NAME_THE_SCHEME, RemedyCode.NAME_SCHEME_OR_LEVEL) and schemes:
        return f"{remedy.text} Schemes that fit: {schemes}."
    return remedy.text
