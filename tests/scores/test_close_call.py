"""Too close to call: hand-computed bands on both sides of each limit, and what stands in place of a published error."""

import pytest

from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.guidance.evidence import evidence
from ovcf.scores.prognosis.close_call import READERS_KYPHOSIS_DEG, READERS_VHL_PERCENT, close_call, near_progression

FAR = 1e-6


def test_the_standard_errors_are_those_of_the_printed_limits():
    """12.53 and 8.7 are 1.96 times the SD of the difference of two readers: root 2 times one reader's error."""
    assert pytest.approx(12.53 / 2.7719, abs=1e-3) == READERS_VHL_PERCENT
    assert pytest.approx(8.7 / 2.7719, abs=1e-3) == READERS_KYPHOSIS_DEG
    within, between = evidence("buckens-2013")["standard_error_percent_within_and_between_observers"]
    assert (within, between) == pytest.approx((11.75 / 2.7719, 12.53 / 2.7719), abs=0.05)
    assert evidence("kyphosis-readers")["standard_error_deg_within_and_between_readers"] == pytest.approx(
        (9.6 / 2.7719, 8.7 / 2.7719), abs=0.05
    )


@pytest.mark.parametrize(("limit", "at"), [("vhl", 15), ("kyphosis", 15)])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_own_band_of_one_value_is_1_96_standard_deviations(limit, at, side):
    """SD 2: 3.92 to both sides; the edge itself is too close."""
    for off, label in (
        (0, "too close to call"),
        (3.92, "too close to call"),
        (3.92 + FAR, "too close between readers"),
    ):
        assert close_call(limit, at + side * off, sd=2).label == label, off


@pytest.mark.parametrize("side", [-1, 1])
def test_a_change_errs_by_the_root_of_two_more(side):
    """SD 2 of each angle: 1.96 x 1.41421 x 2 = 5.54372."""
    assert close_call("progression", 10 + side * 5.5437, sd=2).label == "too close to call"
    assert close_call("progression", 10 + side * 5.5438, sd=2).label == "too close between readers"


@pytest.mark.parametrize(
    ("limit", "at", "band"), [("vhl", 15, 8.8600), ("kyphosis", 15, 6.1518), ("progression", 10, 8.7)]
)
def test_beyond_what_published_readers_differ_by_the_value_stands(limit, at, band):
    """12.53 and 8.7 over root 2 around a fixed limit; a change of two readers' angles by the printed 8.7 itself."""
    for side, label in ((1, "above the limit"), (-1, "below the limit")):
        assert close_call(limit, at + side * (band - 1e-3), sd=0.1).label == "too close between readers"
        assert close_call(limit, at + side * (band + 1e-3), sd=0.1).label == label


def test_a_reliability_study_of_the_site_stands_in_place_of_the_published_one():
    assert close_call("vhl", 19, sd=0.1).label == "too close between readers"
    assert close_call("vhl", 19, sd=0.1, readers_sem=2).label == "above the limit"  # 3.92 < 4
    assert close_call("vhl", 18.9, sd=0.1, readers_sem=2).label == "too close between readers"


def test_without_its_own_error_only_readers_are_told():
    found = close_call("vhl", 15)
    assert (found.label, found.missing) == ("too close between readers", ())
    assert "its own error allows: not known, that of readers: 8.9" in found.meaning


def test_where_a_site_gives_its_own_error_nothing_is_said_of_the_published_one():
    published = close_call("progression", 11)
    assert any("8.7°" in said for said in published.advisories)
    assert any("other measures" in said for said in published.advisories)
    assert close_call("progression", 11, readers_sem=1.5).advisories == ()


def test_that_the_ten_degrees_hardly_exceed_the_readers_is_said_of_progression_alone():
    said = [a for a in close_call("progression", 30).advisories if "hardly exceeds" in a]
    assert len(said) == 1
    assert not any("hardly" in a for a in close_call("vhl", 30).advisories)
    assert any("No reader study of Han" in a for a in close_call("vhl", 30).advisories)


def test_beside_a_progression_stands_whose_error_it_is():
    (said,) = near_progression(12, sd=1)
    assert said.startswith("too close to call: the error of the two angles allows ±2.8°, ")
    assert "published readers (of another angle) differ by ±8.7° on a change, the limit is 10°" in said
    assert near_progression(14, sd=1)[0].startswith("another reader could say otherwise")
    assert near_progression(14, sd=1, readers_sem=1) == ()
    assert near_progression(1.2) == ()
    assert near_progression(18.8) == ()


def test_what_cannot_be_is_refused():
    with pytest.raises(ScoreInputError, match="limit"):
        close_call("cobb", 15)
    with pytest.raises(ClinicalDataError):
        close_call("vhl", 15, sd=-1)
