"""Numbers as medical journals print them."""

from __future__ import annotations

import math
from typing import Any


def format_p(p: float) -> str:
    """P with three decimals, never as zero: ``<0.001``."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def format_cell(value: Any, style: str = "") -> str:
    """One value as text: None empty, not-a-number a dash, ``p`` as a P value, else by its format."""
    if value is None:
        return ""
    if isinstance(value, float) and math.isnan(value):
        return "–"
    if style == "p":
        return format_p(value)
    return format(value, style) if style and not isinstance(value, str) else str(value)
