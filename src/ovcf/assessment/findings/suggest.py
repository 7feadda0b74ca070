"""Which vertebrae look fractured, ranked, with the reasons; the reader chooses.

Shape (grade from measurement, Eastell, two criteria) says that a vertebra is deformed, signal (low T1, high STIR) that
a fracture is recent. Either is enough to be listed; both together come first,
signal that leaves the decision to the reader last. What the outline suggests of endplates,
posterior wall and OF class (:mod:`ovcf.assessment.measured.by_outline`) stands beside the reasons and ranks nothing.
Behind them stand the vertebrae that could not be judged (:mod:`ovcf.assessment.findings.ungraded`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import (
    EdemaBesideEndplates,
    Endplates,
    FromOutline,
    Morphometry,
    OfSuggestion,
    PosteriorWall,
    RecencySign,
    SqGrade,
    SuggestedFracture,
)
from ovcf.assessment.findings.ungraded import look_here
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.kinds import Ungraded

_ORDER = (OfSuggestion, Endplates, PosteriorWall, EdemaBesideEndplates)


def suspicious_levels(findings: Iterable[Finding], unread: Collection[Level | None] = ()) -> tuple[Level, ...]:
    """The vertebrae with a sign of fracture, most conspicuous first; see :func:`suggested_fractures`."""
    return tuple(level for level, _ in _ranked(findings, unread))


def suggested_fractures(
    findings: Sequence[Finding],
    ungraded: Sequence[Ungraded] = (),
    beside: Iterable[Level] = (),
    unread: Collection[Level | None] = (),
) -> tuple[Finding, ...]:
    """One finding per vertebra with a sign of fracture, most conspicuous first, over all images; then what to look at.

    Of the ``ungraded`` vertebrae those ``beside`` graded ones are to be looked at. The outline of ``unread`` ones is
    not sure: the signal of their marrow suggests nothing.
    """
    ranked = _ranked(findings, unread)
    listed = {level for level, _ in ranked}
    beside = set(beside)
    by_signal = {f.level for f in findings if isinstance(f.data, RecencySign) and f.data.recent}
    look = [u for u in ungraded if u.level in beside - listed]
    look.sort(key=lambda u: u.level not in by_signal)
    return (
        *(_suggestion(level, found) for level, found in ranked),
        *(look_here(u, recent=u.level in by_signal) for u in look),
    )


def _ranked(findings: Iterable[Finding], unread: Collection[Level | None]) -> list[tuple[Level, list[Finding]]]:
    by_level: dict[Level, list[Finding]] = defaultdict(list)
    for finding in findings:
        of_marrow = isinstance(finding.data, RecencySign)
        if finding.level is not None and not (of_marrow and finding.level in unread):
            by_level[finding.level].append(finding)
    ranked = [(rank, level, found) for level, found in by_level.items() if any(rank := _rank(found))]
    ranked.sort(key=lambda item: item[0], reverse=True)
    return [(level, found) for _, level, found in ranked]


def _rank(found: list[Finding]) -> tuple[int, int, int, int]:
    """(recent by signal, grade, how many of the definitions call it fractured, signal that the reader must judge), each
    larger for more conspicuous. With the last alone it does not look fractured: its marrow is not clear.
    """
    grade = max((f.data.grade for f in found if isinstance(f.data, SqGrade)), default=0)
    called = sum(f.data.fractured is True for f in found if isinstance(f.data, Morphometry))
    signal = [f.data.recent for f in found if isinstance(f.data, RecencySign)]
    return signal.count(True), grade, called if grade or called > 1 else 0, signal.count(None)


def _suggestion(level: Level, found: list[Finding]) -> Finding:
    signal = [f.data.recent for f in found if isinstance(f.data, RecencySign)]
    positive = [f for f in found if _speaks_for_a_fracture(f)]
    outline = [f for kind in _ORDER for f in found if isinstance(f.data, kind)]
    return Finding(
        data=SuggestedFracture(
            recent=signal[0] if signal else None,
            outline=tuple(f.data for f in outline if isinstance(f.data, FromOutline)),
            unclear=_rank(found)[:3] == (0, 0, 0),
        ),
        level=level,
        reasons=tuple(
            say("{f}: {said}", f=f.name.replace("_", " "), said=_said(f))
            + (say(" ({image})", image=f.image) if f.image else "")
            for f in positive
        ),
        evidence=tuple(dict.fromkeys(e for f in (*positive, *outline) for e in f.evidence)),
    )


def _said(finding: Finding) -> str:
    """The value, and for signal that is not decided what speaks for and against."""
    undecided = isinstance(finding.data, RecencySign) and finding.data.recent is None
    return finding.reasons[-1] if undecided and finding.reasons else finding.value


def _speaks_for_a_fracture(finding: Finding) -> bool:
    match finding.data:
        case RecencySign(recent=recent):
            return recent is not False
        case SqGrade(grade=grade):
            return grade > 0
        case Morphometry(fractured=fractured):
            return bool(fractured)
    return False
