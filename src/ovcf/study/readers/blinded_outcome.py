"""What the judge of an outcome is given: the bare images of the visits that it needs, and what is known of blinding.

The score is the index test of a study that validates it. Who judges the outcome knowing the score, the name or what
the draft says of the images judges with that in mind (review bias).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import Adjudication, AuditEntry, Event, JudgementBlinding
from ovcf.registry.words import EventKind, EventSource

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Enrolment, Study
    from ovcf.registry.words import Window
    from ovcf.study.conduct.records import Records
    from ovcf.study.protocol.model import Protocol, StudyOutcome

_AGAINST_BEFORE = frozenset({EventKind.PROGRESSIVE_KYPHOSIS, EventKind.SEVERE_COLLAPSE, EventKind.SECONDARY_FRACTURE})
"""Changes: they are seen against the first visit. Union is seen at its own visit (a cleft, standing against supine)."""
_OWN_TO_JUDGING = ("adjudication", "judgement_blinding", "task_reading", "event")
"""Rows that a judge writes by judging or by reading blinded; events are looked at by their source."""


@dataclass(frozen=True, slots=True)
class BarePicture:
    """A picture with what it is and nothing that was found on it.

    ``series`` counts those of the visit from 0. ``spacing`` is the distance of its pixels (row, column), in mm where
    it is ``calibrated``, else relative. ``offset_mm`` is the distance of a slice from the middle one, ``size`` is
    (rows, columns).
    """

    series: int
    role: str
    posture: str
    spacing: tuple[float, float]
    calibrated: bool
    offset_mm: float
    size: tuple[int, int]
    png: bytes


@dataclass(frozen=True, slots=True)
class BareVisit:
    """The images of a visit. Its day is not told."""

    window: Window
    pictures: tuple[BarePicture, ...]


def windows_for(protocol: Protocol, outcome: StudyOutcome) -> tuple[Window, ...]:
    """The visits that an outcome needs: its own, and for one that is a change the first one before it."""
    first = protocol.visits[0].window
    needs_before = outcome.event in _AGAINST_BEFORE and first is not outcome.window
    return (first, outcome.window) if needs_before else (outcome.window,)


def images_for(
    registry: Registry, records: Records, protocol: Protocol, enrolment: Enrolment, outcome: StudyOutcome
) -> tuple[BareVisit, ...]:
    """What a judge may look at, in the order of the visits; a visit without images is there without pictures."""
    found = []
    for window in windows_for(protocol, outcome):
        row = records.reading(enrolment, window)
        found.append(BareVisit(window, () if row is None else bare(load_reading(registry, row))))
    return tuple(found)


def bare(file: ReadingFile) -> tuple[BarePicture, ...]:
    """The pictures of a reading, series by series, slices from one side to the other. Corrections do not show."""
    seen = file.observations[file.reading.versions[0].observations]
    series_of = {series.uid: (n, series) for n, series in enumerate(seen.series)}
    calibrated = {one.id: one.source.calibrated for one in seen.landmarks}
    shown = sorted(
        (p for p in file.pictures if p.series in series_of), key=lambda p: (series_of[p.series][0], p.offset_mm)
    )
    return tuple(
        BarePicture(
            series=series_of[p.series][0],
            role=series_of[p.series][1].role.value,
            posture=series_of[p.series][1].posture.value,
            spacing=p.spacing,
            calibrated=calibrated.get(p.landmark_set, False),
            offset_mm=p.offset_mm,
            size=p.size,
            png=p.png,
        )
        for p in shown
    )


def worked_on_record(session: Session, person: UUID, patient: UUID) -> bool:
    """Whether somebody recorded anything of a patient but judgements and blinded readings.

    Looking leaves no trace in the registry; a judge says that in words (``declared``).
    """
    wrote = select(AuditEntry.seq).where(
        AuditEntry.patient_id == patient, AuditEntry.actor == person, AuditEntry.table.not_in(_OWN_TO_JUDGING)
    )
    told = exists().where(
        Event.patient_id == patient, Event.recorded_by == person, Event.source != EventSource.ADJUDICATED
    )
    return session.scalars(wrote.limit(1)).first() is not None or bool(session.scalar(select(told)))


@dataclass(frozen=True, slots=True)
class BlindingCount:
    """Judgements of an outcome by what is known of the judge: ``blinded``, not so, or ``unknown``."""

    blinded: int = 0
    not_blinded: int = 0
    unknown: int = 0


def blinding_of(session: Session, study: Study, outcome: StudyOutcome) -> BlindingCount:
    """How the judgements of an outcome were given."""
    asked = (
        select(Adjudication.id, JudgementBlinding)
        .outerjoin(JudgementBlinding, JudgementBlinding.adjudication_id == Adjudication.id)
        .where(Adjudication.study_id == study.id, Adjudication.outcome == outcome.id)
    )
    rows = [row for _, row in session.execute(asked)]
    blinded = sum(row is not None and row.blinded for row in rows)
    unknown = sum(row is None for row in rows)
    return BlindingCount(blinded, len(rows) - blinded - unknown, unknown)
