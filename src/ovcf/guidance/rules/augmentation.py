"""Vertebral augmentation of a recent, untreated fracture: criteria, what speaks against it, positions, benefit, harm.

Nothing of it is said where recency or treatment is not recorded, and no position where something speaks against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.rules.wording import all_of, criterion, names, without
from ovcf.guidance.statement import Answer, Criterion, Statement, Urgency
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed
from ovcf.scores.applicability import recency_of
from ovcf.scores.evaluate import classify
from ovcf.scores.prevention.acr_variant import ACR_VARIANT
from ovcf.scores.prognosis.neurological_risk import CANAL_PERCENT, DYNAMIC_DEG
from ovcf.scores.result import Withholding
from ovcf.scores.tally import above
from ovcf.vocabulary import Aetiology, Recency, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Positions on vertebral augmentation side by side, with what speaks against it",
    whom="a recent, untreated fracture whose cause is not in doubt",
    not_for="a recommendation: positions disagree",
)
_TOPIC = "Vertebral augmentation: positions side by side"
_UNC_CAUSES = (Aetiology.OSTEOPOROSIS, Aetiology.MYELOMA, Aetiology.METASTASIS, Aetiology.ANGIOMA)
_WEEKS_OF_FIRST_TREATMENT = 2.0
_EDEMA = 3.0
"""Percent of the body from which on edema is told: the limit of the blank (rule-edema-blank)."""


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Only for a recent, untreated fracture whose cause is not in doubt; with neurology only that it speaks against."""
    found = findings.applicability
    if findings.level is None or found.treated or found.cause_in_doubt or Withholding.NOT_RECENT in found.kinds:
        return
    if Withholding.NEUROLOGY in found.kinds:
        yield _kyphoplasty(findings.case)
        return
    if found.not_recorded:
        return
    against = speaks_against(findings.case)
    yield _kyphoplasty(findings.case)
    if against:
        yield _against(against)
        return
    yield _benefit_and_harm()
    yield from _by_t2(findings)
    yield from _positions(findings)


def speaks_against(case: ClinicalCase) -> tuple[tuple[str, str], ...]:
    """What is recorded against augmentation, each with the evidence that says so."""
    facts = (
        (case.neurology.symptomatic is True, "neurological symptoms", "unc-case"),
        (case.vertebra_plana is True, "vertebra plana", "unc-case"),
        (case.stable is False, "an unstable fracture", "unc-case"),
        (case.coagulopathy is True, "a coagulation disorder", "unc-case"),
        (case.improving is True, "pain that improves without it", "nice-ta279"),
        (painless(case), "no pain (VAS 0)", "nice-ta279"),
        (case.intractable_pain is False, "pain that is not intractable", "unc-case"),
        (case.pregnancy == "pregnant", "pregnancy", "rule-young-fracture"),
        (case.cement_allergy is True, "allergy to cement or contrast agent", "rule-augmentation"),
        (_beyond(case.canal_compromise_percent, CANAL_PERCENT), "a fragment in the canal", "rule-augmentation"),
        (_beyond(case.dynamic_angle_change_deg, DYNAMIC_DEG), "movement on dynamic films", "rule-augmentation"),
    )
    return tuple((text, source) for present, text, source in facts if present)


def _beyond(value: float | None, limit: float) -> bool:
    return value is not None and above(value, limit)


def painless(case: ClinicalCase) -> bool:
    """Whether no pain is recorded, with or without analgesia."""
    return 0 in (case.vas, case.vas_under_analgesia)


def _pain(case: ClinicalCase, text: str) -> Criterion:
    """Whether pain is intractable or severe is the reader's to say: no source at hand gives a number."""
    if case.intractable_pain is not None:
        return criterion(text, case.intractable_pain, "as the reader has decided")
    if painless(case):
        return criterion(text, False, "VAS 0")
    if case.improving:
        return criterion(text, False, "the pain is improving")
    value = case.vas if case.vas_under_analgesia is None else case.vas_under_analgesia
    under = " under analgesia" if case.vas_under_analgesia is not None else ""
    said = "VAS not recorded" if value is None else say("VAS {value:g}{under}", value=value, under=under)
    return criterion(text, None, unknown=say("{said}; the source gives no number: the reader decides", said=said))


