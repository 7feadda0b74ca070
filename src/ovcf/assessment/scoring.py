"""From measurements, signal and clinical facts to the published scores of the index vertebra."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.assessment.field_scores import field_classes, field_scores
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import PublishedClass, SpineGrades
from ovcf.assessment.findings.ungraded import genant_over_the_spine
from ovcf.clinical.case import FEWEST_LUMBAR_LEVELS
from ovcf.errors import OvcfError
from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.shape.height import vertebral_height_loss, vertebral_height_loss_of
from ovcf.measures.shape.kyphosis import local_kyphosis_angle, local_kyphosis_angle_deg
from ovcf.measures.uncertainty import covariance
from ovcf.scores.applicability import applicability, gated, recency_of
from ovcf.scores.classification.ao_spine import ao_spine_class
from ovcf.scores.classification.genant import genant
from ovcf.scores.classification.of import of_class, of_score
from ovcf.scores.classification.t_score import who_class
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT, nasovcf
from ovcf.scores.result import Withholding
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Aetiology, Modality, OfClass, Recency, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.kinds import Ungraded
    from ovcf.assessment.measured.by_signal import SignalReading
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import SpineLandmarks
    from ovcf.scores.result import Classification, ScoreResult

OF_VERSION = "ao-card-modified"
OF_CLASSES = tuple(OfClass)[:5]


@dataclass(frozen=True, slots=True, eq=False)
class Deformity:
    """VHL and local kyphosis angle that enter the score, where they come from, and their covariance if known.

    ``beside`` says what other images give, and how many points that would move.
    """

    vhl_percent: float | None = None
    local_kyphosis_deg: float | None = None
    covariance: NDArray[np.float64] | None = None
    note: str = ""
    where: str = ""
    image: str = ""
    beside: tuple[str, ...] = ()

    @property
    def sd(self) -> tuple[float, float] | tuple[None, None]:
        """Standard deviations of the error of height loss and angle, where they are known."""
        if self.covariance is None:
            return None, None
        return float(self.covariance[0, 0]) ** 0.5, float(self.covariance[1, 1]) ** 0.5


def deformity_of(case: ClinicalCase, spines: Sequence[SpineLandmarks], chosen: str | None = None) -> Deformity:
    """The reader's figures where entered, else those of the first image on which both can be measured.

    The image that the reader has ``chosen``, by its name, goes first, then a lateral radiograph, as HAN measured; what
    the others give stands beside it.
    """
    level = case.index_level

    def order(spine: SpineLandmarks) -> tuple[bool, bool]:
        source = spine.vertebrae[0].source
        return chosen is None or source.image != chosen, source.modality is not Modality.RADIOGRAPH

    ordered = sorted(spines, key=order)
    found = [m for spine in ordered if level and (m := _both(spine, level))]
    measured = found[0] if found else Deformity()
    measured = replace(measured, beside=tuple(_beside(other, measured) for other in found[1:]))
    by_hand = {"VHL": case.vhl_percent, "kyphosis angle": case.local_kyphosis_deg}
    entered = [name for name, value in by_hand.items() if value is not None]
    if not entered:
        return measured
    note = say("{join} as entered by the reader; the measurement error is not known.", join=joined(" and ", entered))
    if len(entered) == 1 and measured.note:
        note += say(" The other: {note}", note=measured.note)
    vhl, angle = by_hand.values()
    return Deformity(
        measured.vhl_percent if vhl is None else vhl, measured.local_kyphosis_deg if angle is None else angle, note=note
    )


def _beside(other: Deformity, scored: Deformity) -> str:
    """What another image gives, and the points by which the total would differ."""
    more = _points(other) - _points(scored)
    moved = (
        "no point moves"
        if not more
        else say("{more:g} points {value}", more=abs(more), value="more" if more > 0 else "fewer")
    )
    figures = say(
        "height loss {vhl_percent:.1f}% and kyphosis {local_kyphosis_deg:.1f}°",
        vhl_percent=other.vhl_percent,
        local_kyphosis_deg=other.local_kyphosis_deg,
    )
    return say("Beside it, {where} gives {figures}: {moved}.", where=other.where, figures=figures, moved=moved)


def _points(deformity: Deformity) -> float:
    assert deformity.vhl_percent is not None
    assert deformity.local_kyphosis_deg is not None
    reached = (
        at_least(deformity.vhl_percent, VHL_LIMIT_PERCENT),
        at_least(deformity.local_kyphosis_deg, KYPHOSIS_LIMIT_DEG),
    )
    return 2.0 * sum(reached)


@kept
def _both(spine: SpineLandmarks, level: Level) -> Deformity | None:
    try:
        vhl, angle = vertebral_height_loss(spine, level), local_kyphosis_angle(spine, level)
        cranial, caudal = spine.neighbours(level)
    except OvcfError:
        return None
    source = spine[level].source
    where = say("{value} ({posture})", value=source.image or "the landmark file", posture=source.posture.value)
    note = say("VHL and kyphosis angle measured on {where}.", where=where)
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
        where,
        source.image,
    )


def nasovcf_of(
    case: ClinicalCase, spines: Sequence[SpineLandmarks], signal: SignalReading, chosen: str | None = None
) -> ScoreResult:
    """NASOVCF of the index vertebra; the reader's T2 pattern goes before the one measured.

    Withheld, without points, where it does not hold; under its conditions where they are not recorded.
    """
    found = applicability(case, measured_recent=signal.of(case.index_level).recent)
    deformity = deformity_of(case, spines, chosen)
    measured = signal.of(case.index_level).t2 if case.t2_pattern is None else None
    urgent = Withholding.NEUROLOGY in found.kinds
    cause_known = case.aetiology is Aetiology.OSTEOPOROSIS and not found.cause_in_doubt
    result = nasovcf(
        fracture_type=case.fracture_type,
        vhl_percent=deformity.vhl_percent,
        local_kyphosis_deg=deformity.local_kyphosis_deg,
        t2_diffuse_low=case.t2_pattern if measured is None else measured.pattern.value,
        t_score=case.used_t_score,
        age_years=case.age_years,
        level=case.index_level,
        single_level=None if case.index_level is None else len(case.fractured) == 1,
        # What the gate gives as a reason is not given twice.
        neurological_symptoms=None if urgent else case.neurology.symptomatic,
        malignancy_or_infection=False if cause_known else None,
        secondary_osteoporosis=case.glucocorticoids or case.secondary_osteoporosis,  # HAN excludes corticosteroids
        low_energy_trauma=None if case.aetiology is Aetiology.TRAUMA else case.low_energy_trauma,
        short_life_expectancy=case.life_expectancy_under_one_year,
        uncertainty=deformity.covariance,
        t2_probability=dict(measured.probability)[T2Pattern.DIFFUSE_LOW] if measured else None,
    )
    own = [*([deformity.note] if deformity.note else []), *deformity.beside]
    if recency_of(case)[0] is Recency.RECENT and signal.of(case.index_level).recent is False:
        own.append("The reader reads the fracture as recent, the measured marrow signal does not: look at both again.")
    own += [note] if (note := _t_score_note(case)) else []
    return gated(replace(result, advisories=(*own, *result.advisories)), found)


def _t_score_note(case: ClinicalCase) -> str:
    """What the T-score is, where it is not known to be HAN's."""
    fit = case.lumbar_t_scores
    if len(fit) >= FEWEST_LUMBAR_LEVELS:
        return say(
            "The T-score is the mean of {join} as entered by level, without fractured levels, as HAN's is.",
            join=joined(", ", fit),
        )
    if case.t_score is None or case.t_score_excludes_fracture:
        return ""
    if case.t_score_excludes_fracture is False:
        return "The T-score includes the fractured level, which HAN leaves out: a compressed body reads as denser."
    return say(
        "The T-score is taken as entered ({value}). HAN's is by DXA, mean of L1-L4 without the "
        "fractured level: whether this one is, is not recorded.",
        value=case.t_score_site or "site not recorded",
    )


