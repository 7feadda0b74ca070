"""Which imaging next, and why: the radiograph first, MRI for what a radiograph cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.advice_input import CT, FS_T2, RADIOGRAPH, STIR, T1, T2
from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.result import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Which image would answer what is missing",
    whom="every patient without an emergency",
    not_for="a request: the radiologist decides",
)
_TOPIC = "Imaging next"


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """What is missing and what it would add; then the table of modalities. No radiograph first in an emergency.

    Nothing with radiation is proposed in a pregnancy, which has a statement of its own.
    """
    case, here, found = findings.case, findings.available, findings.applicability
    rays = case.pregnancy != "pregnant"
    first = rays and not (found.urgent or found.cause_in_doubt)
    if first and RADIOGRAPH not in here and case.vhl_percent is None:
        yield _next(
            "radiograph",
            "Consider a lateral radiograph first (two views, standing if possible; note the posture): VHL and local "
            "kyphosis are defined on it.",
            "unc-case",
            "han-2025",
            "posture-kyphosis",
        )
    yield from _mri(findings)
    if rays and not found.against and case.fracture_type is None and CT not in here:
        yield _next(
            "ct",
            "Compression or burst is not decided. Consider CT, or MRI read for it, to see the posterior wall.",
            "han-2025",
            "schnake-2018",
            "rule-imaging",
        )
    if first and case.used_t_score is None:
        yield _next(
            "dxa",
            "No T-score is recorded. Consider DXA of L1-L4 without the fractured level; a fragility fracture "
            "alone can make the diagnosis (AACE 2020).",
            "han-2025",
            "who-1994",
            "aace-2020",
        )
    if first and findings.level is not None:
        yield _modalities()


def _mri(findings: AdviceInput) -> Iterator[Statement]:
    """MRI for what is open and not recorded from an MRI by hand; the cord's own MRI is asked for in its alert."""
    case, here, found = findings.case, findings.available, findings.applicability
    if case.neurology.urgent:
        return
    flags = case.red_flags
    why = []
    if flags.history and not flags.seen_on_mri:
        why.append("red flags of the history")
    if Condition.RECENT in found.not_recorded and not found.treated and findings.level is not None:
        why.append("the age of the fracture is open")
    if not findings.has_mri and why:
        yield _next(
            "mri",
            say(
                "Consider MRI with T1, T2 and a fat-suppressed or STIR sequence: {why}. The teaching "
                "case: it may be considered to differentiate osteoporosis from malignancy, and to age "
                "the fracture.",
                why=listed(why),
            ),
            "unc-case",
            "rule-imaging",
        )
    elif findings.has_mri and not found.against:
        lacking = [name for name in (T1, T2) if name not in here] + ([STIR] if not here & {STIR, FS_T2} else [])
        if lacking:
            yield _next(
                "mri-sequences",
                say(
                    "The MRI at hand lacks {lacking}. Consider completing it: T1 shows marrow replacement "
                    "and bone quality, T2 the signal pattern that NASOVCF scores, STIR the edema.",
                    lacking=listed(lacking),
                ),
                "unc-case",
                "han-2025",
                "nagao-2025",
            )


def _modalities() -> Statement:
    teaching, figures = evidence("unc-case"), evidence("unc-modalities")
    age, band = (
        figures["radiograph_age_of_fracture_sensitivity_specificity"],
        figures["mri_low_band_sensitivity_specificity"],
    )
    assert isinstance(age, tuple)
    assert isinstance(band, tuple)
    return Statement(
        id="imaging-modalities",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("unc-case", "unc-modalities", "qasem-2014", "INC-30", "INC-31"),
        text=say(
            "Radiograph: USD {teaching}, {teaching_2} mSv; first line. An anterior height ratio over "
            "75% tells an acute from a 6-month-old fracture with {age:g}% sensitivity and {age_2:g}% "
            "specificity (139 fractures); that is not how well a radiograph finds a fracture. MRI: "
            "USD {teaching_3}, no radiation; not first line, appropriate with neurology; {band:g}% "
            "and {band_2:g}% with a low-signal band on the slides, origin not verified.",
            teaching=teaching["radiograph_cost_usd"],
            teaching_2=teaching["radiograph_dose_msv"],
            age=age[0],
            age_2=age[1],
            teaching_3=teaching["mri_cost_usd"],
            band=band[0],
            band_2=band[1],
        ),
    )


def _next(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=f"imaging-{id_}", topic=_TOPIC, urgency=Urgency.ADVICE, text=text, evidence=cited)
