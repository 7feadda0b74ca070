"""Visits that name the same bodies differently are asked about, and others are not."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.assessment.findings.kinds import SqGrade
from ovcf.follow_up.pairing import pairing_questions
from ovcf.follow_up.visit import Visit
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.vocabulary import Modality

LEVELS = STANDARD_COLUMN.levels
FIRST = LEVELS.index(Level.T10)


def column(seed, shift=0, noise=0.5, scale=1.0, collapse=0.0):
    """Seven bodies of one person, T10 to L4; ``shift`` names them so many levels too far caudal."""
    person = np.random.default_rng(seed)
    heights = 24 + 0.9 * np.arange(7) + person.normal(0, 0.7, 7)
    depths = 29 + 0.8 * np.arange(7) + person.normal(0, 0.8, 7)
    reader = np.random.default_rng(seed + 1000 * shift + int(100 * scale) + 7)
    bodies, top = [], 0.0
    for number, (height, depth) in enumerate(zip(heights, depths, strict=True)):
        front = height * (1 - (collapse if number == 3 else 0.0))
        corners = np.array([(0, top + height - front), (depth, top), (0, top + height), (depth, top + height)])
        points = scale * (corners + reader.normal(0, noise, corners.shape))
        source = Source(modality=Modality.RADIOGRAPH)
        bodies.append(VertebraLandmarks.from_array(LEVELS[FIRST + number + shift], points, source=source))
        top += height + 8
    return SpineLandmarks(vertebrae=tuple(bodies))


def visit(name, spine=None, **grades):
    """A visit with landmarks, or with grades by level."""
    findings = tuple(
        SimpleNamespace(level=Level.parse(level), data=SqGrade(grade=grade)) for level, grade in grades.items()
    )
    seen = SimpleNamespace(landmarks=() if spine is None else (spine,), findings=findings, column=STANDARD_COLUMN)
    return Visit(name=name, on=date(2025, 1, 1), assessment=seen)


def asked(one, other):
    return pairing_questions([visit("a", one), visit("b", other)])


def test_the_same_names_are_hardly_ever_asked_about():
    found = [asked(column(seed), column(seed, scale=1.1, collapse=0.3)) for seed in range(200)]
    assert sum(bool(q) for q in found) <= 2


@pytest.mark.parametrize(("noise", "least"), [(0.3, 170), (0.5, 110)])
def test_names_one_too_low_are_asked_about(noise, least):
    """In most people: where bodies hardly differ from level to level, sizes cannot tell."""
    found = [asked(column(seed, noise=noise), column(seed, shift=1, scale=1.05, noise=noise)) for seed in range(200)]
    assert sum(bool(q) for q in found) >= least
    assert sum(q[0].shift == -1 for q in found if q) >= 0.95 * sum(bool(q) for q in found)


def test_a_fracture_that_moved_to_a_neighbour_is_asked_about():
    (question,) = pairing_questions([visit("a", T12=0, L1=2, L2=0), visit("b", T12=0, L1=0, L2=2)])
    assert (question.fracture, question.shift) == (Level.L1, -1)
    (question,) = pairing_questions([visit("a", T12=0, L1=3, L2=0), visit("b", T12=2, L1=0, L2=0)])
    assert question.shift == 1


@pytest.mark.parametrize(
    "later", [{"L1": 2, "L2": 2}, {"L1": 3, "L2": 0}, {"L1": 1, "L2": 2}, {"L2": 2}, {"L1": 0, "L2": 0}]
)
def test_a_second_fracture_beside_the_first_is_not_taken_for_it(later):
    assert pairing_questions([visit("a", T12=0, L1=2, L2=0), visit("b", **later)]) == ()