def classify(
    case: ClinicalCase,
    grades: Mapping[Level, int],
    signal: SignalReading,
    ungraded: Sequence[Ungraded] = (),
    of_entered: str | None = None,
) -> tuple[Finding, ...]:
    """The published classes that something is known for: OF, AO Spine, WHO T-score, Genant over the spine.

    ``ungraded`` vertebrae are named beside Genant's grades. ``of_entered`` is the OF class as the reader sees it.
    """
    shape = (case.superior_endplate, case.inferior_endplate, case.posterior_wall_fraction, case.pincer)
    findings = []
    sound = not applicability(case).tumour_or_infection
    if sound and (of_entered or any(fact is not None for fact in shape)):
        findings.append(_class_finding(_of(case, signal, of_entered), case.index_level))
    if sound and any(fact is not None for fact in shape):
        findings.append(_class_finding(_ao(case), case.index_level))
    if case.used_t_score is not None:
        in_doubt = case.index_level is None or applicability(case).cause_in_doubt
        fragility = None if in_doubt else case.low_energy_trauma
        # Whom nothing is recorded of has either class, or none: the answer then names what is missing.
        menopause = False if case.pregnancy in ("pregnant", "lactating") else case.after_menopause
        who = who_class(
            case.used_t_score,
            fragility_fracture=fragility,
            age_years=case.age_years,
            sex=case.sex,
            after_menopause=menopause,
        )
        findings.append(_class_finding(who, None))
    if grades or ungraded:
        summary = genant({level: float(grade) for level, grade in grades.items()})
        data = SpineGrades(
            graded=tuple((level, grades[level]) for level in summary.graded),
            fractured=summary.fractured,
            ungraded=tuple(ungraded),
        )
        findings.append(genant_over_the_spine(data, summary.advisories, summary.evidence))
    findings += [_class_finding(one, None) for one in field_classes(case, applicability(case))]
    return tuple(findings)


