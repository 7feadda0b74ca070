"""What changed since earlier visits, and HAN's two outcomes, as findings of one assessment.

A fracture that has been augmented has no outcome in HAN's sense: of it only the course is told, and whether it has
lost height since (:mod:`ovcf.assessment.findings.cemented`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.finding_over_time import (
    EdemaReturned,
    HeightLossSince,
    KyphosisProgress,
    NonUnion,
    OverVisits,
)
from ovcf.language.worded import say
from ovcf.measures.shape.mobility import anterior_height_change, standing_and_supine
from ovcf.measures.signal.edema_level import LIMIT_OF_BLANK_PERCENT
from ovcf.scores.applicability import treated
from ovcf.scores.prognosis.close_call import OF_TWO, near_progression
from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG, UNION_MOBILITY_MM, non_union, progressive_kyphosis
from ovcf.units import Unit
from ovcf.vocabulary import Analgesic, Cleft, Posture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.assessment.scoring import Deformity
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.earlier import EarlierVisit
    from ovcf.landmarks import SpineLandmarks


_DRUGS = tuple(Analgesic)
_Quantity = Literal["edema", "pain", "disability", "analgesics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What this visit gives: deformity as scored, its posture, edema, and the cleft that a program suggests."""

    deformity: Deformity
    posture: Posture
    bme_percent: float | None = None
    cleft_suggested: Cleft | None = None


def posture_of(case: ClinicalCase, spines: Sequence[SpineLandmarks], deformity: Deformity) -> Posture:
    """Posture in which height loss and kyphosis were taken: that of their image, or as entered with them."""
    for spine in spines:
        source = spine.vertebrae[0].source
        if deformity.image and source.image == deformity.image:
            return source.posture
    return _posture(case.posture_radiograph)


def course(case: ClinicalCase, spines: Sequence[SpineLandmarks], now: Now, ledger: Ledger) -> None:
    """Add to the ledger what earlier visits and radiographs in two postures tell of the index vertebra."""
    level = case.index_level
    if level is None:
        return
    augmented, _ = treated(case)
    if not augmented:
        ledger.findings += _union(case, spines, now, level, ledger)
    if case.earlier:
        first = case.earlier[0]
        ledger.findings += _height(case, first, now)
        if not augmented:
            ledger.findings += _kyphosis(case, first, now)
        ledger.findings += _over_visits(case, now)


def _union(
    case: ClinicalCase, spines: Sequence[SpineLandmarks], now: Now, level: Level, ledger: Ledger
) -> Iterator[Finding]:
    """HAN's non-union, once anything that it is judged by is there beside a cleft: two postures or an earlier visit."""
    standing, supine = case.anterior_height_standing_mm, case.anterior_height_supine_mm
    change = sd = None
    reasons: list[str] = []
    pair = standing_and_supine(spines, level)
    if standing is not None and supine is not None:
        change = standing - supine
        reasons.append(
            say(
                "anterior height {standing:g} mm standing and {supine:g} mm supine, entered by the reader",
                standing=standing,
                supine=supine,
            )
        )
    elif pair is not None:
        for m in ledger.take("change of anterior height", level, partial(anterior_height_change, *pair, level)):
            reasons += [say("{m}", m=m), *m.warnings]
            if m.unit is Unit.MM:
                change, sd = m.value, m.standard_uncertainty
    if change is None and not reasons and not case.earlier:
        return
    cleft = None if case.cleft is None else case.cleft is not Cleft.NONE
    if cleft is None and now.cleft_suggested not in (None, Cleft.NONE):
        reasons.append("a cleft is suggested on MRI and not confirmed: it does not count until the reader says so")
    elif case.cleft_on:
        reasons.append(say("cleft read on {cleft_on}", cleft_on=case.cleft_on))
    verdict = non_union(cleft=cleft, anterior_height_change_mm=change)
    yield Finding(
        data=NonUnion(answer=verdict.answer, probability=_mobile(change, sd, cleft=cleft)),
        level=level,
        evidence=verdict.evidence,
        reasons=(verdict.because, *reasons, *_when(case), "HAN gives no limit in mm: 1 mm is another source's"),
    )


def _mobile(change: float | None, sd: float | None, *, cleft: bool | None) -> float | None:
    """Probability of non-union where a measured change decides."""
    if change is None or not sd or cleft:
        return None
    error = NormalDist(change, sd)
    return 1 - (error.cdf(UNION_MOBILITY_MM) - error.cdf(-UNION_MOBILITY_MM))


