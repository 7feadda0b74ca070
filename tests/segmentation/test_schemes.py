"""Which scheme a label map follows: expected numbers are those of the projects' own documentation."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError
from ovcf.segmentation.schemes import SCHEMES, is_subregion_map, recognise, scheme_named


def stack(labels, pitch):
    """Centres of labels given cranial to caudal."""
    return {k: np.array([0.0, 0.0, -pitch * i]) for i, k in enumerate(labels)}


@pytest.mark.parametrize(
    ("scheme", "number", "level"),
    [
        ("verse", 1, "C1"),
        ("verse", 8, "T1"),
        ("verse", 19, "T12"),
        ("verse", 20, "L1"),
        ("verse", 25, "L6"),
        ("verse", 28, "T13"),
        ("spineps", 24, "L5"),
        ("totalspineseg", 11, "C1"),
        ("totalspineseg", 21, "T1"),
        ("totalspineseg", 32, "T12"),
        ("totalspineseg", 41, "L1"),
        ("totalspineseg", 46, "L6"),
        ("totalsegmentator", 26, "S1"),
        ("totalsegmentator", 27, "L5"),
        ("totalsegmentator", 32, "T12"),
        ("totalsegmentator", 50, "C1"),
        ("totalsegmentator-mr", 2, "L5"),
        ("totalsegmentator-mr", 25, "C1"),
        ("totalsegmentator-v1", 18, "L5"),
        ("totalsegmentator-v1", 22, "L1"),
        ("totalsegmentator-v1", 41, "C1"),
    ],
)
def test_the_published_numbers(scheme, number, level):
    assert SCHEMES[scheme].levels[number] == Level(level)


@pytest.mark.parametrize(
    ("labels", "pitch", "scheme"),
    [
        ([18, 19, 20, 21, 22], 34, "verse"),
        ([8, 9, 10, 11], 20, "verse"),
        ([20, 21, 22, 23, 24, 25], 36, "verse"),
        ([33, 32, 31, 30, 29, 28, 27, 26], 34, "totalsegmentator"),
        ([40, 39, 38, 37], 25, "totalsegmentator"),
        ([22, 21, 20, 19, 18], 34, "totalsegmentator-v1"),
        ([32, 41, 42, 43, 44, 45, 50], 34, "totalspineseg"),
        ([31, 32, 41, 91, 42], 30, "totalspineseg"),
        ([21, 22, 23], 35, "verse"),
        ([21, 22, 23], 17, "totalspineseg"),
        ([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2], 30, "totalsegmentator-mr"),
        ([120, 220, 21, 121, 221, 22], 16, "spineps"),
    ],
)
def test_numbers_order_and_distances_decide(labels, pitch, scheme):
    assert recognise(stack(labels, pitch), "map.nii", subregions=False).name == scheme


def test_what_fits_two_schemes_is_asked_not_guessed():
    with pytest.raises(LabelSchemeError, match=r"VerSe or TotalSpineSeg"):
        recognise(stack([21, 22, 23], 27), "map.nii", subregions=False)
    with pytest.raises(LabelSchemeError, match=r"Name the scheme"):
        recognise(stack([22], 30), "map.nii", subregions=False)


def test_labels_that_may_just_count_are_asked_for_an_anchor():
    with pytest.raises(
        LabelSchemeError, match=r"vertebrae_mr.*or just count.*the level of one label.*cranial to caudal: 5, 4, 3, 2, 1"
    ):
        recognise(stack([5, 4, 3, 2, 1], 34), "map.nii", subregions=False)


def test_cervical_numbers_on_lumbar_vertebrae_are_not_believed():
    with pytest.raises(LabelSchemeError, match=r"C5 to C6 would be 34 mm.*cranial to caudal: 5, 6, 7"):
        recognise(stack([5, 6, 7], 34), "map.nii", subregions=True)


def test_an_unknown_number_is_named():
    assert "it knows no label 77" in SCHEMES["verse"].why_not(stack([20, 21, 77], 34))


def test_scheme_by_name():
    assert scheme_named("VerSe", "map.nii") is SCHEMES["verse"]
    assert scheme_named("instances", "map.nii") is None
    with pytest.raises(LabelSchemeError, match=r"no label scheme 'vrese'. Choose one of: verse, spineps"):
        scheme_named("vrese", "map.nii")


def test_a_subregion_map_is_told_from_a_vertebra_map():
    assert is_subregion_map([41, 42, 49, 60, 61, 100])
    assert not is_subregion_map([20, 21, 22])
    assert not is_subregion_map([41, 42, 43, 44, 45, 50])
    assert is_subregion_map([*range(41, 49), 50])
