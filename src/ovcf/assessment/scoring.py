"""From measurements, signal and clinical facts to the published scores of the index vertebra."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.assessment.result import Finding
from ovcf.clinical.flags import Neurology
from ovcf.errors import OvcfError
from ovcf.guidance.rules.suppression import suppressions
from ovcf.measures.height import vertebral_height_loss, vertebral_height_loss_of
from ovcf.measures.kyphosis import local_kyphosis_angle, local_kyphosis_angle_deg
from ovcf.measures.uncertainty import covariance
from ovcf.scores.ao_spine import ao_spine_class
from ovcf.scores.genant import genant
from ovcf.scores.nasovcf import nasovcf
from ovcf.scores.of import of_class, of_score
from ovcf.scores.t_score import who_class
from ovcf.vocabulary import Aetiology, Modality, OfClass, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.by_signal import SignalReading
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import SpineLandmarks
    from ovcf.scores.result import Classification, ScoreResult

OF_VERSION = "ao-card-modified"
OF_CLASSES = tuple(OfClass)[:5]


@dataclass(frozen=True, slots=True, eq=False)
class Deformity:
    """VHL and local kyphosis angle that enter the score, where they come from, and their covariance if known."""

    vhl_percent: float | None = None
    local_kyphosis_deg: float | None = None
    covariance: NDArray[np.float64] | None = None
    note: str = ""


def deformity_of(case: ClinicalCase, spines: Sequence[SpineLandmarks]) -> Deformity:
    """The reader's figures where entered, else those of the first image on which both can be measured."""
    level = case.index_level
    found = (m for spine in spines if level and (m := _both(spine, level)))
    measured = next(found, Deformity())
    by_hand = {"VHL": case.vhl_percent, "kyphosis angle": case.local_kyphosis_deg}
    entered = [name for name, value in by_hand.items() if value is not None]
    if not entered:
        return measured
    note = f"{' and '.join(entered)} as entered by the reader; the measurement error is not known."
    if len(entered) == 1 and measured.note:
        note += f" The other: {measured.note}"
    vhl, angle = by_hand.values()
    return Deformity(
        measured.vhl_percent if vhl is None else vhl,
        measured.local_kyphosis_deg if angle is None else angle,
        note=note,
    )


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


def _doubtful_cause(case: ClinicalCase) -> bool | None:
    """Whether malignancy or infection is suspected; None until the reader has named a cause that is neither."""
    ruled_out = case.aetiology in (Aetiology.OSTEOPOROSIS, Aetiology.TRAUMA)
    cause = Aetiology.OSTEOPOROSIS if ruled_out else case.aetiology
    lesion_in_it = case.index_level is not None and case.index_level in case.focal_lesions
    if lesion_in_it or suppressions(replace(case, neurology=Neurology(), aetiology=cause)):
        return True
    return False if ruled_out else None


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
        malignancy_or_infection=_doubtful_cause(case),
        secondary_osteoporosis=case.glucocorticoids or case.secondary_osteoporosis,  # HAN excludes corticosteroids
        low_energy_trauma=False if case.aetiology is Aetiology.TRAUMA else case.low_energy_trauma,
        short_life_expectancy=case.life_expectancy_under_one_year,
        uncertainty=deformity.covariance,
        t2_probability=dict(measured.probability)[T2Pattern.DIFFUSE_LOW] if measured else None,
    )
    own = [deformity.note] if deformity.note else []
    if case.t_score is not None and case.t_score_excludes_fracture is False:
        own.append("The T-score includes the fractured level, which HAN leaves out: a compressed body reads as denser.")
    return replace(result, advisories=(*own, *result.advisories))


def classify(case: ClinicalCase, grades: Mapping[Level, int], signal: SignalReading) -> tuple[Finding, ...]:
    """The published classes that something is known for: OF, AO Spine, WHO T-score, Genant over the spine."""
    shape = (case.superior_endplate, case.inferior_endplate, case.posterior_wall_fraction, case.pincer)
    findings = []
    if any(fact is not None for fact in shape):
        findings += [_class_finding(_of(case, signal), case.index_level), _class_finding(_ao(case), case.index_level)]
    if case.t_score is not None:
        fragility = None if case.index_level is None else case.low_energy_trauma
        findings.append(_class_finding(who_class(case.t_score, fragility_fracture=fragility), None))
    if grades:
        summary = genant({level: float(grade) for level, grade in grades.items()})
        levels = ", ".join(summary.fractured) or "none"
        findings.append(
            Finding(
                name="Genant over the spine, from measurement", level=None,
                value=f"{len(summary.fractured)} of {len(summary.graded)} graded vertebrae fractured: {levels}",
                reasons=summary.advisories, evidence=summary.evidence,
            )
        )  # fmt: skip
    return tuple(findings)


def _of(case: ClinicalCase, signal: SignalReading) -> Classification:
    return of_class(
        tension_band_injury=case.tension_band_injury,
        translation_or_rotation=case.translation_or_rotation,
        distraction=case.distraction,
        superior_endplate=case.superior_endplate,
        inferior_endplate=case.inferior_endplate,
        pincer_or_collapse=case.pincer if case.vertebra_plana is None else case.pincer or case.vertebra_plana,
        posterior_wall_fraction=case.posterior_wall_fraction,
        edema=signal.recent,
    )


def _ao(case: ClinicalCase) -> Classification:
    return ao_spine_class(
        superior_endplate=case.superior_endplate,
        inferior_endplate=case.inferior_endplate,
        posterior_wall_fraction=case.posterior_wall_fraction,
        split_or_pincer=case.pincer,
        tension_band_injury=case.tension_band_injury,
        translation_or_rotation=case.translation_or_rotation,
    )


def _class_finding(found: Classification, level: Level | None) -> Finding:
    value = found.label or f"open: {', '.join(found.possible)}"
    missing = (f"not known: {', '.join(found.missing)}",) if found.missing and not found.label else ()
    meaning = (found.meaning,) if found.meaning else ()
    return Finding(
        name=f"{found.system} ({found.version})", level=level, value=value,
        reasons=(*meaning, *missing, *found.flags, *found.advisories), evidence=found.evidence,
    )  # fmt: skip


def score(case: ClinicalCase, spines: Sequence[SpineLandmarks], signal: SignalReading) -> tuple[ScoreResult, ...]:
    """NASOVCF, so that what it lacks is seen, and the OF score where its class is known."""
    of = _of(case, signal)
    scores = [nasovcf_of(case, spines, signal)]
    if of.label in OF_CLASSES:
        scores.append(
            of_score(
                version=OF_VERSION,
                of=of.label,
                t_score=case.t_score,
                qct_hu=case.qct_hu,
                deformity_progression=case.deformity_progression,
                vas_under_analgesia=case.vas_under_analgesia,
                neurology=case.neurology.n_grade,
                mobile_under_analgesia=case.mobile_under_analgesia,
                asa_class=case.asa_class,
                mfi5=case.mfi5,
                anticoagulation=case.anticoagulation,
            )
        )
    return tuple(scores)
