"""What happened to Han's patients of the same NASOVCF group: rates of groups, never one patient's probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rules.suppression import suppressions
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson
from ovcf.scores.result import Status
from ovcf.vocabulary import Treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.findings import Findings
    from ovcf.scores.result import ScoreResult

_TOPIC = "NASOVCF"
LARGEST_T_SCORE = -1.0
_GROUPS = ("low", "medium", "high")


def statements(findings: Findings) -> Iterator[Statement]:
    """The outcome rates of the group; or why there is no group."""
    score = findings.score("nasovcf")
    if score is None:
        return
    t_score = findings.case.t_score
    extrapolated = t_score is not None and t_score > LARGEST_T_SCORE + 1e-9
    reasons = suppressions(findings.case)
    if reasons:
        yield _plain(
            "nasovcf-suppressed",
            f"The NASOVCF group is not shown: {'; '.join(reasons)}.",
            "rule-neurology",
            "rule-red-flags",
        )
    elif score.status is Status.INCOMPLETE:
        yield _incomplete(score)
    elif score.status is not Status.COMPLETE or extrapolated or score.group not in _GROUPS:
        why = "; ".join(score.reasons) or ("T-score above -1.0" if extrapolated else str(score.status))
        outside = extrapolated or score.status is Status.OUT_OF_DERIVATION_POPULATION
        cited = ("han-2025", "INC-10") if outside else ("han-2025",)
        yield _plain("nasovcf-not-applicable", f"NASOVCF gives no group here: {why}.", *cited)
    else:
        yield from _group(score, findings)


def _plain(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=id_, topic=_TOPIC, urgency=Urgency.INFORMATION, text=text, evidence=cited)


def _incomplete(score: ScoreResult) -> Statement:
    span = ""
    if score.attainable is not None:
        groups = f" ({' or '.join(score.attainable_groups)})" if score.attainable_groups else ""
        span = f" The total lies between {score.attainable[0]:g} and {score.attainable[1]:g}{groups}."
    return Statement(
        id="nasovcf-incomplete", topic=_TOPIC, urgency=Urgency.ADVICE, evidence=("han-2025",),
        text=f"NASOVCF lacks: {', '.join(score.missing)}.{span} Consider completing it; "
        "nothing is assumed for what is missing.",
    )  # fmt: skip


def _group(score: ScoreResult, findings: Findings) -> Iterator[Statement]:
    assert score.total is not None
    if findings.case.treatment not in (None, Treatment.CONSERVATIVE) or findings.augmented:
        yield _plain(
            "nasovcf-other-treatment",
            f"NASOVCF {score.total:g}, {score.group} group. Han's outcome rates are those of conservative treatment "
            "and are not shown after another treatment.",
            "han-2025",
        )
        return
    outcomes = evidence("han-2025-outcomes")
    non_union = wilson(*outcomes.counts(f"non_union_{score.group}"))
    kyphosis = wilson(*outcomes.counts(f"progressive_kyphosis_{score.group}"))
    cited = ["han-2025", "han-2025-outcomes", "INC-20"] + (["INC-05"] if score.group == "low" else [])
    likely = [f"{group} {100 * p:.0f}%" for group, p in score.group_probability if p >= 0.005]
    yield _plain(
        "nasovcf-group-outcomes",
        f"NASOVCF {score.total:g}, {score.group} group. Of Han's conservatively treated patients in this group, at 6 "
        f"months {non_union} had non-union and {kyphosis} had progressive kyphosis. These are rates of a group of "
        "one centre, without a validation sample; they are not the probability for this patient."
        + (f" Under the uncertainty of the measurements the group is {', '.join(likely)}." if len(likely) > 1 else ""),
        *cited,
    )
    if score.total > 10:
        yield _plain(
            "nasovcf-twelve", "A total of 12 follows from Han's table but is not reported in his patients.", "INC-01"
        )
    if score.group == "high":
        yield Statement(
            id="nasovcf-high-augmentation", topic=_TOPIC, urgency=Urgency.ADVICE, evidence=("han-2025",),
            text="Han: for high scores vertebral augmentation 'may represent a potentially superior option'; "
            "augmentation was not studied in those patients. Consider discussing it, with the positions below.",
        )  # fmt: skip
