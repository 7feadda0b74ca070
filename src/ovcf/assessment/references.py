"""The sources an assessment rests on, numbered in the order in which they are first cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.result import Reference
from ovcf.guidance.evidence import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable


def numbered_references(cited: Iterable[Iterable[str]]) -> tuple[Reference, ...]:
    """One reference per evidence id in ``cited``, a tuple of ids per statement, score, finding or measurement.

    Raises:
        EvidenceError: an id is not in the evidence tables.
    """
    ids = dict.fromkeys(id_ for group in cited for id_ in group)
    entries = ((number, evidence(id_)) for number, id_ in enumerate(ids, 1))
    return tuple(Reference(number, e.id, e.citation, e.doi, e.mark) for number, e in entries)
