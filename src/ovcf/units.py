"""Units of measurement, as UCUM codes (https://ucum.org)."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """The UCUM code of a unit; ``symbol`` is what people read."""

    MM = "mm"
    PIXEL = "{pixel}"
    DEGREE = "deg"
    PERCENT = "%"
    RATIO = "1"
    STANDARD_DEVIATION = "{SD}"
    POINT = "{points}"

    @property
    def symbol(self) -> str:
        """The unit as printed behind a number, with its leading space where one belongs."""
        return {"mm": " mm", "{pixel}": " px", "deg": "°", "%": "%", "1": "", "{SD}": " SD", "{points}": " points"}[
            self.value
        ]
