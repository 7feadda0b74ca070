"""A height loss or angle so near to its limit that another measurement could have given other points."""

from __future__ import annotations

from dataclasses import dataclass
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
    on_the_other_side,
)
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.result import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput
    from ovcf.scores.result import ScoreResult

RULE = Rule(
    what="Height loss or angle too close to its limit to call",
    whom="wherever NASOVCF gives points; published readers' errors are of other measures",
    not_for="changing points of a score",
)
_TOPIC = "Too close to call"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """A limit of NASOVCF, and how far published readers of such a measure differ."""

    id: str
    name: str
    unit: str
    at: float
    readers_sem: float
    readers: str
    source: str


_HEIGHT_LOSS = _Limit(
    id=VHL,
    name="Height loss",
    unit="%",
    at=VHL_LIMIT_PERCENT,
    readers_sem=READERS_VHL_PERCENT,
    readers="of published readers (height loss on chest CT, not Han's definition; Buckens 2013, abstract)",
    source="buckens-2013",
)
_ANGLE = _Limit(
    id=KYPHOSIS,
    name="Local kyphosis",
    unit="°",
    at=KYPHOSIS_LIMIT_DEG,
    readers_sem=READERS_KYPHOSIS_DEG,
    readers="of published readers (kyphosis between end vertebrae that they chose, not Han's angle; abstract)",
    source="kyphosis-readers",
)


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Of height loss and of the angle, each against its own error and that of readers; nothing where they are clear."""
    score = findings.score("nasovcf")
    without_points = score is not None and score.status not in (Status.COMPLETE, Status.INCOMPLETE)
    if findings.applicability.against or without_points:
        return
    ours = findings.case.readers
    yield from _near(_HEIGHT_LOSS, findings.vhl_percent, findings.vhl_sd, ours.vhl_sem_percent, ours.study, score)
    yield from _near(
        _ANGLE, findings.local_kyphosis_deg, findings.kyphosis_sd, ours.kyphosis_sem_deg, ours.study, score
    )


def _near(
    limit: _Limit,
    value: float | None,
    sd: float | None,
    own_sem: float | None,
    study: str | None,
    score: ScoreResult | None,
) -> Iterator[Statement]:
    if value is None or (found := close_call(limit.id, value, sd=sd, readers_sem=own_sem).label) not in (
        TOO_CLOSE,
        BETWEEN_READERS,
    ):
        return
    own = "its own error is not known"
    if sd is not None:
        own = say("its own error allows ±{sure:.1f}{unit}", sure=SURE * sd, unit=limit.unit)
    sem = limit.readers_sem if own_sem is None else own_sem
    whose = limit.readers
    if own_sem is not None:
        whose = say("of this site's readers ({value})", value=study or "its own reliability study")
    told = say(
        "{name} {value:.1f}{unit} is {at:.1f}{unit} from the limit of {at_2:g}{unit} in NASOVCF: {own}, ",
        name=limit.name,
        value=value,
        unit=limit.unit,
        at=abs(value - limit.at),
        at_2=limit.at,
        own=own,
    )
    told += say(
        "and that {whose} ±{sure:.1f}{unit}, each in 95 of 100. ", whose=whose, sure=SURE * sem, unit=limit.unit
    )
    if found == TOO_CLOSE:
        told += "It is too close to call. Consider measuring again, or a second reader, before its two points decide."
    else:
        told += "Another reader could have given other points."
    other = None if score is None else on_the_other_side(score, limit.id)
    if other is not None:
        told += say(" The total would then be {total:g}: {group} group.", total=other[0], group=other[1])
    doubtful = found == TOO_CLOSE or (sd is None and other is not None)
    yield Statement(
        id=f"close-call-{limit.id}",
        topic=_TOPIC,
        text=told,
        urgency=Urgency.ADVICE if doubtful else Urgency.INFORMATION,
        evidence=("rule-close-call", "han-2025", *([] if own_sem is not None else [limit.source])),
    )
