"""What findings say of a course: HAN's outcomes, what changed since earlier visits, cemented bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class NonUnion:
    """Whether the fracture has not united, in HAN's sense; None while open. ``probability`` is that of non-union."""

    kind: Literal["non-union"] = "non-union"
    answer: bool | None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KyphosisProgress:
    """Whether local kyphosis grew by more than 10 degrees in one posture; None while open."""

    kind: Literal["progressive kyphosis"] = "progressive kyphosis"
    answer: bool | None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightLossSince:
    """Height loss (HAN) now less that of the first earlier visit, percentage points."""

    kind: Literal["height loss since"] = "height loss since"
    points: float
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverVisits:
    """One quantity at two visits or more, each with when it was, this visit last.

    Edema and disability in percent, pain 0 to 10, analgesics as their class 0 to 3.
    """

    kind: Literal["over visits"] = "over visits"
    of: Literal["edema", "pain", "disability", "analgesics"]
    visits: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdemaReturned:
    """Edema that had gone at an earlier visit is there again."""

    kind: Literal["edema returned"] = "edema returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class CementedBody:
    """What is told of a cemented vertebra: the reader says that it broke again, it has lost height since, or it is
    deformed and has to be compared with an image from after the augmentation.
    """

    kind: Literal["cemented vertebra"] = "cemented vertebra"
    state: Literal["broken again", "height lost", "deformed"]
