"""HAN averaged two radiologists; so are the readings of one study averaged here."""

import numpy as np
import pytest

from ovcf.errors import ReadingError
from ovcf.reading.conclude import conclude
from ovcf.reading.consensus import averaged
from ovcf.reading.version import Version
from tests.reading.words import edit, moved, vertebra

AT = "2026-01-05T09:00:00+00:00"


def reading(case, *edits, reader, observations="same"):
    return Version(id=reader, reader=reader, observations=observations, case=case, edits=edits)


def vhl(assessment):
    return next(m.value for m in assessment.measurements if m.method.id == "vhl-han" and m.index_level == "L1")


def test_points_become_the_mean_of_both_readers_and_height_loss_lies_between_theirs(seen, case):
    readers = [
        reading(case, moved(seen, "L1", by=(0.0, dy), reader=name), reader=name) for name, dy in (("AB", 0), ("CD", 3))
    ]
    edits, agreement = averaged(seen, readers, at=AT)
    (placed,) = edits
    before = np.asarray(vertebra(seen, "L1").points)
    assert np.asarray(placed.points)[0] == pytest.approx(before[0] + [0, 1.5])
    assert np.asarray(placed.points)[1:] == pytest.approx(before[1:])
    assert placed.reader == "AB, CD"
    (apart,) = agreement.vertebrae
    assert apart[1] == pytest.approx(1.5 / np.sqrt(len(before)))
    first, second = (vhl(conclude(seen, r.edits, case)) for r in readers)
    assert vhl(conclude(seen, edits, case)) == pytest.approx((first + second) / 2, abs=0.2)
    assert first < second


def test_what_both_say_is_taken_over_and_what_they_do_not_agree_on_is_left_open(seen, case):
    same = [edit("EnterFact", reader=name, field="fracture_type", value="burst") for name in ("AB", "CD")]
    other = [
        edit("EnterFact", reader=name, field="t2_pattern", value=word)
        for name, word in (("AB", "diffuse low"), ("CD", "confined low"))
    ]
    readers = [reading(case, same[n], other[n], reader=name) for n, name in enumerate(("AB", "CD"))]
    edits, agreement = averaged(seen, readers, at=AT)
    assert [(e.field, e.value) for e in edits] == [("fracture_type", "burst")]
    assert agreement.open == (("fact t2_pattern", ("diffuse low", "confined low")),)


def test_one_reading_or_readings_of_different_observations_have_no_mean(seen, case):
    one = reading(case, reader="AB")
    with pytest.raises(ReadingError, match="at least two"):
        averaged(seen, [one], at=AT)
    with pytest.raises(ReadingError, match="different observations"):
        averaged(seen, [one, reading(case, reader="CD", observations="other")], at=AT)
