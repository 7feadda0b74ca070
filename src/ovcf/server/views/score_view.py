"""NASOVCF as the page shows it: each item with its value, error and threshold, and the total with its probability."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import found
from ovcf.assessment.findings.kinds import T2Signal
from ovcf.language.worded import Words, joined, say
from ovcf.plain_text import either
from ovcf.render.words.score_words import outcome
from ovcf.render.words.wording import decimal, points, share, typeset
from ovcf.scores.normal import both_at_least, covariance_of
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, NASOVCF, TOTALS, VHL_LIMIT_PERCENT
from ovcf.scores.result import Status
from ovcf.vocabulary import T2Pattern

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.assessment.scoring import Deformity
    from ovcf.scores.result import ScoreItem, ScoreResult

_DOUBTFUL = (0.03, 0.97)
"""Between these a total or the other points of an item are spoken of."""
_HALF_OF_THE_BODY = 50.0
_T2_LOW = "t2-low-percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item. ``interval`` is that of 95 %, ``limits`` the thresholds, ``span`` the ends of the bar."""

    name: Words
    finding: Words
    points: float | None
    possible: tuple[float, ...]
    note: Words = ""
    value: float | None = None
    text: Words = ""
    interval: tuple[float, float] | None = None
    limits: tuple[float, ...] = ()
    span: tuple[float, float] | None = None
    doubt: Words = ""
    lines: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A total that can be reached, and how probable it is, where that is known."""

    total: float
    probability: float | None
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """The score as a whole; ``sentence`` says total, group and how sure."""

    name: str
    version: str
    complete: bool
    total: float | None
    total_text: str
    of: Words
    group: str
    sentence: Words
    columns: tuple[Column, ...]
    items: tuple[ItemView, ...]
    reasons: tuple[Words, ...]
    advisories: tuple[Words, ...]


def score_of(assessment: Assessment, scored: Deformity) -> ScoreView | None:
    """NASOVCF of the index vertebra with the height loss and kyphosis that it was given; None where there is none."""
    result = next((s for s in assessment.scores if s.score.upper() == "NASOVCF"), None)
    if result is None:
        return None
    items: tuple[ItemView, ...] = ()
    if result.items:  # a score that is withheld has none
        kind, vhl, angle, t2, t = result.items
        deformity = _deformity_items(scored, vhl, angle)
        items = (_item(kind), *deformity, _t2_item(assessment, t2), _t_item(assessment, t))
    low = dict(result.total_probability)
    least, most = result.attainable or (TOTALS[0], TOTALS[-1])
    return ScoreView(
        name=result.score,
        version=result.version,
        complete=result.status is Status.COMPLETE,
        total=result.total,
        total_text="" if result.total is None else points(result.total),
        of=say("of {totals}", totals=points(TOTALS[-1])),
        group=result.group or "",
        sentence=_sentence(result),
        columns=tuple(
            Column(total, low.get(total), share(low[total]) if low.get(total, 0) >= 0.005 else "")
            for total in TOTALS
            if items and (low or least <= total <= most)
        ),
        items=items,
        reasons=tuple(map(typeset, result.reasons)),
        advisories=tuple(map(typeset, result.advisories)),
    )


def _item(item: ScoreItem) -> ItemView:
    return ItemView(
        name=item.name,
        finding=typeset(item.finding),
        points=item.points,
        possible=item.possible,
        note=typeset(item.note),
    )


def _deformity_items(measured: Deformity, vhl: ScoreItem, angle: ScoreItem) -> tuple[ItemView, ...]:
    values = measured.vhl_percent, measured.local_kyphosis_deg
    limits = VHL_LIMIT_PERCENT, KYPHOSIS_LIMIT_DEG
    spreads: tuple[float | None, float | None] = (None, None)
    reached: tuple[float | None, float | None] = (None, None)
    if measured.covariance is not None and None not in values:
        *sd, correlation = covariance_of(measured.covariance, "VHL and local kyphosis angle")
        first, second, _ = both_at_least([float(v or 0) for v in values], limits, sd, correlation)
        spreads, reached = (sd[0], sd[1]), (first, second)
    made = []
    for item, value, sd_, limit, p, span, sign, lines in zip(
        (vhl, angle),
        values,
        spreads,
        limits,
        reached,
        ((-5.0, 40.0), (-10.0, 45.0)),
        ("%", "°"),
        ("vhl-han", "ka-han"),
        strict=True,
    ):
        view = replace(_item(item), limits=(limit,), span=span, value=value, lines=lines)
        if value is not None:
            text = decimal(value, 1) + sign + ("" if sd_ is None else say(" ± {sd}", sd=decimal(sd_, 1)))
            view = replace(view, text=text, interval=_interval(value, sd_), doubt=_other_points(item, p))
        made.append(view)
    return tuple(made)


def _t2_item(assessment: Assessment, item: ScoreItem) -> ItemView:
    view = replace(_item(item), text=item.finding)
    index = assessment.index_level
    if assessment.case.t2_pattern is not None:
        return view
    low = next((m for m in assessment.measurements if m.method.id == _T2_LOW and m.index_level == index), None)
    seen = found(assessment.findings, T2Signal, index)
    if low is None or seen is None:
        return view
    spread = low.standard_uncertainty
    share_text = decimal(low.value, 0) + "%" + ("" if spread is None else say(" ± {spread}", spread=decimal(spread, 0)))
    doubt = _other_points(item, dict(seen.probability).get(T2Pattern.DIFFUSE_LOW))
    return replace(
        view,
        note=say("{share_text} of the body low", share_text=share_text),
        value=low.value,
        interval=_interval(low.value, spread),
        limits=(_HALF_OF_THE_BODY,),
        span=(0.0, 100.0),
        doubt=doubt,
    )


def _t_item(assessment: Assessment, item: ScoreItem) -> ItemView:
    t = assessment.case.used_t_score
    view = replace(_item(item), name="T-score", limits=NASOVCF.item(item.name).limits, span=(-5.0, 0.0), value=t)
    if t is None:
        return view
    return replace(view, text=decimal(t, 1), note=view.note or assessment.case.t_score_site or "")


def _interval(value: float, sd: float | None) -> tuple[float, float] | None:
    if sd is None:
        return None
    half = NormalDist().inv_cdf(0.975) * sd
    return value - half, value + half


def _other_points(item: ScoreItem, reached: float | None) -> str:
    """How probable the other points of an item are, where that is worth saying."""
    if reached is None or item.points is None:
        return ""
    most = max(item.possible)
    other, p = (0.0, 1 - reached) if item.points == most else (most, reached)
    return (
        say("{p} for {other} points", p=share(p), other=points(other))
        if _DOUBTFUL[0] < p and not math.isclose(p, 0)
        else ""
    )


def _sentence(result: ScoreResult) -> str:
    """``6 or 8: high group, 96% sure``; the words of the report where the score is not complete."""
    if result.withheld or result.status is not Status.COMPLETE or result.group is None:
        return outcome(result)
    likely = [points(total) for total, p in result.total_probability if p >= _DOUBTFUL[0]]
    group = dict(result.group_probability).get(result.group)
    if not likely or group is None:
        return outcome(result)
    sure = "either way" if group > 0.99 and len(likely) > 1 else say("{group} sure", group=share(group))
    return joined(
        " ",
        (
            part
            for part in (
                result.condition,
                say("{likely}: {group} group, {sure}", likely=either(likely), group=result.group, sure=sure),
            )
            if part
        ),
    )
