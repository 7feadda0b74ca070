"""A picture of a report, and where the report shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as self-contained SVG with its words as plain text; ``share`` is its part of the line's width.

    ``place`` says where the report shows it: ``front`` are the panels of page one in reading order, ``question``
    belongs to a question at the top of the report.
    """

    title: str
    caption: str
    svg: str
    share: float = 0.92
    place: Literal["front", "detail", "question", "appendix"] = "detail"

    @property
    def asks(self) -> bool:
        """Whether it belongs to a question at the top of the report."""
        return self.place == "question"
