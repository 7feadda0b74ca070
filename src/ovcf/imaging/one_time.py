"""Images of one time: series taken long before or after the others are left out, and that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ovcf.imaging.study import Role
from ovcf.language.worded import say
from ovcf.plausible import MARROW_DAYS, SHAPE_DAYS

if TYPE_CHECKING:
    from ovcf.imaging.study import Series, Study

MARROW_ROLES = (Role.T1, Role.T2, Role.STIR, Role.FS_T2)


def of_one_time(study: Study) -> Study:
    """The study without series of another time; the latest day of the marrow series counts, else the latest day.

    Marrow signal of days more than :data:`MARROW_DAYS` apart is not combined, nor are shapes more than
    :data:`SHAPE_DAYS` apart; within that, another day is named. What bears no date stays.
    """
    dated = [s for s in study.series if s.acquired_on is not None and s.role is not Role.OTHER]
    days = [s.acquired_on for s in dated if s.role in MARROW_ROLES] or [s.acquired_on for s in dated]
    if not days:
        return study
    wins = max(day for day in days if day is not None)
    late = [s for s in dated if _apart(s, wins) > _limit(s)]
    near = [s for s in dated if _limit(s) >= _apart(s, wins) > MARROW_DAYS]
    doubts = [*(_left_out(s, wins) for s in late), *(_another_day(s, wins) for s in near)]
    return replace(
        study,
        series=tuple(s for s in study.series if s not in late),
        skipped=(
            *study.skipped,
            *(
                (_name(s), say("taken on {acquired_on}, not about {wins}", acquired_on=s.acquired_on, wins=wins))
                for s in late
            ),
        ),
        doubts=(*study.doubts, *(doubt for doubt in doubts if doubt not in study.doubts)),
    )


def _limit(series: Series) -> int:
    return MARROW_DAYS if series.role in MARROW_ROLES else SHAPE_DAYS


def _apart(series: Series, day: str) -> int:
    assert series.acquired_on is not None
    return abs((date.fromisoformat(series.acquired_on) - date.fromisoformat(day)).days)


def _left_out(series: Series, wins: str) -> str:
    what = "marrow signal" if series.role in MARROW_ROLES else "shapes"
    return say(
        "{name} was taken on {acquired_on}, {apart} days from {wins}, and is left out: {what} "
        "more than {limit} days apart are not combined. Assess each visit by itself.",
        name=_name(series),
        acquired_on=series.acquired_on,
        apart=_apart(series, wins),
        wins=wins,
        what=what,
        limit=_limit(series),
    )


def _another_day(series: Series, wins: str) -> str:
    apart = say("{name} was taken {apart} days from {wins}", name=_name(series), apart=_apart(series, wins), wins=wins)
    return say("{apart}: a fractured body may have lost height between", apart=apart)


def _name(series: Series) -> str:
    return series.description or series.role.value
