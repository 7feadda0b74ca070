"""From measurements, signal and clinical facts to the published scores of the index vertebra."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.guidance.rules.suppression import suppressions
from ovcf.landmarks import Modality
from ovcf.measures.height import vertebral_height_loss, vertebral_height_loss_of
from ovcf.measures.kyphosis import local_kyphosis_angle, local_kyphosis_angle_deg
from ovcf.measures.t2_pattern import T2Pattern
from ovcf.measures.uncertainty import covariance
from ovcf.scores.nasovcf import nasovcf

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.by_signal import SignalReading
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import SpineLandmarks
    from ovcf.scores.result import ScoreResult


@dataclass(frozen=True, slots=True, eq=False)
class Deformity:
    """VHL and local kyphosis angle that enter the score, where they come from, and their covariance if known."""

    vhl_percent: float | None = None
    local_kyphosis_deg: float | None = None
    covariance: NDArray[np.float64] | None = None
    note: str = ""


def deformity_of(case: ClinicalCase, spines: Sequence[SpineLandmarks]) -> Deformity:
    """The reader's figures where entered, else those of the first image on which both can be measured."""
    if case.vhl_percent is not None or case.local_kyphosis_deg is not None:
        note = "VHL and kyphosis angle as entered by the reader; their measurement error is not known."
        return Deformity(case.vhl_percent, case.local_kyphosis_deg, note=note)
    level = case.index_level
    for spine in spines:
        measured = level and _both(spine, level)
        if measured:
            return measured
    return Deformity()


def _both(spine: SpineLandmarks, level: Level) -> Deformity | None:
    try:
        vhl, angle = vertebral_height_loss(spine, level), local_kyphosis_angle(spine, level)
        cranial, caudal = spine.neighbours(level)
    except OvcfError:
        return None
    source = spine[level].source
    note = f"VHL and kyphosis angle measured on {source.image or 'the landmark file'} ({source.posture.value})."
    if source.modality is not Modality.RADIOGRAPH:
        note += " HAN measured them on a lateral radiograph: posture and projection differ here."
    return Deformity(
        vhl.value,
        angle.value,
        covariance(
            [vertebral_height_loss_of, lambda above, _, below: local_kyphosis_angle_deg(above, below)],
            (cranial, spine[level], caudal),
        ),
        note,
    )


def nasovcf_of(case: ClinicalCase, spines: Sequence[SpineLandmarks], signal: SignalReading) -> ScoreResult:
    """NASOVCF of the index vertebra; the reader's T2 pattern goes before the one measured."""
    deformity = deformity_of(case, spines)
    measured = signal.t2 if case.t2_pattern is None else None
    result = nasovcf(
        fracture_type=case.fracture_type,
        vhl_percent=deformity.vhl_percent,
        local_kyphosis_deg=deformity.local_kyphosis_deg,
        t2_diffuse_low=case.t2_pattern if measured is None else measured.pattern.value,
        t_score=case.t_score,
        age_years=case.age_years,
        level=case.index_level,
        single_level=None if case.index_level is None else len(case.fractured) == 1,
        conservative=None if case.treatment is None else case.treatment == "conservative",
        neurological_symptoms=case.neurology.symptomatic,
        malignancy_or_infection=bool(suppressions(replace(case, neurology=type(case.neurology)()))) or None,
        secondary_osteoporosis=case.secondary_osteoporosis,
        low_energy_trauma=case.low_energy_trauma,
        uncertainty=deformity.covariance,
        t2_probability=dict(measured.probability)[T2Pattern.DIFFUSE_LOW] if measured else None,
    )
    return replace(result, advisories=(*((deformity.note,) if deformity.note else ()), *result.advisories))


def score(case: ClinicalCase, spines: Sequence[SpineLandmarks], signal: SignalReading) -> tuple[ScoreResult, ...]:
    """Every score that something is known for; NASOVCF always, so that what it lacks is seen."""
    return (nasovcf_of(case, spines, signal),)
