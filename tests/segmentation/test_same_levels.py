"""Bodies of two images are taken for one and the same only where their shapes leave no doubt."""

import numpy as np
import pytest
from scipy import stats

from ovcf.anatomy import Level
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.segmentation.levels import same_levels
from ovcf.segmentation.levels.same_levels import MIN_BODIES, match

LEVELS = list(Level)
T9 = LEVELS.index(Level.T9)
#: Anterior and middle over posterior height of T9 to L4, one wedge and one biconcave fracture among them.
BROKEN = [(0.93, 0.92), (0.97, 0.90), (0.94, 0.93), (0.62, 0.70), (0.99, 0.90), (0.95, 0.68), (1.04, 0.92), (1.02, 0.9)]
EVEN = [(1.0, 1.0)] * 8


def spine(shapes, first=T9, size=30.0, noise=0.0, seed=0):
    """A column of bodies of these shapes, ``size`` mm high behind; ``noise`` is the SD of every point, mm."""
    rng = np.random.default_rng(seed)
    found = []
    for n, (anterior, middle) in enumerate(shapes):
        top = n * 1.4 * size
        ha, hm, hp = anterior * size, middle * size, size
        points = np.array(
            [
                (0, top + hp - ha),
                (size * 1.2, top),
                (0, top + hp),
                (size * 1.2, top + hp),
                (size * 0.6, top + (hp - hm) / 2),
                (size * 0.6, top + (hp + hm) / 2),
            ]
        )
        points += rng.normal(0, noise, points.shape)
        found.append(VertebraLandmarks.from_array(LEVELS[first + n], points))
    return SpineLandmarks(vertebrae=tuple(found))


@pytest.mark.parametrize("shift", [-2, -1, 0, 1, 2])
def test_the_offset_between_two_numberings_is_found_whatever_the_magnification(shift):
    for seed in range(5):
        film = spine(BROKEN, size=110.0, noise=1.0, seed=seed)
        found = match(spine(BROKEN, T9 + shift, noise=0.5, seed=seed + 100), film)
        assert (found.offset, found.bodies) == (shift, len(BROKEN))
        assert found.sure


def test_each_image_may_show_another_part_of_the_spine():
    found = match(spine(BROKEN[1:], T9 + 1), spine(BROKEN[:6], T9 - 1))
    assert (found.offset, found.bodies, found.sure) == (1, 5, True)


def test_a_fracture_that_opens_when_its_owner_lies_down_still_matches():
    lying = [*BROKEN[:3], (0.78, 0.80), *BROKEN[4:]]
    found = match(spine(lying), spine(BROKEN))
    assert found.offset == 0
    assert found.sure


def test_bodies_that_all_look_alike_are_not_told_apart():
    assert not match(spine(EVEN, T9), spine(EVEN, T9)).sure


def test_few_bodies_are_not_enough():
    assert not match(spine(BROKEN[2 : 2 + MIN_BODIES - 1]), spine(BROKEN)).sure


def test_another_spine_does_not_match():
    rng = np.random.default_rng(1)
    sure = 0
    for seed in range(40):
        one, other = ([tuple(rng.uniform(0.75, 1.05, 2)) for _ in range(8)] for _ in range(2))
        found = match(spine(one, noise=0.5, seed=seed), spine(other, noise=0.5, seed=seed + 1))
        sure += found.sure
    assert sure <= 1


def test_nothing_to_compare():
    assert match(spine(BROKEN), SpineLandmarks(vertebrae=())) is None


@pytest.mark.parametrize("sd", [0.05, 0.16])
def test_the_density_of_a_difference_is_that_of_students_t(sd):
    differences = np.array([0.0, 0.01, -0.2, 0.5, -3.0, np.nan])
    expected = stats.t.logpdf(differences, 3, 0, sd)
    np.testing.assert_allclose(same_levels._log_density(differences, sd), expected, rtol=1e-14)
