"""Numbers as medical journals print them."""

from __future__ import annotations

import math
from typing import Any


def format_p(p: float) -> str:
    """P with three decimals and no needless nought, never as zero nor as one: ``.012``, ``< .001``, ``> .99``."""
    if math.isnan(p):
        return "–"
    if p < 0.001:
        return "< .001"
    if p > 0.99:
        return "> .99"
    return f"{p:.{4 if 0.0495 <= p < 0.05 else 3}f}"[1:]  # .0499 must not read as .050


def said_p(p: float) -> str:
    """P within a sentence: ``P = .012``, ``P < .001``."""
    shown = format_p(p)
    return f"P {shown}" if shown[0] in "<>" else f"P = {shown}"


def format_cell(value: Any, style: str = "") -> str:
    """One value as text: None empty, not-a-number a dash, infinity its sign, ``p`` as a P value, else by its format."""
    if value is None:
        return ""
    if isinstance(value, float) and math.isnan(value):
        return "–"
    if isinstance(value, float) and math.isinf(value) and style != "p":
        return "∞" if value > 0 else "-∞"
    if style == "p":
        return format_p(value)
    if isinstance(value, str):
        return value
    return format(value, style) if style else str(value)
