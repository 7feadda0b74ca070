"""What is recorded of some patients of a study, read at once: visits, forms, answers, readings, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.registry.clinic.readings import counting_readings
from ovcf.registry.store import current
from ovcf.registry.tables import (
    Adjudication,
    Episode,
    Event,
    FormEntry,
    MeasuredValue,
    PatientReport,
    Reading,
    ScoreValue,
    Treatment,
    Visit,
    Withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Enrolment
    from ovcf.registry.words import EventKind, Instrument, Window
    from ovcf.study.protocol.model import Form

Value = float | int | bool | str
_AT_ONCE = 500
"""Ids in one question to the database."""


class Records:
    """Everything that forms and outcomes of some patients need, in a few questions to the database."""

    def __init__(self, session: Session, enrolments: Sequence[Enrolment]) -> None:
        self._session = session
        patients = {e.patient_id for e in enrolments}
        self._entries: dict[tuple[UUID, Window, str], FormEntry] = {
            (f.enrolment_id, f.window, f.form): f for f in self._of(current(FormEntry), FormEntry, patients)
        }
        visits = [v for v in self._of(current(Visit), Visit, patients) if v.held_on is not None]
        self._visits: dict[tuple[UUID, Window], Visit] = {(v.episode_id, v.window): v for v in visits}
        self._answers: dict[tuple[UUID, Instrument], float] = {
            (r.visit_id, r.instrument): r.value
            for r in self._of(current(PatientReport), PatientReport, patients)
            if r.value is not None
        }
        self._levels: dict[UUID, str] = {
            e.entity_id: next(iter(e.levels), "") for e in self._of(current(Episode), Episode, patients)
        }
        rows: dict[UUID, list[Reading]] = {}
        for reading in self._of(counting_readings(), Reading, patients):
            rows.setdefault(reading.visit_id, []).append(reading)
        self._readings = {visit: one_that_counts(found) for visit, found in rows.items()}
        self._events: dict[UUID, set[EventKind]] = {}
        for event in self._of(current(Event), Event, patients):
            self._events.setdefault(event.episode_id, set()).add(event.kind)
        self._given: dict[tuple[UUID, str], list[Adjudication]] = {}
        for judged in self._of(select(Adjudication), Adjudication, patients):
            self._given.setdefault((judged.enrolment_id, judged.outcome), []).append(judged)
        self._treatments: dict[UUID, list[Treatment]] = {}
        for treatment in self._of(current(Treatment), Treatment, patients):
            self._treatments.setdefault(treatment.episode_id, []).append(treatment)
        self._left = {w.enrolment_id: w for w in self._of(current(Withdrawal), Withdrawal, patients)}
        self._numbers: dict[UUID, list[MeasuredValue]] | None = None
        self._scores: dict[tuple[UUID, str], float | None] | None = None
        self._patients = patients

    def entry(self, enrolment: Enrolment, window: Window, form: str) -> FormEntry | None:
        """A form as it stands."""
        return self._entries.get((enrolment.entity_id, window, form))

    def visit(self, enrolment: Enrolment, window: Window) -> Visit | None:
        """The visit of a window, once it was held."""
        return self._visits.get((enrolment.episode_id, window))

    def reading(self, enrolment: Enrolment, window: Window) -> Reading | None:
        """The reading of a visit that counts."""
        visit = self.visit(enrolment, window)
        return None if visit is None else self._readings.get(visit.entity_id)

    def level(self, enrolment: Enrolment) -> str:
        """The fractured vertebra that the study follows: the first of the episode."""
        return self._levels[enrolment.episode_id]

    def withdrawal(self, enrolment: Enrolment) -> Withdrawal | None:
        """How a patient left, if so."""
        return self._left.get(enrolment.entity_id)

    def treatments(self, enrolment: Enrolment) -> list[Treatment]:
        """The treatments of the fracture, in order."""
        return sorted(self._treatments.get(enrolment.episode_id, []), key=lambda t: t.started_on)

    def events(self, enrolment: Enrolment) -> set[EventKind]:
        """What happened to the fracture."""
        return self._events.get(enrolment.episode_id, set())

    def judged(self, enrolment: Enrolment, outcome: str) -> list[Adjudication]:
        """The judgements of an outcome, in order."""
        return sorted(self._given.get((enrolment.entity_id, outcome), []), key=lambda a: a.place)

    def values(self, enrolment: Enrolment, window: Window, form: Form) -> dict[str, Value]:
        """Every value of a form that is known, by field, from wherever it stands."""
        entry, visit = self.entry(enrolment, window, form.id), self.visit(enrolment, window)
        entered: dict[str, Value] = dict(entry.values) if entry else {}
        reading = self.reading(enrolment, window)
        found: dict[str, Value] = {}
        for field in form.fields:
            value: Value | None = entered.get(field.id)
            if value is None and field.instrument is not None and visit is not None:
                value = self._answers.get((visit.entity_id, field.instrument))
            elif value is None and field.of_reading is not None and reading is not None:
                value = self._of_reading(reading, *field.of_reading, self.level(enrolment))
            if value is not None:
                found[field.id] = value
        return found

    def _of_reading(self, reading: Reading, kind: str, name: str, level: str) -> float | None:
        """A number of a reading: of a measurement that of a radiograph before others, as follow-up takes it."""
        if self._numbers is None or self._scores is None:
            self._numbers, self._scores = {}, {}
            for number in self._of(select(MeasuredValue), MeasuredValue, self._patients):
                self._numbers.setdefault(number.reading_id, []).append(number)
            for score in self._of(select(ScoreValue), ScoreValue, self._patients):
                self._scores[score.reading_id, score.score] = score.total
        if kind == "score":
            return self._scores.get((reading.id, name))
        found = [m for m in self._numbers.get(reading.id, []) if m.method == name and m.level in (None, level)]
        best = min(found, key=lambda m: m.modality != "radiograph", default=None)
        return None if best is None else best.value

    def _of(self, asked: Any, kind: Any, patients: Iterable[UUID]) -> list[Any]:
        ids = sorted(patients, key=str)
        parts = [ids[i : i + _AT_ONCE] for i in range(0, len(ids), _AT_ONCE)]
        return [row for part in parts for row in self._session.scalars(asked.where(kind.patient_id.in_(part)))]


def one_that_counts(rows: Sequence[Reading]) -> Reading:
    """The newest signed reading of a visit; while none is signed, the newest state of the draft that was there first.

    A draft that a newer model made later stands beside it and counts for nothing until somebody signs it.
    """
    signed = [r for r in rows if r.status.value == "confirmed"]
    if signed:
        return max(signed, key=lambda r: (r.recorded_at, r.revision))
    first = min(rows, key=lambda r: (r.recorded_at, r.revision)).reading
    return max((r for r in rows if r.reading == first), key=lambda r: r.revision)
