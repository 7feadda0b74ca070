"""Which vertebrae look fractured, ranked, with the reasons; the reader chooses.

Shape (grade from measurement, Eastell, McCloskey) says that a vertebra is deformed, signal (low T1, high STIR) that a
fracture is recent. Either is enough to be listed; both together come first,
signal that leaves the decision to the reader last. What the outline suggests of endplates,
posterior wall and OF class (:mod:`ovcf.assessment.by_outline`) stands beside the reasons and ranks nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ovcf.assessment.by_outline import EDEMA, ENDPLATES, OF_CLASS, SIGNAL, WALL
from ovcf.assessment.result import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.anatomy import Level

_SHAPE = ("SQ_from_measurement", "Morphometry (Eastell)", "Morphometry (McCloskey)")
UNDECIDED = "reader must decide"
"""What the signs of recency say where one series speaks for a fracture and the other does not, or is missing."""
FROM_OUTLINE = (OF_CLASS, ENDPLATES, WALL, EDEMA)


def suspicious_levels(findings: Iterable[Finding]) -> tuple[Level, ...]:
    """The vertebrae with a sign of fracture, most conspicuous first, over all images."""
    return tuple(level for level, _ in _ranked(findings))


def suggested_fractures(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per vertebra with a sign of fracture, most conspicuous first, over all images."""
    return tuple(_suggestion(level, found) for level, found in _ranked(findings))


def _ranked(findings: Iterable[Finding]) -> list[tuple[Level, list[Finding]]]:
    by_level: dict[Level, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.level is not None:
            by_level[finding.level].append(finding)
    ranked = [(rank, level, found) for level, found in by_level.items() if any(rank := _rank(found))]
    ranked.sort(key=lambda item: item[0], reverse=True)
    return [(level, found) for _, level, found in ranked]


def _rank(found: list[Finding]) -> tuple[int, int, int, int]:
    """(recent by signal, grade, how many of the definitions call it fractured, signal that the reader must judge), each
    larger for more conspicuous.
    """
    grade = max((int(f.value.split()[1].strip(",")) for f in found if f.name == _SHAPE[0]), default=0)
    called = sum(f.value.startswith("fractured") for f in found if f.name in _SHAPE[1:])
    recent = sum(f.value == "recent" for f in found if f.name == SIGNAL)
    undecided = sum(f.value == UNDECIDED for f in found if f.name == SIGNAL)
    return recent, grade, called if grade or called > 1 else 0, undecided


def _suggestion(level: Level, found: list[Finding]) -> Finding:
    recent = [f.value for f in found if f.name == SIGNAL]
    age = {"recent": "recent", "not recent": "old or none by signal"}.get(recent[0] if recent else "", "age unknown")
    positive = [f for f in found if f.name in (*_SHAPE, SIGNAL) and not _negative(f)]
    outline = [f for name in FROM_OUTLINE for f in found if f.name == name]
    return Finding(
        name="Suggested fracture",
        level=level,
        value=age,
        reasons=(
            *(f"{f.name}: {_said(f)}" + (f" ({f.image})" if f.image else "") for f in positive),
            *(f"{f.name}: {f.value}" for f in outline),
        ),
        evidence=tuple(dict.fromkeys(e for f in (*positive, *outline) for e in f.evidence)),
    )


def _said(finding: Finding) -> str:
    """The value, and for signal that is not decided what speaks for and against."""
    return finding.reasons[-1] if finding.value == UNDECIDED and finding.reasons else finding.value


def _negative(finding: Finding) -> bool:
    return finding.value in ("grade 0", "not fractured", "cannot be told", "not recent")