def _of(case: ClinicalCase, signal: SignalReading, entered: str | None = None) -> Classification:
    recency, _ = recency_of(case, signal.of(case.index_level).recent)
    found = of_class(
        tension_band_injury=case.tension_band_injury,
        translation_or_rotation=case.translation_or_rotation,
        distraction=case.distraction,
        superior_endplate=case.superior_endplate,
        inferior_endplate=case.inferior_endplate,
        pincer_or_collapse=case.pincer if case.vertebra_plana is None else case.pincer or case.vertebra_plana,
        posterior_wall_fraction=case.posterior_wall_fraction,
        edema={Recency.RECENT: True, Recency.NOT_RECENT: False}.get(recency),
    )
    if entered is None:
        return found
    return replace(found, label=entered, missing=(), possible=(), flags=(), advisories=("class as the reader sees it",))


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
    missing = (say("not known: {join}", join=joined(", ", found.missing)),) if found.missing and not found.label else ()
    meaning = (found.meaning,) if found.meaning else ()
    return Finding(
        data=PublishedClass(system=found.system, version=found.version, label=found.label, possible=found.possible),
        level=level,
        reasons=(*meaning, *missing, *found.flags, *found.advisories),
        evidence=found.evidence,
    )


def score(
    case: ClinicalCase,
    spines: Sequence[SpineLandmarks],
    signal: SignalReading,
    of_entered: str | None = None,
    chosen: str | None = None,
) -> tuple[ScoreResult, ...]:
    """NASOVCF, so that what it lacks is seen, the OF score where its class is known (or ``of_entered``), and what the
    clinical file has sections for.

    ``chosen`` names the image that the reader wants height loss and kyphosis to be taken from.
    """
    of = _of(case, signal, of_entered)
    found = applicability(case, measured_recent=signal.of(case.index_level).recent)
    scores = [nasovcf_of(case, spines, signal, chosen)]
    if of.label in OF_CLASSES:
        scores.append(
            gated(
                of_score(
                    version=OF_VERSION,
                    of=of.label,
                    t_score=case.used_t_score,
                    qct_hu=case.qct_hu,
                    deformity_progression=case.deformity_progression,
                    vas_under_analgesia=case.vas_under_analgesia,
                    neurology=case.neurology.n_grade,
                    mobile_under_analgesia=case.mobile_under_analgesia,
                    asa_class=case.asa_class,
                    mfi5=case.mfi5,
                    anticoagulation=case.anticoagulation,
                ),
                found,
            )
        )
    return (*scores, *field_scores(case, found))
