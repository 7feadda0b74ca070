"""An exercise: a digital patient whose points are off, and how far its reader was from the truth."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ovcf.errors import ConflictError, NotThereError, StudyError
from ovcf.reading.editing.edits import PlaceVertebra
from ovcf.reading.session import Session
from ovcf.study.training import exercises_of_person
from ovcf.study.training.exercise import OFF_MM, Truth, make_exercise
from ovcf.study.training.marking import marks_of
from tests.e2e import han
from tests.study.conftest import person

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def exercise():
    return make_exercise(5, "exercise-1")


def put_right(file, truth, by=0.0):
    """Every point on its true place, or so many mm to the right of it; not signed."""
    session = Session(file)
    for level, points in truth.points.items():
        moved = tuple((x + by / truth.mm_per_px, y) for x, y in points)
        session.make(PlaceVertebra(id=uuid4().hex, reader="me", at=NOW.isoformat(), vertebra=level, points=moved))
    return session


def signed(session):
    reading = session.file.reading.confirmed(session.assessment(), reader="me", at=NOW.isoformat())
    return replace(session.file, reading=reading)


def test_the_truth_is_that_of_the_points_and_the_points_given_are_off(exercise):
    file, truth = exercise
    above, fractured, below = truth.points.values()
    assert truth.vhl_percent == pytest.approx(han.height_loss_percent(above, fractured, below), abs=1e-6)
    assert truth.ka_deg == pytest.approx(han.kyphosis_deg(above, below), abs=1e-6)
    given = {v.id: v.points for v in file.current.landmarks[0].vertebrae}
    off = [
        truth.mm_per_px * math.dist(a, b)
        for level, points in truth.points.items()
        for a, b in zip(given[level], points, strict=True)
    ]
    assert len(off) == 18
    assert OFF_MM * 0.8 < math.sqrt(sum(x * x for x in off) / 2 / len(off)) < OFF_MM * 1.25
    assert len(file.pictures) == 1
    assert Truth.from_data(json.loads(json.dumps(truth.to_data()))) == truth


def test_points_on_their_place_are_no_error_and_points_beside_it_are_as_far_as_they_are(exercise):
    file, truth = exercise
    right = marks_of(signed(put_right(file, truth)), truth)
    assert right.worst_mm == pytest.approx(0, abs=0.02)
    assert right.vhl_percent == pytest.approx(truth.vhl_percent, abs=0.05)
    assert right.ka_deg == pytest.approx(truth.ka_deg, abs=0.05)
    assert right.grade == truth.grade
    beside = marks_of(signed(put_right(file, truth, by=3.0)), truth)
    assert beside.mean_mm == pytest.approx(3.0, abs=0.02)
    assert beside.worst_mm == pytest.approx(3.0, abs=0.02)
    assert beside.vhl_percent == pytest.approx(truth.vhl_percent, abs=0.05)  # all moved alike: the shape is the same


def test_nothing_is_told_before_it_is_signed(exercise):
    file, truth = exercise
    with pytest.raises(StudyError, match="not signed"):
        marks_of(put_right(file, truth).file, truth)


def test_an_exercise_is_ones_own_kept_while_read_and_signed_once(registry, exercise):
    file, truth = exercise
    me, other = (person(registry, code) for code in ("r1", "r2"))
    with registry.writing(me.id) as writer:
        id_ = exercises_of_person.begin(writer, registry, "exercise-1", 5, file, truth).id
    with registry.reading() as session:
        with pytest.raises(NotThereError):
            exercises_of_person.exercise_of(session, other.id, id_)
        assert exercises_of_person.exercises_of(session, other.id) == []
    half = put_right(file, truth, by=1.0)
    with registry.working() as session:
        exercises_of_person.keep(
            session, exercises_of_person.exercise_of(session, me.id, id_), half.file, after=0, now=NOW
        )
    with registry.working() as session:
        row = exercises_of_person.exercise_of(session, me.id, id_)
        assert exercises_of_person.draft_of(registry, row).reading == half.file.reading
        with pytest.raises(ConflictError):
            exercises_of_person.keep(session, row, half.file, after=0, now=NOW)
        exercises_of_person.keep(session, row, signed(half), after=1, now=NOW + timedelta(seconds=12))
    with registry.working() as session:
        row = exercises_of_person.exercise_of(session, me.id, id_)
        assert row.found["mean_mm"] == pytest.approx(1.0, abs=0.02)
        assert row.seconds == 12
        with pytest.raises(StudyError, match="is signed"):
            exercises_of_person.keep(session, row, half.file, after=2, now=NOW)
