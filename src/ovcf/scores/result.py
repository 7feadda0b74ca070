"""What every score gives back: items, total or attainable range, group, applicability, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ovcf.language.worded import joined, say


class Status(StrEnum):
    """Whether a score could be computed, and if not, why: missing input is never zero points."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    NOT_APPLICABLE = "not applicable"
    OUT_OF_DERIVATION_POPULATION = "out of the derivation population"


class Withholding(StrEnum):
    """Why a score is not shown for this patient, though its items may be known."""

    NEUROLOGY = "neurology"
    INFECTION = "infection"
    TUMOUR = "tumour"
    OTHER_CAUSE = "another cause"
    CAUSE_OPEN = "cause not decided"
    TREATED = "treated"
    NOT_RECENT = "not recent"


class Condition(StrEnum):
    """What must be so for a score to hold."""

    RECENT = "recent (low T1 signal)"
    UNTREATED = "untreated"


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of the item table. ``points`` is None when the finding is missing; ``probability`` gives that of each
    number of points under the measurement error, where that is known.
    """

    name: str
    finding: str
    points: float | None
    possible: tuple[float, ...]
    note: str = ""
    probability: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """The outcome of a published score.

    ``total`` and ``group`` are None unless ``status`` is COMPLETE; ``attainable`` is the range of totals that the
    known items still allow, and ``attainable_groups`` the groups in it. ``total_probability`` and ``group_probability``
    give the probability of each total and group under the measurement uncertainty, when that is known. A ``withheld``
    score has no items; ``conditions`` must be met for it to hold, and are not recorded. ``alerts`` go before the score.
    """

    score: str
    version: str
    status: Status
    items: tuple[ScoreItem, ...]
    total: float | None = None
    group: str | None = None
    attainable: tuple[float, float] | None = None
    attainable_groups: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    total_probability: tuple[tuple[float, float], ...] = ()
    group_probability: tuple[tuple[str, float], ...] = ()
    evidence: tuple[str, ...] = ()
    withheld: tuple[Withholding, ...] = ()
    conditions: tuple[Condition, ...] = ()
    alerts: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """The open conditions as a sentence; stands before the total."""
        names = joined(" and ", self.conditions)
        return say("Holds only if the fracture is {names}: not recorded.", names=names) if names else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The class of a published classification.

    ``label`` is None while ``missing`` findings leave more than one class ``possible``. ``flags`` name what a reader
    should look at again: a value exactly on a limit, findings that do not go together. ``alerts`` go before the class.
    """

    system: str
    version: str
    label: str | None
    meaning: str = ""
    possible: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer of a published yes-or-no rule; None when the facts do not decide it, with the reason either way."""

    rule: str
    answer: bool | None
    because: str
    advisories: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