def _height(case: ClinicalCase, first: EarlierVisit, now: Now) -> Iterator[Finding]:
    vhl = now.deformity.vhl_percent
    if first.vhl_percent is None or vhl is None:
        return
    yield Finding(
        data=HeightLossSince(points=vhl - first.vhl_percent, since=first.when),
        level=case.index_level,
        reasons=(
            say(
                "from {vhl_percent:.1f}% ({when}) to {vhl:.1f}%",
                vhl_percent=first.vhl_percent,
                when=first.when,
                vhl=vhl,
            ),
            *_apart(_posture(first.posture_radiograph), now.posture),
        ),
        evidence=("han-2025", "buckens-2013"),
    )


def _apart(before: Posture, after: Posture) -> tuple[str, ...]:
    if Posture.UNKNOWN in (before, after):
        return ("the posture of a radiograph is not known: posture alone changes height and angle",)
    return (
        ()
        if before is after
        else (say("{before} then, {after} now: posture alone changes height and angle", before=before, after=after),)
    )


def _kyphosis(case: ClinicalCase, first: EarlierVisit, now: Now) -> Iterator[Finding]:
    angle = now.deformity.local_kyphosis_deg
    if first.local_kyphosis_deg is None or angle is None:
        return
    verdict = progressive_kyphosis(
        first.local_kyphosis_deg, angle, posture_before=_posture(first.posture_radiograph), posture_after=now.posture
    )
    p, sd, change = None, now.deformity.sd[1], angle - first.local_kyphosis_deg
    if verdict.answer is not None and sd:
        p = 1 - NormalDist(change, OF_TWO * sd).cdf(PROGRESSION_DEG)  # the earlier angle is taken to err as this one
    near: tuple[str, ...] = ()
    if verdict.answer is not None:
        near = near_progression(change, sd=sd, readers_sem=case.readers.kyphosis_sem_deg)
    yield Finding(
        data=KyphosisProgress(answer=verdict.answer, probability=p),
        level=case.index_level,
        reasons=(verdict.because, *near, say("since {when}", when=first.when), *_when(case)),
        evidence=(*verdict.evidence, *(("rule-close-call", "kyphosis-readers") if near else ())),
    )


def _over_visits(case: ClinicalCase, now: Now) -> Iterator[Finding]:
    """What was entered at two visits or more, in the order of the visits, this one last."""
    columns: tuple[tuple[_Quantity, list[float | None], float | None, tuple[str, ...]], ...] = (
        ("edema", [v.bme_percent for v in case.earlier], now.bme_percent, ("voormolen-2006", "nagao-2025")),
        ("pain", [v.vas for v in case.earlier], case.vas, ("ostelo-2008",)),
        ("disability", [v.odi for v in case.earlier], case.odi, ("odi",)),
        ("analgesics", [v.analgesic_class for v in case.earlier], case.analgesic_class, ("voormolen-2006",)),
    )
    whens = (*(v.when for v in case.earlier), "now")
    for quantity, before, last, evidence in columns:
        given = [(when, float(v)) for v, when in zip((*before, last), whens, strict=True) if v is not None]
        if len(given) < 2:
            continue
        yield Finding(
            data=OverVisits(of=quantity, visits=tuple(given)),
            level=case.index_level,
            evidence=evidence,
            reasons=tuple(
                say("{when}: {drugs}", when=when, drugs=_DRUGS[int(v)] if quantity == "analgesics" else f"{v:g}")
                for when, v in given
            ),
        )
        if quantity == "edema":
            yield from _returned(case, [v for _, v in given])


def _returned(case: ClinicalCase, percent: Sequence[float]) -> Iterator[Finding]:
    """Edema that had gone and is there again: after augmentation Voormolen saw none return."""
    gone = next((n for n, p in enumerate(percent) if p < LIMIT_OF_BLANK_PERCENT and any(percent[:n])), None)
    if gone is not None and any(p >= LIMIT_OF_BLANK_PERCENT for p in percent[gone + 1 :]):
        why = (
            "after augmentation, edema that had gone did not return (Voormolen); what it means when it does is this "
            "project's reading"
        )
        yield Finding(
            data=EdemaReturned(), level=case.index_level, reasons=(why,), evidence=("voormolen-2006", "rule-refracture")
        )


def _when(case: ClinicalCase) -> tuple[str, ...]:
    """When this is judged: HAN judged at 6 months."""
    first = case.earlier[0] if case.earlier else None
    weeks = case.weeks_since_onset
    if first is None and weeks is None:
        return ("HAN judged at 6 months; when this visit is was not entered",)
    ago = (
        say("{weeks:g} weeks after the pain began", weeks=weeks)
        if weeks is not None
        else say("first visit: {when}", when=first.when if first else "")
    )
    return (say("HAN judged at 6 months; {ago}", ago=ago),)


def _posture(said: str | None) -> Posture:
    return Posture.LATERAL_DECUBITUS if said == "decubitus" else Posture(said or "unknown")
