"""Vertebral augmentation: the teaching case's criteria one by one, and the guidelines side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rules.wording import all_of, criterion, names, without
from ovcf.guidance.statement import Answer, Statement, Urgency
from ovcf.vocabulary import Aetiology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.guidance.findings import Findings
    from ovcf.guidance.statement import Criterion

_TOPIC = "Vertebral augmentation: positions side by side"
_KYPHOPLASTY_CAUSES = (Aetiology.OSTEOPOROSIS, Aetiology.MYELOMA, Aetiology.METASTASIS, Aetiology.ANGIOMA)
STRONG_OPIOID = 3


def statements(findings: Findings) -> Iterator[Statement]:
    """Nothing before the index vertebra is named or once it is augmented."""
    if findings.level is None or findings.augmented:
        return
    yield _kyphoplasty(findings)
    yield from _positions(findings)


def severe_pain(case: ClinicalCase) -> tuple[bool | None, str]:
    """Whether pain is severe, VAS at least 7 (UK policy), preferring the value under analgesia; and why."""
    value = case.vas if case.vas_under_analgesia is None else case.vas_under_analgesia
    threshold = evidence("uk-commissioning-vas")["severe_vas"]
    assert isinstance(threshold, int | float)
    if value is None:
        return None, "VAS not recorded"
    return value >= threshold - 1e-9, f"VAS {value:g} {'under analgesia ' if value != case.vas else ''}of 10"


def intractable_pain(case: ClinicalCase) -> tuple[bool | None, str]:
    """Severe pain in spite of optimal pain management, or of a strong opioid where that is not recorded."""
    severe, why = severe_pain(case)
    if severe is False or case.optimal_pain_management is False:
        return False, why if severe is False else "optimal pain management has not been tried"
    if severe and (case.optimal_pain_management or case.analgesic_class == STRONG_OPIOID):
        return True, f"{why} despite {'optimal pain management' if case.optimal_pain_management else 'a strong opioid'}"
    return None, why if severe is None else f"{why}; pain management not recorded"


def _kyphoplasty(findings: Findings) -> Statement:
    case = findings.case
    pain, why = intractable_pain(case)
    cause = None if case.aetiology is None else case.aetiology in _KYPHOPLASTY_CAUSES
    symptoms = case.neurology.symptomatic
    criteria = (
        criterion("fracture from osteoporosis, myeloma, metastasis or vertebral angioma", cause, str(case.aetiology)),
        criterion("intractable pain", pain, why, unknown=why),
        without("absence of neurological symptoms", symptoms, "neurological symptoms"),
        without("absence of a coagulation disorder", case.coagulopathy, "coagulation disorder"),
        criterion("stable fracture", case.stable),
        without("absence of vertebra plana", case.vertebra_plana, "vertebra plana"),
    )
    verdict = all_of(criteria)
    if verdict is None:
        text = (
            f"The teaching case's criteria for kyphoplasty stay open: {names(criteria, Answer.UNKNOWN)}. Consider "
            "recording them."
        )
    elif verdict:
        text = (
            "The teaching case's criteria for kyphoplasty are all met. Consider referral to interventional radiology."
        )
    else:
        precedent = " Its own patient was treated in spite of such symptoms, which is no precedent." if symptoms else ""
        text = (
            f"The teaching case's criteria for kyphoplasty are not met: {names(criteria, Answer.NOT_MET)}.{precedent} "
            "Consider discussing the alternatives."
        )
    return Statement(
        id="kyphoplasty-criteria", topic="Kyphoplasty: the criteria of the teaching case", urgency=Urgency.ADVICE,
        text=text, evidence=("unc-case", "uk-commissioning-vas", "INC-32", "INC-33", "INC-36"), criteria=criteria,
    )  # fmt: skip


def _positions(findings: Findings) -> Iterator[Statement]:
    case = findings.case
    severe, why = severe_pain(case)
    recent = criterion(
        "recent, unhealed fracture", findings.recent, _signs(findings), unknown="no MRI reading of recency"
    )
    yield _position(
        "nice", "NICE TA279 (2013)", "nice-ta279",
        "only for severe ongoing pain after a recent, unhealed fracture despite optimal pain management, with the pain "
        "confirmed at the level by examination and imaging. No time limit in the final text.",
        recent,
        criterion("severe ongoing pain", severe, why, unknown=why),
        criterion("despite optimal pain management", case.optimal_pain_management),
        criterion("pain confirmed at the level by examination", case.pain_at_level),
        criterion("and by imaging", findings.recent, _signs(findings), unknown="no MRI reading of recency"),
    )  # fmt: skip
    yield _position(
        "sir", "SIR (2014)", "sir-2014",
        "for refractory pain: not ambulatory despite 24 hours of analgesia, or pain that prevents physical therapy.",
        without("not ambulatory despite analgesia", case.mobile_under_analgesia, "mobile under analgesia"),
    )  # fmt: skip
    weeks = case.weeks_since_onset
    tried = None if weeks is None else weeks >= 2
    yield _position(
        "acr", "ACR (2014 and update)", "acr-2014",
        "conservative treatment first; most patients improve within 2 to 12 weeks.",
        criterion("2 weeks since onset (project reading)", tried, "" if weeks is None else f"{weeks:g} weeks"),
    )  # fmt: skip
    yield _position(
        "cirse", "CIRSE (2017, list from memory)", "cirse-2017",
        "not in an asymptomatic or improving fracture, an unstable fracture, infection, coagulopathy that cannot be "
        "corrected, or cement allergy; with caution in radiculopathy, canal compromise, collapse over 70% or without "
        "surgical backup.",
        without("not improving", case.improving, "improving"),
        criterion("stable", case.stable),
        without("no infection", case.red_flags.infected, "signs of infection"),
        without("no coagulopathy that cannot be corrected", case.coagulopathy, "coagulation disorder"),
        without("no cement allergy", case.cement_allergy, "cement allergy"),
        without("no radiculopathy (relative)", case.neurology.radiculopathy, "radiculopathy"),
    )  # fmt: skip
    yield _position("nass", "NASS", "nass", "position not seen in any source at hand.")
    yield _position(
        "cochrane", "Cochrane (2018)", "cochrane-2018", "against vertebroplasty in routine practice; NICE is for it."
    )


def _signs(findings: Findings) -> str:
    return "MRI signs of a recent fracture" if findings.recent else "no MRI signs of a recent fracture"


def _position(id_: str, who: str, cited: str, says: str, *criteria: Criterion) -> Statement:
    return Statement(
        id=f"augmentation-{id_}", topic=_TOPIC, urgency=Urgency.INFORMATION, text=f"{who}: {says}", evidence=(cited,),
        criteria=criteria,
    )  # fmt: skip
