"""When to look again, and what counts as change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.scores.evaluate import classify
from ovcf.scores.prognosis.follow_up import non_union
from ovcf.scores.prognosis.mobility import EARLY_WEEKS, LATE_WEEKS, MOBILITY
from ovcf.scores.prognosis.neurological_risk import CANAL_PERCENT, DYNAMIC_DEG
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Cleft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="When to look again, what counts as change, and mobility at 5 weeks",
    whom="a named fracture whose cause is not in doubt",
    not_for="films in different or unknown postures",
)
_TOPIC = "Follow-up"
SIX_MONTHS_FROM_WEEKS = 150 / 7
"""From when on a visit counts as that of 6 months (rule-follow-up)."""


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Nothing before the index vertebra is named, or while cord, tumour or infection come first."""
    found = findings.applicability
    if findings.level is None or found.urgent or found.cause_in_doubt:
        return
    if findings.augmented:
        kadri = evidence("kadri-2025")
        yield _advice(
            "after-augmentation",
            say(
                "Consider follow-up well beyond 60 days: in Kadri 2025 (60 patients after "
                "vertebroplasty, abstract) {kadri:g}% of further fractures came later. Voormolen 2006 "
                "repeated MRI at 3, 6 and 12 months.",
                kadri=kadri["later_than_60_days_percent"],
            ),
            "kadri-2025",
            "INC-28",
            "voormolen-2006",
        )
    elif found.holds:
        yield _advice(
            "visits",
            "Consider visits at 1, 3 and 6 months, as in Han 2025, with a lateral radiograph in the same posture at 6 "
            "months (day 150 to 270: this project's window): more than 10° of further local kyphosis counts as "
            "progressive; a cleft, or a body whose anterior height differs between standing and supine radiographs "
            "(union: by at most 1 mm, another source's limit), as non-union. Consider a visit at 12 months: Nagao 2025 "
            "read edema on STIR at first, at 3 months and at 1 year, and judged collapse (grade 3) at 1 year.",
            "han-2025",
            "fracture-union-2020",
            "INC-11",
            "rule-follow-up",
            "nagao-2025",
        )
        yield _expected()
    if findings.case.cognitive_impairment:
        yield _advice(
            "own-answers",
            "Cognitive impairment is recorded. VAS, ODI and JOABPEQ are the patient's own answers and may not hold; "
            "who does not complain may still have pain or a deficit. Consider a scale of observed pain, and examine "
            "bladder, bowel, strength and gait at each visit rather than ask (this project's rule).",
            "rule-own-answers",
        )
    yield from _not_united(findings)
    yield from _union_at_5_weeks(findings)
    if findings.case.posture_radiograph is None and not findings.posture_known:
        yield _advice(
            "posture",
            "The posture of the radiograph is not recorded. Consider recording it: posture alone can move local "
            "kyphosis by more than 10°, so no progression is called across different or unknown postures.",
            "posture-kyphosis",
            "rule-follow-up",
        )


def _not_united(findings: AdviceInput) -> Iterator[Statement]:
    """About 6 months after the onset and later, of what the reader has recorded; not of a treated fracture."""
    case, weeks = findings.case, findings.case.weeks_since_onset
    if findings.applicability.treated or weeks is None or not at_least(weeks, SIX_MONTHS_FROM_WEEKS):
        return
    standing, supine = case.anterior_height_standing_mm, case.anterior_height_supine_mm
    change = None if standing is None or supine is None else standing - supine
    cleft = None if case.cleft is None else case.cleft is not Cleft.NONE
    judged = non_union(cleft=cleft, anterior_height_change_mm=change)
    if not judged.answer:
        return
    yield Statement(
        id="not-united",
        topic=_TOPIC,
        urgency=Urgency.IMPORTANT,
        evidence=("han-2025", "fracture-union-2020", "hoshino-2009", "rule-follow-up"),
        text=say(
            "Not united {weeks:g} weeks after the onset, in Han's sense: {because}. Consider spine-surgical review, "
            "and examine bladder, bowel, saddle area, strength and gait: in 45 patients with insufficient union a "
            "fragment above {canal:g}% of the canal and more than {dynamic:g}° on dynamic films went with more severe "
            "deficits (Hoshino 2009, abstract).",
            weeks=weeks,
            because=judged.because,
            canal=CANAL_PERCENT,
            dynamic=DYNAMIC_DEG,
        ),
    )


def _union_at_5_weeks(findings: AdviceInput) -> Iterator[Statement]:
    """Not after augmentation, nor while cord, tumour or infection come first; and only about 5 weeks after onset."""
    case, found = findings.case, findings.applicability
    heights = (case.anterior_height_sitting_mm, case.anterior_height_decubitus_mm)
    if None in heights or findings.level is None or found.urgent or found.cause_in_doubt or found.treated:
        return
    weeks = case.weeks_since_onset
    if weeks is None or not EARLY_WEEKS - 1e-9 <= weeks <= LATE_WEEKS + 1e-9:
        said = (
            "when the pain began is not recorded"
            if weeks is None
            else say("this is {weeks:g} weeks after the onset", weeks=weeks)
        )
        yield Statement(
            id="mobility-not-at-5-weeks",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("fracture-union-2020",),
            text=say(
                "Anterior heights sitting and lying on the side are entered, but {said}: Sato 2020 "
                "judged at 5 weeks, so that nothing is said of them.",
                said=said,
            ),
        )
        return
    judged = classify(MOBILITY, anterior_height_sitting_mm=heights[0], anterior_height_decubitus_mm=heights[1])
    yield Statement(
        id="mobility-at-5-weeks",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("fracture-union-2020",),
        text=say(
            "Mobility at 5 weeks, sitting against lying on the side, is {label}: the body {meaning} "
            "(Sato 2020, abstract: 44 inpatients of 82 years on average; the limit was not tested on "
            "others). Union itself is judged at 6 months.",
            label=judged.label,
            meaning=judged.meaning,
        ),
    )


def _expected() -> Statement:
    claims = evidence("han-2025-claims")
    pain, disability, non_union, height = (
        " to ".join(f"{share:g}" for share in figure)
        for name in (
            "vas_improvement_one_month_percent",
            "odi_improvement_one_month_percent",
            "non_union_conservative_percent",
            "further_height_loss_percent",
        )
        if isinstance(figure := claims[name], tuple)
    )
    return Statement(
        id="follow-up-expected",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("han-2025-claims",),
        text=say(
            "Literature quoted by Han, under conservative treatment: at 1 month pain is {pain}% and "
            "disability {disability}% better; non-union in {non_union}%; further height loss of "
            "{height}% and about {claims:g}° of kyphosis. The originals were not read.",
            pain=pain,
            disability=disability,
            non_union=non_union,
            height=height,
            claims=claims["further_kyphosis_deg"],
        ),
    )


def _advice(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=f"follow-up-{id_}", topic=_TOPIC, urgency=Urgency.ADVICE, text=text, evidence=cited)
