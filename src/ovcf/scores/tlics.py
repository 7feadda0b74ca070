"""TLICS, the thoracolumbar injury classification and severity score (Lee 2005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import ScoreInputError
from ovcf.scores.result import ScoreItem, ScoreResult
from ovcf.scores.tally import above, at_least, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

MORPHOLOGY = {"compression": 1.0, "burst": 2.0, "translation or rotation": 3.0, "distraction": 4.0}
LIGAMENTS = {"intact": 0.0, "suspected": 2.0, "injured": 3.0}
NEUROLOGY = {"intact": 0.0, "root": 2.0, "complete cord": 2.0, "incomplete cord": 3.0, "cauda equina": 3.0}
GROUPS = ("non-operative", "either", "operative")


def group_of(total: float) -> str:
    """Non-operative up to 3, either at 4, operative from 5."""
    return GROUPS[above(total, 3) + at_least(total, 5)]


def tlics(*, morphology: str | None, posterior_ligaments: str | None, neurology: str | None) -> ScoreResult:
    """TLICS from morphology, posterior ligamentous complex and neurological status (keys of the tables above).

    Raises:
        ScoreInputError: a finding that the score does not know.
    """
    items = (
        _item("Morphology", morphology, MORPHOLOGY),
        _item("Posterior ligamentous complex", posterior_ligaments, LIGAMENTS),
        _item("Neurology", neurology, NEUROLOGY),
    )
    return ScoreResult(
        score="TLICS", version="Lee 2005", **tally(items, group_of),
        advisories=("Made for traumatic fractures, not for osteoporotic ones (Han 2025).",),
        evidence=("lee-2005", "han-2025"),
    )  # fmt: skip


def _item(name: str, finding: str | None, table: Mapping[str, float]) -> ScoreItem:
    possible = tuple(sorted(set(table.values())))
    if finding is None:
        return ScoreItem(name, "not known", None, possible)
    if finding not in table:
        raise ScoreInputError(
            f"TLICS, {name.lower()}", f"{finding!r} is not known", f"Give one of: {', '.join(table)}."
        )
    return ScoreItem(name, finding, table[finding], possible)
