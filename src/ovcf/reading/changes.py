"""What an edit, or another reader, changed: two assessments of one patient side by side, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.units import Unit

    Key = tuple[str, Level | None, str, Unit | None]
    """What, of which vertebra, on which image, in which unit."""
    Told = Mapping[Key, float | str | None]

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number or word that is not what it was; None where it is new or gone.

    ``what`` is the method of a measurement, or the name of a finding or score; ``image`` where it was read.
    """

    what: str
    level: Level | None = None
    image: str = ""
    unit: Unit | None = None
    before: float | str | None
    after: float | str | None


def changes(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """Every measurement, finding and score that differs, in the order of the later assessment; equal ones are left
    out."""
    return (
        *_of(_scores(before), _scores(after)),
        *_of(_measurements(before), _measurements(after)),
        *_of(_findings(before), _findings(after)),
    )


def _of(before: Told, after: Told) -> tuple[Change, ...]:
    found = []
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        if isinstance(old, float) and isinstance(new, float):
            if abs(old - new) <= TOLERANCE:
                continue
        elif old == new:
            continue
        what, level, image, unit = key
        found.append(Change(what=what, level=level, image=image, unit=unit, before=old, after=new))
    return tuple(found)


def _scores(assessment: Assessment) -> Told:
    told: dict[Key, float | str | None] = {}
    for score in assessment.scores:
        told[score.score, None, "", None] = None if score.total is None else float(score.total)
        told[f"{score.score}, group", None, "", None] = score.group
    return told


def _measurements(assessment: Assessment) -> Told:
    return {(m.method.name, m.index_level, m.source.image, m.unit): float(m.value) for m in assessment.measurements}


def _findings(assessment: Assessment) -> Told:
    return {(f.name, f.level, f.image, None): f.value for f in assessment.findings}
