"""What a worklist says of each study, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ovcf.anatomy import Level


class Told(StrEnum):
    """Whether the radiologist's report names a vertebra."""

    NOT_REPORTED = "not reported"
    NEIGHBOUR_REPORTED = "a neighbour reported"
    """The report names the vertebra above or below: perhaps the same, counted in another way."""
    UNKNOWN = "not known"
    REPORTED = "reported"


class Sure(StrEnum):
    """How sure it is that a vertebra is fractured."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNCERTAIN = "uncertain"


LIKELY_FROM, POSSIBLE_FROM = 0.5, 0.1
"""Of the probability that a vertebra is fractured; the project's own limits, which sort a list and decide nothing."""

DEFORMED_UP_TO = 0.8
"""Of a height ratio inside a body whose level is not sure: a fifth is lost, where Genant's grade 1 begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertebra:
    """A vertebra that looks fractured.

    ``by_readers`` is the share of readers of a survey who would grade a vertebra of this shape 1 to 3,
    ``by_measurement`` the probability of a measured grade 1 to 3; each from 0 to 1, None where unknown.
    """

    level: str
    told: Told
    grade: int | None
    shape: str
    by_readers: float | None
    by_measurement: float | None
    recent: bool | None
    recent_probability: float | None
    height_loss_percent: float | None
    height_loss_sd_percent: float | None

    @property
    def sureness(self) -> float:
        """The larger of the probability by shape and of a recent fracture by signal; 0 where both are unknown."""
        shape = self.by_measurement if self.by_readers is None else self.by_readers
        return max(
            shape or 0.0, self.recent_probability or 0.0, float(self.recent is True and self.recent_probability is None)
        )

    @property
    def sure(self) -> Sure:
        """The same in three steps."""
        return (
            Sure.LIKELY
            if self.sureness >= LIKELY_FROM
            else Sure.POSSIBLE
            if self.sureness >= POSSIBLE_FROM
            else Sure.UNCERTAIN
        )


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A vertebra that could not be graded, and why."""

    level: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One study on the list; ``picture`` is a JPEG, empty where there is none.

    ``vertebrae`` look fractured. ``marrow_unclear`` do not: their shape is sound, and the signal of their marrow is not
    clear.
    """

    study: str
    key: str
    patient: str
    acquired_on: str
    sex: str
    age_years: float | None
    study_uid: str
    outcome: str
    problem: str
    remedy: str
    urgent: tuple[str, ...]
    vertebrae: tuple[Vertebra, ...]
    marrow_unclear: tuple[str, ...] = ()
    not_judged: tuple[Unjudged, ...]
    unnamed: int
    asked: tuple[str, ...]
    graded: tuple[str, ...]
    least_ratio: float | None
    least_ratio_body: int | None
    picture: bytes = b""

    @property
    def only_at_the_border(self) -> bool:
        """Whether all that could not be judged lies above or below the vertebrae that were graded."""
        if (
            self.outcome != "assessed"
            or self.marrow_unclear
            or self.asked
            or self.unnamed
            or not self.graded
            or not self.not_judged
        ):
            return False
        ranks = [Level(name).rank for name in self.graded]
        return not any(min(ranks) < Level(one.level).rank < max(ranks) for one in self.not_judged)

    @property
    def deformed(self) -> bool:
        """Whether a body looks deformed whose level is not sure."""
        return self.least_ratio is not None and self.least_ratio <= DEFORMED_UP_TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """``entries`` are to be looked at, the surest first; ``apart`` could not be judged. The other studies are counted:
    those whose fractures are all reported, and those in which nothing was seen and everything judged.
    """

    entries: tuple[Entry, ...]
    apart: tuple[Entry, ...]
    studies: int
    reported_already: int
    nothing_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How many of known fractures were found by the same rules on some data, and how many sound ones were passed.

    ``id`` says which data, ``unit`` whether vertebrae or patients are counted.
    """

    id: str
    unit: str
    found: int
    of: int
    passed: int
    of_sound: int
