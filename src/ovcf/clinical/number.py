"""Reading a number as people write it, and refusing what no patient can have."""

from __future__ import annotations

import math
import re

from ovcf.errors import ClinicalDataError
from ovcf.units import Unit

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
#: Minus signs that word processors and phones put in place of the hyphen: U+2212, the dashes, the small and wide forms.
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"))


def parse_decimal(
    value: float | int | str, *, field: str, low: float | None = None, high: float | None = None
) -> float:
    """The number ``value`` stands for, between ``low`` and ``high`` (both included).

    Text may carry spaces around it and a typographic minus ("−2.5"). A decimal comma is refused, not guessed: "1,234"
    has two readings, and a T-score must not have any; so does "1 2".

    Raises:
        ClinicalDataError: not a number, not finite, or outside the range; names ``field``, the range and what to write.
    """
    possible = _range(low, high)
    remedy = f"Give {possible}." if possible else "Give a number, e.g. -2.5."
    if isinstance(value, str):
        text = re.sub(r"^([+-])\s+", r"\1", value.strip().translate(_MINUS))
        if "," in text:
            raise ClinicalDataError(
                field, f"{value!r} has a decimal comma", f"Write a decimal point: {text.replace(',', '.', 1)}."
            )
        if not _DECIMAL.fullmatch(text):
            raise ClinicalDataError(field, f"{value!r} is not a number", remedy)
        number = float(text)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    else:
        raise ClinicalDataError(field, f"{value!r} is not a number", remedy)
    if not math.isfinite(number):
        raise ClinicalDataError(field, f"{value!r} is not a finite number", remedy)
    if (low is not None and number < low) or (high is not None and number > high):
        raise ClinicalDataError(field, f"{value!r} is not possible", remedy)
    return number


#: What stands for "no answer" in a list of answers.
UNANSWERED = ("x", "-", "?", "")


def parse_quantity(text: str, *, field: str, unit: Unit | None = None) -> float:
    """A number as typed, with or without the symbol of its unit.

    A percentage below 1 without a percent sign is asked about: 0.178 may be meant as 17.8%.

    Raises:
        ClinicalDataError: as :func:`parse_decimal`, or a percentage that looks like a fraction.
    """
    symbol = unit.symbol.strip() if unit else ""
    bare = text.strip()
    named = bool(symbol) and bare.endswith(symbol)
    x = parse_decimal(bare.removesuffix(symbol) if named else text, field=field)
    if unit is Unit.PERCENT and not named and 0 < abs(x) < 1:
        raise ClinicalDataError(
            field, f"{bare} is less than one percent", f"Did you mean {100 * x:g}%? Write {100 * x:g}% or {bare}%."
        )
    return x


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"a number from {low:g} to {high:g}"
    if low is not None:
        return f"a number of at least {low:g}"
    return f"a number of at most {high:g}" if high is not None else ""
