"""How a finding is laid out where it is coded: the field that it is about, and what cannot be laid out so."""

from __future__ import annotations

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
    "suggested fracture": "recent",
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
    "suggested fracture": ("outline", "unclear"),
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
