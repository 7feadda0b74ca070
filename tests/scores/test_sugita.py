"""Sugita's shapes: a label, and how little of the source was read."""

import pytest

from ovcf.errors import ScoreInputError
from ovcf.guidance.evidence import Mark, evidence
from ovcf.scores.classification.sugita import SHAPES, SUGITA
from ovcf.scores.evaluate import classify


@pytest.mark.parametrize("shape", ["swelled-front", "bow-shaped", "projecting", "concave", "dented"])
def test_the_shape_that_the_reader_sees_is_the_label(shape):
    assert classify(SUGITA, shape=shape).label == f"{shape} type"


def test_without_a_shape_every_label_stays_open():
    result = classify(SUGITA)
    assert (result.label, len(result.possible), result.missing) == (None, len(SHAPES), ("shape",))


def test_another_word_is_refused():
    with pytest.raises(ScoreInputError, match="bow-shaped"):
        classify(SUGITA, shape="wedge")


def test_it_says_what_is_not_verified_and_nothing_follows_from_it():
    assert evidence("sugita-2005").mark is Mark.UNVERIFIED
    result = classify(SUGITA, shape="dented")
    assert "not verified" in result.advisories[0]
    assert (result.meaning, result.flags) == ("", ())
