"""A height loss or angle so near to its limit that another measurement could have given other points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.scores.prognosis.close_call import (
    BETWEEN_READERS,
    KYPHOSIS,
    READERS_KYPHOSIS_DEG,
    READERS_VHL_PERCENT,
    SURE,
    TOO_CLOSE,
    VHL,
    close_call,
)
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.result import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Height loss or angle too close to its limit to call",
    whom="wherever NASOVCF gives points; published readers' errors are of other measures",
    not_for="changing points of a score",
)
_TOPIC = "Too close to call"


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Of height loss and of the angle, each against its own error and that of readers; nothing where they are clear."""
    score = findings.score("nasovcf")
    without_points = score is not None and score.status not in (Status.COMPLETE, Status.INCOMPLETE)
    if findings.applicability.against or without_points:
        return
    ours = findings.case.readers
    yield from _near(
        VHL,
        "Height loss",
        "%",
        findings.vhl_percent,
        findings.vhl_sd,
        ours.vhl_sem_percent,
        ours.study,
        VHL_LIMIT_PERCENT,
        READERS_VHL_PERCENT,
        "of published readers (height loss on chest CT, not Han's definition; Buckens 2013, abstract)",
        "buckens-2013",
    )
    yield from _near(
        KYPHOSIS,
        "Local kyphosis",
        "°",
        findings.local_kyphosis_deg,
        findings.kyphosis_sd,
        ours.kyphosis_sem_deg,
        ours.study,
        KYPHOSIS_LIMIT_DEG,
        READERS_KYPHOSIS_DEG,
        "of published readers (kyphosis between end vertebrae that they chose, not Han's angle; abstract)",
        "kyphosis-readers",
    )


def _near(
    limit: str,
    name: str,
    unit: str,
    value: float | None,
    sd: float | None,
    own_sem: float | None,
    study: str | None,
    at: float,
    published: float,
    whose: str,
    source: str,
) -> Iterator[Statement]:
    if value is None or (found := close_call(limit, value, sd=sd, readers_sem=own_sem).label) not in (
        TOO_CLOSE,
        BETWEEN_READERS,
    ):
        return
    own = "its own error is not known"
    if sd is not None:
        own = say("its own error allows ±{sure:.1f}{unit}", sure=SURE * sd, unit=unit)
    sem = published if own_sem is None else own_sem
    if own_sem is not None:
        whose = say("of this site's readers ({value})", value=study or "its own reliability study")
    told = say(
        "{name} {value:.1f}{unit} is {at:.1f}{unit} from the limit of {at_2:g}{unit} in NASOVCF: {own}, ",
        name=name,
        value=value,
        unit=unit,
        at=abs(value - at),
        at_2=at,
        own=own,
    )
    told += say("and that {whose} ±{sure:.1f}{unit}, each in 95 of 100. ", whose=whose, sure=SURE * sem, unit=unit)
    if found == TOO_CLOSE:
        told += "It is too close to call. Consider measuring again, or a second reader, before its two points decide."
    else:
        told += "Another reader could have given other points."
    yield Statement(
        id=f"close-call-{limit}",
        topic=_TOPIC,
        text=told,
        urgency=Urgency.ADVICE if found == TOO_CLOSE else Urgency.INFORMATION,
        evidence=("rule-close-call", "han-2025", *([] if own_sem is not None else [source])),
    )
