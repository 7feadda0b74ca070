"""How a finding is laid out where it is coded: the field that it is about, and what cannot be laid out so."""

from __future__ import annotations

from typing import Protocol


class _Finding(Protocol):
    @property
    def kind(self) -> str: ...


SUGGESTED = "suggested fracture"
UNCLEAR = "unclear marrow"
"""A body of sound shape whose marrow signal says neither: it has a code of its own, for it does not look fractured."""
ANSWER: dict[str, bool | None] = {SUGGESTED: True, UNCLEAR: None}
"""What stands for those that are about no field of theirs: yes, and "indeterminate"."""
HEADLINE = {
    "SQ grade": "grade",
    "morphometry": "fractured",
    "radiograph sign": "present",
    "recency": "recent",
    "T2 pattern": "pattern",
    "edema level": "level",
    "cleft": "cleft",
    "bone quality": "high",
    "posterior wall": "involved",
    "OF class suggested": "of",
    "ungraded": "reason",
    "class": "label",
    "non-union": "answer",
    "progressive kyphosis": "answer",
    "height loss since": "points",
    "cemented vertebra": "state",
    "doubtful neighbour": "neighbour",
    "over visits": "of",
}
"""The field that a finding is about; where there is none, its words stand in its place."""
NOT_HELD = {
    "spine": ("graded", "ungraded", "fractured"),
    "over visits": ("visits",),
    SUGGESTED: ("outline", "unclear"),
    UNCLEAR: ("outline", "unclear"),
}
"""Fields that are lists of lists: a report has the same in the findings of each vertebra, or in words alone."""
LISTS_OF_WORDS = ("possible",)
"""Fields that hold several words."""
PLAIN_WORDS = (
    "both",
    "superior",
    "inferior",
    "none",
    "broken again",
    "height lost",
    "deformed",
    "edema",
    "pain",
    "disability",
    "analgesics",
)
"""Words of fields that are no closed list of :mod:`ovcf.vocabulary`."""


def coded_as(data: _Finding) -> str:
    """Which code of the section ``finding`` says no more than a finding does."""
    return UNCLEAR if data.kind == SUGGESTED and getattr(data, "unclear", False) else data.kind
