"""What could not be graded: named, with the reason, so that no fracture is missed without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SpineGrades, Ungraded
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ovcf.anatomy import Level, VertebralColumn

NO_BODY = "no body was found there"


def not_graded(seen: Iterable[Ungraded], grades: Mapping[Level, int], column: VertebralColumn) -> tuple[Ungraded, ...]:
    """Every vertebra that no image let be graded, cranial to caudal, those without a name last.

    A vertebra between graded ones that no image shows was missed. The sacrum has no grade.
    """
    found: dict[Level, Ungraded] = {}
    nameless = []
    for u in seen:
        if u.level is None:
            nameless.append(u)
        elif u.level not in grades and u.level.region != "sacral":
            found.setdefault(u.level, u)
    for level in _inside(grades, column):
        found.setdefault(level, Ungraded(level=level, reason=NO_BODY))
    named = sorted(found, key=lambda level: level.rank)
    return (*(found[level] for level in named), *dict.fromkeys(nameless))


def _inside(grades: Mapping[Level, int], column: VertebralColumn) -> list[Level]:
    """The levels between the first and the last graded one that have no grade."""
    at = [column.levels.index(level) for level in grades if level in column.levels]
    return [level for level in column.levels[min(at) : max(at) + 1] if level not in grades] if at else []


def beside_graded(
    ungraded: Iterable[Ungraded], grades: Mapping[Level, int], column: VertebralColumn
) -> tuple[Level, ...]:
    """The ungraded vertebrae between graded ones, then those next to the first or the last graded one."""
    inside = _inside(grades, column)
    ends = {n for level in grades if level in column.levels for n in (column.above(level), column.below(level))}
    levels = [u.level for u in ungraded if u.level is not None]
    return (*(v for v in levels if v in inside), *(v for v in levels if v in ends and v not in inside))


def look_here(one: Ungraded, *, recent: bool = False) -> Finding:
    """A vertebra to look at, as a finding; ``recent`` where its marrow reads as that of a recent fracture."""
    signal = ("the marrow signal there reads as recent, but the outline is not sure",) if recent else ()
    return Finding(data=one, level=one.level, reasons=(one.reason, *signal))


def genant_over_the_spine(
    data: SpineGrades, advisories: tuple[str, ...] = (), evidence: tuple[str, ...] = ()
) -> Finding:
    """The grades of the spine, with what they do not exclude."""
    graded, ungraded = data.graded, data.ungraded
    names = [say("{value}", value=u.level or "unnamed") for u in ungraded]
    where = "outside the vertebrae graded" if graded else "anywhere"
    also = (
        say("a fracture of {join}, or {where}", join=joined(", ", names), where=where)
        if names and graded
        else say("a fracture {where}", where=where)
    )
    return Finding(
        data=data,
        level=None,
        reasons=(
            *(
                say("{name} not graded: {reason}", name=name, reason=u.reason)
                for name, u in zip(names, ungraded, strict=True)
            ),
            say("not excluded: {also}; a recent fracture that has not lost height", also=also),
            *advisories,
        ),
        evidence=evidence,
    )
