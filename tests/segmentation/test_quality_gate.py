"""What is too poor to measure is withheld, and it says why."""

import numpy as np

from ovcf.anatomy import Level
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.segmentation.landmark_maps import MappedPoints
from ovcf.segmentation.quality_gate import disagreement, misshapen, uncertain_bodies
from tests.segmentation.shapes import FLAT, NORMAL, WEDGE


def mapped(sd=0.8):
    return MappedPoints(np.zeros((6, 3)), np.full(6, sd))


def test_a_sure_body_passes():
    assert uncertain_bodies([0.95], [1.0], [mapped()]) == {}


def test_each_doubt_withholds_with_its_own_reason():
    found = uncertain_bodies([0.5, 0.9, 0.9, 0.9], [1, 0.1, 1, 1], [mapped(), mapped(), mapped(4.2), mapped(np.nan)])
    assert [found[k].split()[0:3] for k in (1, 2, 3, 4)] == [
        ["the", "model", "is"], ["no", "canal", "is"], ["its", "corners", "are"], ["its", "corners", "are"]
    ]  # fmt: skip
    assert "4.2 mm" in found[3]


def of(level, corners, shift=0.0, **source):
    return VertebraLandmarks.from_array(level, np.asarray(corners) + np.array([0, shift]), source=Source(**source))


def test_normal_wedged_and_flat_bodies_are_vertebrae():
    spine = SpineLandmarks(vertebrae=(of(Level.L1, NORMAL), of(Level.L2, WEDGE, 34), of(Level.L3, FLAT, 68)))
    assert misshapen(spine) == {}


def test_bodies_of_impossible_size_are_not():
    square, stick = np.asarray(NORMAL) * 2.2, np.asarray(NORMAL) * [0.35, 1.2]
    spine = SpineLandmarks(vertebrae=(of(Level.L1, square), of(Level.L2, stick, 90)))
    assert set(misshapen(spine)) == {Level.L1, Level.L2}
    assert "75 mm" in misshapen(spine)[Level.L1]


def test_size_alone_says_nothing_without_calibration():
    spine = SpineLandmarks(vertebrae=(of(Level.L1, np.asarray(NORMAL) * 9, calibrated=False),))
    assert misshapen(spine) == {}


def test_contrasts_that_disagree_withhold_the_level():
    first = {Level.L1: np.zeros((6, 3)), Level.L2: np.zeros((6, 3)), Level.L3: np.zeros((6, 3))}
    second = {Level.L1: np.full((6, 3), 3.0), Level.L2: np.full((6, 3), 0.5)}
    found = disagreement(first, second)
    assert set(found) == {Level.L1}
    assert "5.2 mm apart" in found[Level.L1]


def test_one_odd_landmark_is_no_disagreement():
    odd = np.zeros((6, 3))
    odd[0] = 9.0
    assert disagreement({Level.L1: np.zeros((6, 3))}, {Level.L1: odd}) == {}
