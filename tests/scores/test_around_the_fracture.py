"""VBQ in perspective, L1 on CT, mobility at 5 weeks, alerts, NOGG, RAND/UCLA, ACR: by hand, around each limit."""

import pytest

from ovcf.scores.evaluate import classify
from ovcf.scores.registry import scores

E = 1e-6
VBQ, HU, MOBILITY, RISK, NOGG, RAND, ACR = (
    scores()[id_] for id_ in ("vbq", "l1-hu", "mobility", "neurological-risk", "nogg-ls-fn", "rand-ucla", "acr-variant")
)


def label(score, **facts):
    return classify(score, **facts).label


@pytest.mark.parametrize(
    ("vbq", "expected"),
    [
        (3.0 - E, "below 3.0"),
        (3.0, "3.0 to below 4.28"),
        (3.0 + E, "3.0 to below 4.28"),
        (4.28 - E, "3.0 to below 4.28"),
        (4.28, "at least 4.28"),
        (4.28 + E, "at least 4.28"),
    ],
)
def test_vbq_stands_beside_both_limits(vbq, expected):
    assert label(VBQ, vbq=vbq) == expected


def test_vbq_warns_of_lipids_field_strength_and_of_changes_that_are_none():
    plain = classify(VBQ, vbq=3.5, after_cement=True, hyperlipidaemia=False, field_strength=1.5)
    assert any("0.99" in a for a in plain.advisories)
    assert not any("lipids" in a or "3 T" in a or "before it" in a for a in plain.advisories)
    warned = classify(VBQ, vbq=3.5, after_cement=False, hyperlipidaemia=True, field_strength=3)
    assert sum(word in " ".join(warned.advisories) for word in ("blood lipids", "2.20 against 2.77", "before it")) == 3
    assert "INC-42" in warned.evidence
    assert classify(VBQ).label is None


@pytest.mark.parametrize(
    ("hu", "expected"),
    [
        (100 - E, "below 100 HU"),
        (100, "100 to 110 HU"),
        (110, "100 to 110 HU"),
        (110 + E, "above 110 to 160 HU"),
        (160, "above 110 to 160 HU"),
        (160 + E, "above 160 to 200 HU"),
        (200, "above 160 to 200 HU"),
        (200 + E, "above 200 HU"),
        (-40, "below 100 HU"),
    ],
)
def test_bands_of_l1_on_ct(hu, expected):
    found = classify(HU, l1_hu=hu)
    assert found.label == expected
    assert any("NASOVCF does not take it" in a for a in found.advisories)


def test_a_broken_l1_says_nothing_of_its_bone():
    assert label(HU, l1_hu=90, l1_affected=True) == "not usable"
    assert label(HU, l1_hu=90, l1_affected=False) == "below 100 HU"
    assert label(HU) is None


@pytest.mark.parametrize(
    ("sitting", "decubitus", "expected"),
    [
        (14.0, 16.1, "at most 2.1 mm"),
        (16.1, 14.0, "at most 2.1 mm"),
        (14.0, 16.1 + E, "more than 2.1 mm"),
        (14.0, 14.0, "at most 2.1 mm"),
        (20.0, 14.0, "more than 2.1 mm"),
    ],
)
def test_mobility_at_5_weeks(sitting, decubitus, expected):
    assert label(MOBILITY, anterior_height_sitting_mm=sitting, anterior_height_decubitus_mm=decubitus) == expected


def test_mobility_names_what_is_missing_and_another_week():
    found = classify(MOBILITY, anterior_height_sitting_mm=14)
    assert (found.label, found.missing) == (None, ("anterior height lying on the side",))
    heights = {"anterior_height_sitting_mm": 14, "anterior_height_decubitus_mm": 15}
    weeks = {w: bool(classify(MOBILITY, **heights, weeks=w).flags) for w in (4 - E, 4, 5, 6, 6 + E)}
    assert list(weeks.values()) == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("canal", "dynamic", "expected"),
    [
        (42, 15, "no alert"),
        (42 + E, 15, "alert"),
        (42, 15 + E, "alert"),
        (42 + E, None, "alert"),
        (None, 15 + E, "alert"),
        (42, None, None),
        (None, 15, None),
    ],
)
def test_an_alert_needs_one_and_its_absence_both(canal, dynamic, expected):
    found = classify(RISK, canal_compromise_percent=canal, dynamic_angle_change_deg=dynamic)
    assert found.label == expected
    assert any("spine-surgical review" in a for a in found.advisories) == (expected == "alert")


@pytest.mark.parametrize(
    ("frax", "lumbar", "neck", "meaning"),
    [
        (20, -3.5, -2.0, "the lumbar spine lies 1.5 SD lower: 20.0% becomes 23.0%"),  # 20 + 0.1 x 20 x 1.5
        (18, -3.0, -2.0, "the lumbar spine lies 1.0 SD lower: 18.0% becomes 19.8%"),
        (98, -5.0, -4.0, "the lumbar spine lies 1.0 SD lower: 98.0% becomes 100.0%"),  # 107.8 is no risk
    ],
)
def test_nogg_adds_a_tenth_for_each_standard_deviation(frax, lumbar, neck, meaning):
    found = classify(NOGG, frax_mof_percent=frax, t_lumbar_spine=lumbar, t_femoral_neck=neck)
    assert (found.label, found.meaning) == ("raised", meaning)


def test_nogg_is_for_a_lower_spine_alone():
    assert label(NOGG, frax_mof_percent=20, t_lumbar_spine=-2.0, t_femoral_neck=-2.0) == "not adjusted"
    assert label(NOGG, frax_mof_percent=20, t_lumbar_spine=-1.0, t_femoral_neck=-2.0) == "not adjusted"
    assert set(classify(NOGG, frax_mof_percent=20).missing) == {
        "T-score of the lumbar spine",
        "T-score of the femoral neck",
    }


@pytest.mark.parametrize(
    ("signs", "expected"),
    [(0, "none"), (1, "low"), (3, "low"), (4, "intermediate"), (6, "intermediate"), (7, "high"), (10, "high")],
)
def test_rand_ucla_counts_signs_and_says_who_paid(signs, expected):
    found = classify(RAND, signs=signs)
    assert found.label == expected
    assert any("Medtronic" in a for a in found.advisories)
    assert any("2 to 4 weeks" in a for a in found.advisories)


SURE = {"malignancy": False, "mri": True, "osteoporotic": True, "red_flags": False, "contraindication": False}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "variant 2"),
        ({"edema": False}, "variant 2"),
        ({"mri": False}, "variant 1"),
        ({"contraindication": True, "edema": True}, "variant 3"),
        ({"contraindication": True, "edema": False}, "not covered"),
        ({"malignancy": True}, "not covered"),
        ({"red_flags": True}, "not covered"),
        ({"osteoporotic": False}, "not covered"),
        ({"osteoporotic": None}, None),
        ({"contraindication": True}, None),
        ({"malignancy": None}, None),
    ],
)
def test_acr_variants(changed, expected):
    found = classify(ACR, **{**SURE, **changed})
    assert found.label == expected
    assert any("One position among several" in a for a in found.advisories)
