"""Exercises: begun, read on the reading page, signed, and then shown beside the truth."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from ovcf.errors import ConflictError
from ovcf.registry.access import Act, require
from ovcf.server.api.here import Here, Who, here, principal
from ovcf.server.api.shapes import Sent
from ovcf.server.open_reading import StaleError
from ovcf.study.readers.sitting import count_time
from ovcf.study.training import exercises_of_person
from ovcf.study.training.exercise import make_exercise

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ovcf.reading.file import ReadingFile
    from ovcf.reading.session import Session
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import TrainingExercise
    from ovcf.server.concluding.answering import Answering

router = APIRouter(tags=["training"])
page_router = APIRouter(include_in_schema=False)


class NewExercise(Sent):
    """An exercise; the same seed draws the same digital patient. A new one where none is named."""

    seed: Annotated[int, Field(ge=0, le=10**6)] | None = None


class Figure(BaseModel):
    """What the reader found and what is so."""

    found: float | None
    truth: float


class Exercise(BaseModel):
    """An exercise of one's own. What is so is told once it is signed: errors of points in mm by level and point, and
    where the points are (px of the film, in the order of a vertebra's points)."""

    id: UUID
    label: str
    made_at: datetime
    signed_at: datetime | None
    level: str
    minutes: float
    mean_mm: float | None
    worst_mm: float | None
    missing: list[str]
    points: dict[str, dict[str, float]]
    truth: dict[str, list[tuple[float, float]]]
    vhl_percent: Figure | None
    ka_deg: Figure | None
    grade: Figure | None


@dataclass(frozen=True, slots=True)
class InTraining:
    """An exercise, and what was done with it so far."""

    registry: Registry
    exercise: UUID
    person: UUID

    def moved(self, stamp: Hashable) -> bool:
        """Whether another page has kept a newer state."""
        with self.registry.reading() as session:
            return exercises_of_person.exercise_of(session, self.person, self.exercise).revision != stamp

    def read(self) -> tuple[ReadingFile, Hashable]:
        """The exercise as its reader left it, with its stamp."""
        with self.registry.reading() as session:
            row = exercises_of_person.exercise_of(session, self.person, self.exercise)
            return exercises_of_person.draft_of(self.registry, row), row.revision

    def write(self, session: Session, after: Hashable) -> Hashable:
        """Keep one more state; a signed one is marked.

        Raises:
            StaleError: another page saved meanwhile. StudyError: it was signed.
        """
        assert isinstance(after, int)
        try:
            with self.registry.working() as database:
                row = exercises_of_person.exercise_of(database, self.person, self.exercise)
                return exercises_of_person.keep(database, row, session.file, after=after, now=datetime.now(UTC))
        except ConflictError as error:
            raise StaleError("this exercise", "has changed since it was shown", "Load the page again.") from error


def opened(request: Request, exercise: UUID) -> Answering:
    """The exercise that a page asks for.

    Raises:
        NotThereError: it is somebody else's.
    """
    service, who = here(request), principal(request)
    require(who, Act.SIGN)
    with service.registry.reading() as session:
        exercises_of_person.exercise_of(session, who.person, exercise)
    place = InTraining(service.registry, exercise, who.person)
    return service.reading(f"exercise/{exercise}", place, who.person)


@page_router.post("/exercises/{exercise}/api/here", status_code=204)
def still_here(here: Here, who: Who, exercise: UUID) -> None:
    """The page says that its reader looks at the exercise."""
    require(who, Act.SIGN)
    with here.registry.working() as session:
        row = exercises_of_person.exercise_of(session, who.person, exercise)
        if row.signed_at is None:
            count_time(row, datetime.now(UTC))


@router.get("/training")
def list_(here: Here, who: Who) -> list[Exercise]:
    """One's own exercises, oldest first, with the errors of those that are signed."""
    require(who, Act.SIGN)
    with here.registry.reading() as session:
        return [_shape(row) for row in exercises_of_person.exercises_of(session, who.person)]


@router.post("/training", status_code=201)
def begin(here: Here, who: Who, asked: NewExercise) -> Exercise:
    """Draw a digital patient whose points are to be put right."""
    require(who, Act.SIGN)
    with here.registry.reading() as session:
        number = len(exercises_of_person.exercises_of(session, who.person)) + 1
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    label = f"exercise-{number}"
    file, truth = make_exercise(seed, label)  # takes seconds: nobody else need wait to write meanwhile
    with here.registry.writing(who.person) as writer:
        return _shape(exercises_of_person.begin(writer, here.registry, label, seed, file, truth))


@router.get("/training/{exercise}")
def show(here: Here, who: Who, exercise: UUID) -> Exercise:
    """One exercise of one's own."""
    require(who, Act.SIGN)
    with here.registry.reading() as session:
        return _shape(exercises_of_person.exercise_of(session, who.person, exercise))


def _shape(row: TrainingExercise) -> Exercise:
    found, truth = row.found or {}, row.truth

    def figure(name: str) -> Figure | None:
        return Figure(found=found[name], truth=truth[name]) if found else None

    return Exercise(
        id=row.id,
        label=row.label,
        made_at=row.made_at,
        signed_at=row.signed_at,
        level=truth["level"],
        minutes=row.seconds / 60,
        mean_mm=found.get("mean_mm"),
        worst_mm=found.get("worst_mm"),
        missing=found.get("missing", []),
        points=found.get("points", {}),
        truth=truth["points"] if found else {},
        vhl_percent=figure("vhl_percent"),
        ka_deg=figure("ka_deg"),
        grade=figure("grade"),
    )
