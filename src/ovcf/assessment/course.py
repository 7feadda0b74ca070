"""What changed since earlier visits, and HAN's two outcomes, as findings of one assessment.

A fracture that has been augmented has no outcome in HAN's sense: of it only the course is told, and whether it has
lost height since (:mod:`ovcf.assessment.cemented`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.assessment.result import Finding
from ovcf.measures.shape.mobility import anterior_height_change, standing_and_supine
from ovcf.measures.signal.edema_level import LIMIT_OF_BLANK_PERCENT
from ovcf.scores.applicability import treated
from ovcf.scores.follow_up import PROGRESSION_DEG, UNION_MOBILITY_MM, non_union, progressive_kyphosis
from ovcf.units import Unit
from ovcf.vocabulary import Analgesic, Cleft, Posture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.ledger import Ledger
    from ovcf.assessment.scoring import Deformity
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.earlier import EarlierVisit
    from ovcf.landmarks import SpineLandmarks
    from ovcf.scores.result import Verdict

NON_UNION, KYPHOSIS, HEIGHT_LOSS = "Non-union (Han)", "Progressive kyphosis (Han)", "Height loss since"
EDEMA, EDEMA_BACK, PAIN, DISABILITY, DRUGS = (
    "Edema over visits", "Edema came back", "Pain over visits", "Disability over visits", "Analgesics over visits",
)  # fmt: skip
_DRUGS = tuple(Analgesic)


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
        reasons.append(f"anterior height {standing:g} mm standing and {supine:g} mm supine, entered by the reader")
    elif pair is not None:
        for m in ledger.take("change of anterior height", level, partial(anterior_height_change, *pair, level)):
            reasons += [f"{m}", *m.warnings]
            if m.unit is Unit.MM:
                change, sd = m.value, m.standard_uncertainty
    if change is None and not reasons and not case.earlier:
        return
    cleft = None if case.cleft is None else case.cleft is not Cleft.NONE
    if cleft is None and now.cleft_suggested not in (None, Cleft.NONE):
        reasons.append("a cleft is suggested on MRI and not confirmed: it does not count until the reader says so")
    elif case.cleft_on:
        reasons.append(f"cleft read on {case.cleft_on}")
    verdict = non_union(cleft=cleft, anterior_height_change_mm=change)
    yield Finding(
        name=NON_UNION, level=level, value=_said(verdict, "non-union", "union"),
        probability=_mobile(change, sd, cleft=cleft), evidence=verdict.evidence,
        reasons=(verdict.because, *reasons, *_when(case), "HAN gives no limit in mm: 1 mm is another source's"),
    )  # fmt: skip


def _mobile(change: float | None, sd: float | None, *, cleft: bool | None) -> tuple[tuple[str, float], ...]:
    """Probability of non-union and of what else remains, where a measured change decides."""
    if change is None or not sd or cleft:
        return ()
    error = NormalDist(change, sd)
    still = error.cdf(UNION_MOBILITY_MM) - error.cdf(-UNION_MOBILITY_MM)
    return (("non-union", 1 - still), ("union" if cleft is False else "open", still))


def _height(case: ClinicalCase, first: EarlierVisit, now: Now) -> Iterator[Finding]:
    vhl = now.deformity.vhl_percent
    if first.vhl_percent is None or vhl is None:
        return
    yield Finding(
        name=HEIGHT_LOSS, level=case.index_level, value=f"{vhl - first.vhl_percent:+.1f} percentage points",
        reasons=(
            f"from {first.vhl_percent:.1f}% ({first.when}) to {vhl:.1f}%",
            *_apart(_posture(first.posture_radiograph), now.posture),
        ),
        evidence=("han-2025", "buckens-2013"),
    )  # fmt: skip


def _apart(before: Posture, after: Posture) -> tuple[str, ...]:
    if Posture.UNKNOWN in (before, after):
        return ("the posture of a radiograph is not known: posture alone changes height and angle",)
    return () if before is after else (f"{before} then, {after} now: posture alone changes height and angle",)


def _kyphosis(case: ClinicalCase, first: EarlierVisit, now: Now) -> Iterator[Finding]:
    angle = now.deformity.local_kyphosis_deg
    if first.local_kyphosis_deg is None or angle is None:
        return
    verdict = progressive_kyphosis(
        first.local_kyphosis_deg, angle, posture_before=_posture(first.posture_radiograph), posture_after=now.posture
    )
    shares: tuple[tuple[str, float], ...] = ()
    covariance = now.deformity.covariance
    if verdict.answer is not None and covariance is not None and covariance[1, 1] > 0:
        # The earlier angle is taken to err as this one does.
        error = NormalDist(angle - first.local_kyphosis_deg, float(np.sqrt(2 * covariance[1, 1])))
        p = 1 - error.cdf(PROGRESSION_DEG)
        shares = (("yes", p), ("no", 1 - p))
    yield Finding(
        name=KYPHOSIS, level=case.index_level, value=_said(verdict, "yes", "no"), probability=shares,
        reasons=(verdict.because, f"since {first.when}", *_when(case)), evidence=verdict.evidence,
    )  # fmt: skip


def _over_visits(case: ClinicalCase, now: Now) -> Iterator[Finding]:
    """What was entered at two visits or more, in the order of the visits, this one last."""
    columns = (
        (EDEMA, [v.bme_percent for v in case.earlier], now.bme_percent, "%", ("voormolen-2006", "nagao-2025")),
        (PAIN, [v.vas for v in case.earlier], case.vas, "", ("ostelo-2008",)),
        (DISABILITY, [v.odi for v in case.earlier], case.odi, "%", ("odi",)),
        (DRUGS, [v.analgesic_class for v in case.earlier], case.analgesic_class, "", ("voormolen-2006",)),
    )
    whens = (*(v.when for v in case.earlier), "now")
    for name, before, last, unit, evidence in columns:
        given = [(value, when) for value, when in zip((*before, last), whens, strict=True) if value is not None]
        if len(given) < 2:
            continue
        words = [_DRUGS[int(v)].value if name == DRUGS else f"{v:.0f}{unit}" for v, _ in given]
        told = tuple(f"{when}: {word}" for word, (_, when) in zip(words, given, strict=True))
        yield Finding(name=name, level=case.index_level, value=", ".join(words), reasons=told, evidence=evidence)
        if name == EDEMA:
            yield from _returned(case, [float(v) for v, _ in given])


def _returned(case: ClinicalCase, percent: Sequence[float]) -> Iterator[Finding]:
    """Edema that had gone and is there again: after augmentation Voormolen saw none return."""
    gone = next((n for n, p in enumerate(percent) if p < LIMIT_OF_BLANK_PERCENT and any(percent[:n])), None)
    if gone is not None and any(p >= LIMIT_OF_BLANK_PERCENT for p in percent[gone + 1 :]):
        why = (
            "after augmentation, edema that had gone did not return (Voormolen); what it means when it does is this "
            "project's reading"
        )
        yield Finding(
            name=EDEMA_BACK, level=case.index_level, value="look for another fracture", reasons=(why,),
            evidence=("voormolen-2006", "rule-refracture"),
        )  # fmt: skip


def _when(case: ClinicalCase) -> tuple[str, ...]:
    """When this is judged: HAN judged at 6 months."""
    first = case.earlier[0] if case.earlier else None
    weeks = case.weeks_since_onset
    if first is None and weeks is None:
        return ("HAN judged at 6 months; when this visit is was not entered",)
    ago = (
        f"{weeks:g} weeks after the pain began" if weeks is not None else f"first visit: {first.when if first else ''}"
    )
    return (f"HAN judged at 6 months; {ago}",)


def _said(verdict: Verdict, yes: str, no: str) -> str:
    return {True: yes, False: no, None: "open"}[verdict.answer]


def _posture(said: str | None) -> Posture:
    return Posture.LATERAL_DECUBITUS if said == "decubitus" else Posture(said or "unknown")
