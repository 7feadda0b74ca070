"""What happened to Han's patients of the same NASOVCF group: rates of groups, never one patient's probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.rules.augmentation import speaks_against
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed
from ovcf.scores.result import Condition, Status, Withholding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.guidance.advice_input import AdviceInput
    from ovcf.scores.applicability import Applicability
    from ovcf.scores.result import ScoreResult

RULE = Rule(
    what="What happened to Han's patients of the same NASOVCF group",
    whom="a recent, untreated osteoporotic fracture of T11-L2, from 60 years",
    not_for="the probability of one patient",
)
_TOPIC = "NASOVCF"
LARGEST_T_SCORE = -1.0
_POOR_HEALTH = 4
"""ASA class from which on the OF score counts against an operation ("above 3")."""
_GROUPS = ("low", "medium", "high")
_CITED = {
    Withholding.NEUROLOGY: "rule-neurology",
    Withholding.INFECTION: "rule-red-flags",
    Withholding.TUMOUR: "rule-red-flags",
    Withholding.CAUSE_OPEN: "rule-red-flags",
    Withholding.NOT_RECENT: "rule-recency",
}
_HOW = {
    Condition.RECENT: "whether the body is low on T1 (and high on STIR)",
    Condition.UNTREATED: "the treatment so far",
}


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """The outcome rates of the group; or why there is no group, or on what it depends."""
    score, found = findings.score("nasovcf"), findings.applicability
    if score is None:
        return
    t_score = findings.case.used_t_score
    extrapolated = t_score is not None and t_score > LARGEST_T_SCORE + 1e-9
    if found.against:
        cited = dict.fromkeys(["han-2025", *(_CITED[r.kind] for r in found.against if r.kind in _CITED)])
        yield _plain("nasovcf-withheld", say("NASOVCF is withheld: {why}.", why=found.why), *cited)
    elif score.status is Status.INCOMPLETE:
        yield _incomplete(score, found)
    elif score.status is not Status.COMPLETE or extrapolated or score.group not in _GROUPS:
        why = joined("; ", score.reasons) or ("T-score above -1.0" if extrapolated else str(score.status))
        outside = extrapolated or score.status is Status.OUT_OF_DERIVATION_POPULATION
        yield _plain(
            "nasovcf-not-applicable",
            say("NASOVCF gives no group here: {why}.", why=why),
            *(("han-2025", "INC-10") if outside else ("han-2025",)),
        )
    elif found.not_recorded:
        yield _conditional(found)
    else:
        yield from _group(score, findings)


def _plain(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=id_, topic=_TOPIC, urgency=Urgency.INFORMATION, text=text, evidence=cited)


def _holds_only_if(found: Applicability) -> str:
    return say("NASOVCF holds only if the fracture is {join}: not recorded.", join=joined(" and ", found.not_recorded))


def _conditional(found: Applicability) -> Statement:
    return Statement(
        id="nasovcf-conditional",
        topic=_TOPIC,
        urgency=Urgency.ADVICE,
        evidence=("han-2025", "rule-recency"),
        text=say(
            "{holds_only_if} Consider recording {join}; until then outcome rates and advice that "
            "rest on them are withheld.",
            holds_only_if=_holds_only_if(found),
            join=joined(" and ", (_HOW[c] for c in found.not_recorded)),
        ),
    )


def _incomplete(score: ScoreResult, found: Applicability) -> Statement:
    condition = say("{holds_only_if} ", holds_only_if=_holds_only_if(found)) if found.not_recorded else ""
    span = ""
    if score.attainable is not None:
        groups = say(" ({join})", join=joined(" or ", score.attainable_groups)) if score.attainable_groups else ""
        span = say(
            " The total lies between {attainable:g} and {attainable_2:g}{groups}.",
            attainable=score.attainable[0],
            attainable_2=score.attainable[1],
            groups=groups,
        )
    return Statement(
        id="nasovcf-incomplete",
        topic=_TOPIC,
        urgency=Urgency.ADVICE,
        evidence=("han-2025",),
        text=say(
            "{condition}NASOVCF lacks: {join}.{span} Consider completing it; nothing is assumed for what is missing.",
            condition=condition,
            join=joined(", ", score.missing),
            span=span,
        ),
    )


def _group(score: ScoreResult, findings: AdviceInput) -> Iterator[Statement]:
    assert score.total is not None
    assert score.group is not None
    outcomes = evidence("han-2025-outcomes")
    non_union = wilson(*outcomes.counts(f"non_union_{score.group}"))
    kyphosis = wilson(*outcomes.counts(f"progressive_kyphosis_{score.group}"))
    cited = ["han-2025", "han-2025-outcomes", "INC-20"] + (["INC-05"] if score.group == "low" else [])
    likely = [say("{group} {p:.0f}%", group=group, p=100 * p) for group, p in score.group_probability if p >= 0.005]
    yield _plain(
        "nasovcf-group-outcomes",
        say(
            "NASOVCF {total:g}, {group} group. Of Han's conservatively treated patients in this "
            "group, at 6 months {non_union} had non-union and {kyphosis} had progressive kyphosis. "
            "Their treatment: {evidence}. These are rates of a group of one centre, without a "
            "validation sample; they are not the probability for this patient.",
            total=score.total,
            group=score.group,
            non_union=non_union,
            kyphosis=kyphosis,
            evidence=evidence("han-2025")["conservative_treatment"],
        )
        + (
            say(" Under the uncertainty of the measurements the group is {join}.", join=joined(", ", likely))
            if len(likely) > 1
            else ""
        ),
        *cited,
    )
    yield _course(score.group)
    if score.total > 10:
        yield _plain(
            "nasovcf-twelve", "A total of 12 follows from Han's table but is not reported in his patients.", "INC-01"
        )
    if score.group == "high" and not speaks_against(findings.case):
        yield Statement(
            id="nasovcf-high-augmentation",
            topic=_TOPIC,
            urgency=Urgency.ADVICE,
            evidence=("han-2025",),
            text=say(
                "Han: for high scores vertebral augmentation 'may represent a potentially superior option'; "
                "augmentation was not studied in those patients. Consider discussing it, with the positions, benefit "
                "and harm below.{first}",
                first=_first(findings.case),
            ),
        )


def _first(case: ClinicalCase) -> str:
    """What is settled before it is discussed; it neither forbids it nor is it a sign for it."""
    facts = [
        word
        for word, here in (
            ("therapeutic anticoagulation", case.anticoagulation),
            ("an ASA class of 4 or more", case.asa_class is not None and case.asa_class >= _POOR_HEALTH),
            ("a life expectancy under a year", case.life_expectancy_under_one_year),
            ("cognitive impairment", case.cognitive_impairment),
        )
        if here
    ]
    return say(" Recorded, and to be weighed first: {facts}.", facts=listed(facts)) if facts else ""


def _course(group: str) -> Statement:
    """How height, angle, pain and disability went in the group, and what else went with progressive kyphosis."""
    table, models = evidence("han-2025-outcomes"), evidence("han-2025-models")
    vhl, vhl_later, ka, ka_later = (
        _median(table[say("{what}_{when}_{group}", what=what, when=when, group=group)])
        for what in ("vhl", "ka")
        for when in ("pretreatment", "6_months")
    )
    female, odi = (_median(models[f"progressive_kyphosis_{factor}_multivariable"]) for factor in ("female", "odi"))
    return _plain(
        "nasovcf-group-course",
        say(
            "In this group of Han's the median height loss went from {vhl:g}% to {vhl_later:g}% and "
            "local kyphosis from {ka:g}° to {ka_later:g}° in 6 months. Pain at 1, 3 and 6 months was "
            "highest in the high group, then in the medium; disability was lower in the low group "
            "than in the others. Beside the score, female sex (odds ratio {female:.1f}) and a higher "
            "ODI ({odi:.2f} per point) went with progressive kyphosis. Limits that Han names: "
            "T4-T10, the course after 6 months, adherence to bed rest.",
            vhl=vhl,
            vhl_later=vhl_later,
            ka=ka,
            ka_later=ka_later,
            female=female,
            odi=odi,
        ),
        "han-2025-outcomes",
        "han-2025-models",
        "han-2025",
    )


def _median(figure: object) -> float:
    assert isinstance(figure, tuple)
    return float(figure[0])
