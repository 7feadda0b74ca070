"""Where levels are not sure nothing is named; one name from a reader, and everything follows without the images."""

import pytest

from ovcf.anatomy import Level
from ovcf.errors import ReadingError
from ovcf.imaging.read import read_study
from ovcf.reading.conclude import conclude
from ovcf.reading.file import from_bytes, to_bytes
from ovcf.reading.observing.observe import Found
from ovcf.reading.session import Session
from ovcf.reading.version import open_questions
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.levels.level_labels import Labelling, LevelsUncertainError
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.draft import draft
from tests.reading.words import edit

GUESSED = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)


@pytest.fixture(scope="module")
def asked(patient, made):
    """The small patient, T12 to L4 in truth, whose bodies an engine took for T11 to L3 without being sure."""
    study = read_study(patient.images)
    seen = read_bodies([patient.labels], anchors={1: Level.T11})
    question = LevelsUncertainError(
        "t2.nii.gz",
        "levels are not sure",
        "Name one.",
        seen=seen,
        likely=(Labelling(GUESSED, seen.column, 0.6), Labelling(GUESSED[1:], seen.column, 0.4)),
    )
    case = made.assessment.case
    return draft(study, case, Found(engine_error=question), provenance=made.assessment.provenance)


def numbers(assessment):
    return {(m.method.id, m.levels): m.value for m in assessment.measurements}


def test_nothing_is_named_until_a_level_was_said(asked):
    now = asked.assessment
    assert len(now.questions) == 1
    assert not now.landmarks
    assert not now.measurements
    assert all(s.total is None for s in now.scores)


def test_one_name_answers_the_question_and_all_follows(asked, made):
    (second,) = [v for v in asked.observations.landmarks[0] if v.level is Level.T12]
    answer = edit("NameVertebra", vertebra=second.id, level=Level.L1)
    file = from_bytes(to_bytes(begin_reading(asked)), "reading.ovcf")
    now = conclude(file.current, (answer,), file.reading.current.case)
    assert now.questions == ()
    expected = numbers(made.assessment)
    assert numbers(now) == pytest.approx(expected)
    assert [s.total for s in now.scores] == [s.total for s in made.assessment.scores]


def test_a_reading_whose_levels_are_open_is_not_signed(asked):
    session = Session(begin_reading(asked))
    assert any("which vertebra is which" in q for q in open_questions(session.assessment(), ()))
    with pytest.raises(ReadingError, match="cannot be signed yet"):
        session.file.reading.confirmed(session.assessment(), reader="AB", at="2026-01-05T08:00:00+00:00")
