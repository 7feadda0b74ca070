"""What an edit, or another reader, changed: two assessments of one patient side by side, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import decided
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.kinds import FindingData
    from ovcf.assessment.result import Assessment
    from ovcf.units import Unit

    Key = tuple[str, Level | None, str, Unit | None]
    """What, of which vertebra, on which image, in which unit."""

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number or category that is not what it was; None where it is new or gone.

    ``id`` is that of the method of a measurement, of a kind of finding or of a score, ``what`` its name for people;
    ``image`` where it was read. ``before`` and ``after`` are for people, too.
    """

    id: str
    what: str
    level: Level | None = None
    image: str = ""
    unit: Unit | None = None
    before: float | str | None
    after: float | str | None


@dataclass(frozen=True, slots=True)
class _Told:
    """One entry of an assessment: its name, what it comes to for people, and the data that are compared."""

    name: str
    shown: float | str | None
    data: float | str | FindingData | None


def changes(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """Every measurement, finding and score that differs, in the order of the later assessment; equal ones are left
    out. A finding whose probabilities alone moved has not changed.
    """
    return tuple(
        change for entries in (_scores, _measurements, _findings) for change in _of(entries(before), entries(after))
    )


def _of(before: Mapping[Key, _Told], after: Mapping[Key, _Told]) -> Iterator[Change]:
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and same(old.data, new.data):
            continue
        id_, level, image, unit = key
        told = new or old
        assert told is not None
        yield Change(
            id=id_,
            what=told.name,
            level=level,
            image=image,
            unit=unit,
            before=old.shown if old else None,
            after=new.shown if new else None,
        )


def same(old: object, new: object) -> bool:
    """Whether two figures are one, numbers up to the error of their arithmetic."""
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= TOLERANCE
    return old == new


def _scores(assessment: Assessment) -> Mapping[Key, _Told]:
    told: dict[Key, _Told] = {}
    for score in assessment.scores:
        total = None if score.total is None else float(score.total)
        told[score.score, None, "", None] = _Told(score.score, total, total)
        told[say("{score}, group", score=score.score), None, "", None] = _Told(
            say("{score}, group", score=score.score), score.group, score.group
        )
    return told


def _measurements(assessment: Assessment) -> Mapping[Key, _Told]:
    return {
        (m.method.id, m.index_level, m.source.image, m.unit): _Told(m.method.name, float(m.value), float(m.value))
        for m in assessment.measurements
    }


def _findings(assessment: Assessment) -> Mapping[Key, _Told]:
    return {(f.id, f.level, f.image, None): _Told(f.name, f.value, decided(f.data)) for f in assessment.findings}