def _coagulation(case: ClinicalCase, text: str) -> Criterion:
    """The slides say "coagulation disorders" and no more: anticoagulation is named and left to the reader."""
    if case.coagulopathy or not case.anticoagulation:
        return without(text, case.coagulopathy, "coagulation disorder")
    return criterion(text, None, unknown="therapeutic anticoagulation is recorded: the reader decides")


def _kyphoplasty(case: ClinicalCase) -> Statement:
    cause = None if case.aetiology is None else case.aetiology in _UNC_CAUSES
    symptoms = case.neurology.symptomatic
    criteria = (
        criterion("fracture from osteoporosis, myeloma, metastasis or vertebral angioma", cause, str(case.aetiology)),
        _pain(case, "intractable pain"),
        without("absence of neurological symptoms", symptoms, "neurological symptoms"),
        _coagulation(case, "absence of a coagulation disorder"),
        criterion("stable fracture", case.stable),
        without("absence of vertebra plana", case.vertebra_plana, "vertebra plana"),
    )
    verdict = all_of(criteria)
    urgency = Urgency.ADVICE
    if verdict is None:
        urgency = Urgency.INFORMATION if speaks_against(case) else Urgency.ADVICE
        text = say(
            "The teaching case's criteria for kyphoplasty are not all recorded: {names}. Consider recording them.",
            names=names(criteria, Answer.UNKNOWN),
        )
    elif verdict and speaks_against(case):
        urgency = Urgency.INFORMATION
        text = "The teaching case's criteria for kyphoplasty are met, but something else is recorded against it."
    elif verdict:
        text = (
            "The teaching case's criteria for kyphoplasty are all met. Consider referral to interventional radiology."
        )
    else:
        urgency = Urgency.INFORMATION
        precedent = " Its own patient was treated in spite of such symptoms, which is no precedent." if symptoms else ""
        text = say(
            "The teaching case's criteria for kyphoplasty are not met: {names}.{precedent}",
            names=names(criteria, Answer.NOT_MET),
            precedent=precedent,
        )
    return Statement(
        id="kyphoplasty-criteria",
        topic="Kyphoplasty: the criteria of the teaching case",
        urgency=urgency,
        text=text,
        evidence=("unc-case", "INC-32", "INC-33", "INC-36"),
        criteria=criteria,
    )


def _against(facts: tuple[tuple[str, str], ...]) -> Statement:
    return Statement(
        id="augmentation-against",
        topic="Vertebral augmentation",
        urgency=Urgency.INFORMATION,
        text=say(
            "Recorded against augmentation: {listed}. Positions for it are not listed.",
            listed=listed([text for text, _ in facts]),
        ),
        evidence=tuple(dict.fromkeys(source for _, source in facts)),
    )


def _benefit_and_harm() -> Statement:
    slides, claims = evidence("unc-case"), evidence("han-2025-claims")
    leak = claims["cement_leakage_percent"]
    assert isinstance(leak, tuple)
    return Statement(
        id="augmentation-benefit-harm",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("unc-case", "han-2025-claims"),
        text=say(
            "Benefit: {slides:g}% had pain relief after kyphoplasty (a systematic review quoted on "
            "the slides). Harm: cement leaked in {leak:g} to {leak_2:g}% of vertebroplasties (quoted "
            "by Han), and reached vital structures in {slides_2} (slides).",
            slides=slides["kyphoplasty_pain_relief_percent"],
            leak=leak[0],
            leak_2=leak[1],
            slides_2=slides["kyphoplasty_vital_extravasation"],
        ),
    )


def _by_t2(findings: AdviceInput) -> Iterator[Statement]:
    """What one study saw after kyphoplasty and under conservative care, where T2 was as in its patients."""
    pattern = findings.case.t2_pattern or findings.t2_pattern
    if pattern not in (T2Pattern.CONFINED_HIGH, T2Pattern.DIFFUSE_HIGH, T2Pattern.DIFFUSE_LOW):
        return
    declined = evidence("hoshino-2019")["decline_of_daily_activity_percent_kyphoplasty_conservative"]
    assert isinstance(declined, tuple)
    yield Statement(
        id="augmentation-t2",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("hoshino-2019",),
        text=say(
            "Where T2 signal was high or diffuse low, daily activities declined in {declined:g}% "
            "after kyphoplasty and in {declined_2:g}% under conservative treatment (Hoshino 2019, "
            "abstract; how patients came to either was not seen).",
            declined=declined[0],
            declined_2=declined[1],
        ),
    )


