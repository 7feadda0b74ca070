"""What a protocol says, as data. It is read from one TOML file (:mod:`ovcf.study.protocol.read`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.registry.words import EventKind, Instrument, TreatmentKind, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

Fact = bool | float | str


class FieldKind(StrEnum):
    """What is entered in a field of a form."""

    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    DATE = "date"
    TEXT = "text"


class Test(StrEnum):
    """How a criterion judges a fact."""

    __test__ = False  # no test case of pytest
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOVE = "above"
    BELOW = "below"
    IS = "is"
    ONE_OF = "one_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form. ``low`` to ``high`` is what is plausible: a value beyond is asked about, not refused.

    ``source`` is where its value stands already: an instrument (``VAS``), or ``measure:ID`` or ``score:ID`` of the
    newest reading of the visit. Without one it is entered in the form.
    """

    id: str
    label: str
    kind: FieldKind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = True
    source: str = ""

    @property
    def instrument(self) -> Instrument | None:
        """The instrument that its value is an answer to."""
        return Instrument(self.source) if self.source in [i.value for i in Instrument] else None

    @property
    def of_reading(self) -> tuple[str, str] | None:
        """``measure`` or ``score``, and its id."""
        kind, found, name = self.source.partition(":")
        return (kind, name) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form: what is entered at a visit."""

    id: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyVisit:
    """A planned visit: the days after enrolment between which it counts, and the forms due at it."""

    window: Window
    from_day: int
    to_day: int
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A criterion of inclusion or exclusion: one fact, judged."""

    id: str
    text: str
    fact: str
    test: Test
    limit: Fact | tuple[str, ...]
    exclusion: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A group by the treatment that a patient is enrolled under."""

    id: str
    title: str
    treatment: TreatmentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOutcome:
    """An outcome and the visit at which it is judged; ``adjudicators`` readers judge it, one more where they differ."""

    id: str
    title: str
    window: Window
    event: EventKind
    primary: bool = False
    adjudicators: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPlan:
    """How many blinded readers, at which visits, how many repeats (percent) after how many days, and what they read.

    ``measures`` are ids of measurements, ``ratings`` facts of the clinical file that readers say in words.
    """

    readers: int
    windows: tuple[Window, ...]
    repeats_percent: float
    washout_days: int
    measures: tuple[str, ...]
    ratings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The software and the models that readings must be made with: name, version and SHA-256 as readings name them."""

    software: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One version of the protocol of a study. ``digest`` is that of what it says, whatever its layout."""

    id: str
    version: str
    title: str
    consent_required: bool
    arms: tuple[Arm, ...]
    criteria: tuple[Criterion, ...]
    visits: tuple[StudyVisit, ...]
    forms: tuple[Form, ...]
    outcomes: tuple[StudyOutcome, ...]
    readers: ReaderPlan | None
    pins: Pins
    sample_size: int | None
    sample_size_reason: str
    digest: str
    text: str

    def form(self, id_: str) -> Form | None:
        """A form by its id."""
        return next((f for f in self.forms if f.id == id_), None)

    def visit(self, window: Window) -> StudyVisit | None:
        """The plan of a visit."""
        return next((v for v in self.visits if v.window is window), None)

    def outcome(self, id_: str) -> StudyOutcome | None:
        """An outcome by its id."""
        return next((o for o in self.outcomes if o.id == id_), None)

    def arm(self, id_: str) -> Arm | None:
        """An arm by its id."""
        return next((a for a in self.arms if a.id == id_), None)

    @property
    def primary(self) -> StudyOutcome:
        """The primary outcome."""
        return next(o for o in self.outcomes if o.primary)

    def due_at(self, window: Window) -> Iterator[Form]:
        """The forms of a visit."""
        visit = self.visit(window)
        for name in visit.forms if visit else ():
            if (form := self.form(name)) is not None:
                yield form
