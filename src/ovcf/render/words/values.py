"""Measurements as a report prints them: ``20.0% (13.4 to 26.7%)``, and whether a limit lies within that interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.measures.registry import of_whole_spine as is_of_whole_spine
from ovcf.measures.signal.cleft import CLEFT_VOLUME
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.measures.signal.t2_pattern import HIGH_T2_AREA, LOW_T2_AREA
from ovcf.render.words.wording import decimal
from ovcf.units import Unit

if TYPE_CHECKING:
    from ovcf.measures.measurement import Measurement

SHARES_OF_BODY = frozenset(
    m.id for m in (BONE_MARROW_EDEMA, T1_LOW, FLUID_HIGH, LOW_T2_AREA, HIGH_T2_AREA, CLEFT_VOLUME)
)
"""Shares of a body's area or volume: whole percents, from 0 to 100."""
_DIGITS = {Unit.RATIO: 2, Unit.POINT: 0}


def of_whole_spine(m: Measurement) -> bool:
    """Whether a measurement is of the spine and not of one vertebra: bone quality is a median of several bodies."""
    return not m.levels or is_of_whole_spine(m.method.id)


def digits_of(m: Measurement) -> int:
    """Decimals: none for areas, two for ratios, one for all else."""
    return 0 if m.method.id in SHARES_OF_BODY else _DIGITS.get(m.unit, 1)


def value_text(m: Measurement) -> str:
    """``20.0%``."""
    return decimal(m.value, digits_of(m)) + _symbol(m.unit)


def limits_of(m: Measurement) -> tuple[float, float] | None:
    """The 95% interval; a share of a body ends at 0 and 100."""
    ends = m.interval()
    if ends is None:
        return None
    if m.method.id in SHARES_OF_BODY:
        return max(0.0, ends[0]), min(100.0, ends[1])
    return ends


def interval_text(m: Measurement) -> str:
    """``13.4 to 26.7%``; empty where nobody knows it."""
    ends = limits_of(m)
    if ends is None:
        return ""
    return say(
        "{ends} to {ends_2}{symbol}",
        ends=decimal(ends[0], digits_of(m)),
        ends_2=decimal(ends[1], digits_of(m)),
        symbol=_symbol(m.unit),
    )


def with_interval(m: Measurement) -> str:
    """``20.0% (13.4 to 26.7%)``."""
    ends = interval_text(m)
    return say("{m} ({ends})", m=value_text(m), ends=ends) if ends else value_text(m)


def half_interval(m: Measurement) -> str:
    """``± 6.6``: half of the 95% interval without its unit, for the table of all levels alone."""
    ends = m.interval()
    return "" if ends is None else say("± {ends}", ends=decimal((ends[1] - ends[0]) / 2, digits_of(m)))


def near(ends: tuple[float, float] | None, limit: float) -> bool:
    """Whether a limit lies within the interval."""
    return ends is not None and ends[0] <= limit <= ends[1]


def _symbol(unit: Unit) -> str:
    return unit.symbol.replace(" ", "\u00a0")