def _positions(findings: AdviceInput) -> Iterator[Statement]:
    case = findings.case
    recency, how = recency_of(findings.named, findings.recent)
    recent = criterion("recent, unhealed fracture", recency is Recency.RECENT, how)
    seen = True if findings.recent or case.t1_low or case.stir_high else None
    yield _position(
        "nice",
        "NICE TA279 (2013)",
        "nice-ta279",
        "only for severe ongoing pain after a recent, unhealed fracture despite optimal pain management, with the pain "
        "confirmed at the level by examination and imaging. No time limit in the final text.",
        recent,
        _pain(case, "severe ongoing pain"),
        criterion("despite optimal pain management", case.optimal_pain_management),
        criterion("pain confirmed at the level by examination", case.pain_at_level),
        criterion("and by imaging", seen, "MRI signs of a recent fracture", unknown="no MRI reading"),
    )
    policy = evidence("uk-commissioning-vas")
    severe, weeks = policy["severe_vas"], policy["usual_weeks"]
    assert isinstance(severe, int | float)
    reached = None if case.vas is None else case.vas >= severe - 1e-9
    yield _position(
        "uk",
        "UK commissioning policy",
        "uk-commissioning-vas",
        say(
            "severe pain is VAS {severe:g} or more; usually within {weeks} weeks; decided by a multidisciplinary team.",
            severe=severe,
            weeks=weeks,
        ),
        criterion(
            say("VAS >= {severe:g}", severe=severe),
            reached,
            "" if case.vas is None else say("VAS {vas:g}", vas=case.vas),
        ),
    )
    yield _position(
        "sir",
        "SIR (2014)",
        "sir-2014",
        "for refractory pain: not ambulatory despite 24 hours of analgesia, or pain that prevents physical therapy.",
        without("not ambulatory despite analgesia", case.mobile_under_analgesia, "mobile under analgesia"),
    )
    since = case.weeks_since_onset
    tried = None if since is None else since >= _WEEKS_OF_FIRST_TREATMENT
    yield _position(
        "acr",
        "ACR (2014)",
        "acr-2014",
        "conservative treatment first; most patients improve within 2 to 12 weeks.",
        criterion(
            "2 weeks since onset (project reading)", tried, "" if since is None else say("{since:g} weeks", since=since)
        ),
    )
    yield _position("acr-2018", "ACR (2018)", "acr-2018", _variant(findings))
    yield _position("cirse", "CIRSE (2017)", "cirse-2017", "contraindications not seen in an open source.")
    yield _position("nass", "NASS", "nass", "position not seen in any source at hand.")
    yield _position("cochrane", "Cochrane (2018)", "cochrane-2018", "against vertebroplasty in routine practice.")


def _variant(findings: AdviceInput) -> str:
    """The variant of the ACR's tables, as far as facts decide it; nothing that speaks against it is recorded here."""
    case = findings.case
    osteoporotic = True if case.aetiology == Aetiology.OSTEOPOROSIS else None
    edema = case.stir_high if case.stir_high is not None else findings.bme_percent and findings.bme_percent >= _EDEMA
    by_hand = any(fact is not None for fact in (case.stir_high, case.t1_low, case.t2_pattern, case.bme_percent))
    read = findings.has_mri or case.red_flags.seen_on_mri or by_hand
    found = classify(
        ACR_VARIANT,
        malignancy=False,
        mri=read,
        osteoporotic=osteoporotic,
        red_flags=False if osteoporotic else None,
        edema=None if edema is None else bool(edema),
        contraindication=None if case.anticoagulation else False,
    )
    if found.label is None:
        return say(
            "its variant is open ({join}): not known: {join_2}.",
            join=joined(" or ", found.possible),
            join_2=joined(", ", found.missing),
        )
    return say("{label}, {meaning}. Table on a secondary page.", label=found.label, meaning=found.meaning)


def _position(id_: str, who: str, cited: str, says: str, *criteria: Criterion) -> Statement:
    return Statement(
        id=f"augmentation-{id_}",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        text=say("{who}: {says}", who=who, says=says),
        evidence=(cited,),
        criteria=criteria,
    )
