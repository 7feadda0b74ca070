"""Cemented vertebrae: one that breaks again is a finding, by the reader's word or by height lost since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.finding_over_time import CementedBody
from ovcf.assessment.findings.kinds import SqGrade
from ovcf.guidance.evidence import evidence
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ovcf.assessment.scoring import Deformity
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.earlier import EarlierVisit


def cemented_bodies(case: ClinicalCase, known: Iterable[Finding], deformity: Deformity) -> Iterator[Finding]:
    """What is told of cemented vertebrae: named by the reader, lower than at an earlier visit, or deformed."""
    for level in case.refractured_levels:
        yield Finding(
            data=CementedBody(state="broken again"),
            level=level,
            by_reader=True,
            reasons=("as the reader has decided",),
            evidence=("rule-refracture",),
        )
    lower = tuple(_lower(case, deformity))
    yield from lower
    shapes = {f.level: f for f in known if isinstance(f.data, SqGrade) and f.data.grade}
    told = {*case.refractured_levels, *(f.level for f in lower)}
    for level in case.cemented_levels:
        if level in shapes and level not in told:
            yield Finding(
                data=CementedBody(state="deformed"),
                level=level,
                reasons=(say("now {shapes}", shapes=shapes[level].value),),
                evidence=("rule-refracture",),
                sources=shapes[level].sources,
            )


def _lower(case: ClinicalCase, deformity: Deformity) -> Iterator[Finding]:
    """The cemented index vertebra, if it has lost more height since than observers differ by."""
    level, vhl = case.index_level, deformity.vhl_percent
    if level is None or level not in case.cemented_levels or level in case.refractured_levels or vhl is None:
        return
    since = _after_augmentation(case.earlier, case.augmentation_date)
    limit = evidence("buckens-2013")["between_observers_percent"]
    assert isinstance(limit, float)
    for visit in since:
        if visit.vhl_percent is not None and vhl - visit.vhl_percent > limit:
            why = say(
                "height loss {vhl_percent:.1f}% ({when}) and {vhl:.1f}% now: more than the {limit:g} "
                "points that observers differ by at most",
                vhl_percent=visit.vhl_percent,
                when=visit.when,
                vhl=vhl,
                limit=limit,
            )
            yield Finding(
                data=CementedBody(state="height lost"),
                level=level,
                reasons=(why,),
                evidence=("rule-refracture", "buckens-2013"),
            )
            return


def _after_augmentation(visits: Sequence[EarlierVisit], augmented: str | None) -> Sequence[EarlierVisit]:
    """Visits after the augmentation by their dates, the latest first; where dates lack, the last visit alone."""
    if augmented is None or any(v.visit_date is None for v in visits):
        return visits[-1:]
    return [v for v in reversed(visits) if (v.visit_date or "") >= augmented]
