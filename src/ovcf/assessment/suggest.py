"""Which vertebrae look fractured, ranked, with the reasons; the reader chooses.

Shape (grade from measurement, Eastell, McCloskey) says that a vertebra is deformed, signal (low T1, high STIR) that a
fracture is recent. Either is enough to be listed; both together come first.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ovcf.assessment.result import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.anatomy import Level

_SHAPE = ("SQ_from_measurement", "Morphometry (Eastell)", "Morphometry (McCloskey)")
_SIGNAL = "Signs of a recent fracture"


def suggested_fractures(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per vertebra with a sign of fracture, most conspicuous first, over all images."""
    by_level: dict[Level, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.level is not None:
            by_level[finding.level].append(finding)
    ranked = [(rank, level, found) for level, found in by_level.items() if (rank := _rank(found)) > (0, 0, 0)]
    ranked.sort(key=lambda item: item[0], reverse=True)
    return tuple(_suggestion(level, found) for _, level, found in ranked)


def _rank(found: list[Finding]) -> tuple[int, int, int]:
    """(recent by signal, grade, how many of the definitions call it fractured), each larger for more conspicuous."""
    grade = max((int(f.value.split()[1].strip(",")) for f in found if f.name == _SHAPE[0]), default=0)
    called = sum(f.value.startswith("fractured") for f in found if f.name in _SHAPE[1:])
    recent = sum(f.value == "recent" for f in found if f.name == _SIGNAL)
    return recent, grade, called if grade or called > 1 else 0


def _suggestion(level: Level, found: list[Finding]) -> Finding:
    recent = [f.value for f in found if f.name == _SIGNAL]
    age = {"recent": "recent", "not recent": "old or none by signal"}.get(recent[0] if recent else "", "age unknown")
    positive = [f for f in found if f.name in (*_SHAPE, _SIGNAL) and not _negative(f)]
    return Finding(
        name="Suggested fracture",
        level=level,
        value=age,
        reasons=tuple(f"{f.name}: {f.value}" + (f" ({f.image})" if f.image else "") for f in positive),
        evidence=tuple(dict.fromkeys(e for f in positive for e in f.evidence)),
    )


def _negative(finding: Finding) -> bool:
    return finding.value in ("grade 0", "not fractured", "cannot be told", "not recent", "reader must decide")
