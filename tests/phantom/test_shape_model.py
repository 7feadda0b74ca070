"""The packaged shape model is what the survey says, and behaves like the Gaussian it is."""

from itertools import pairwise

import numpy as np
import pytest

from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import shape_model as m
from scripts import derive_shape_model
from tests.shared_data import shared


@pytest.fixture(scope="module")
def people() -> derive_shape_model.People:
    return derive_shape_model.read(shared("nhanes-2013-2014"))


def drawn(n: int, **asked) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pairs = [m.packaged().draw(rng, **asked) for _ in range(n)]
    return np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs])


def test_packing_loses_nothing() -> None:
    contours, joints = drawn(3, male=True, age_years=60)
    again = m.unpack(m.pack(contours, joints, np.full(3, 170.0)))
    assert np.allclose(again[0], contours)
    assert np.allclose(again[1], joints)


def test_stacking_bodies_by_their_joints_is_undone_by_reading_the_joints() -> None:
    (contours,), (joints,) = drawn(1, male=False, age_years=70)
    placed = c.stack(contours, joints)
    assert np.allclose([c.joint_between(a, b) for a, b in pairwise(placed)], joints)
    assert np.allclose(c.own_frame(placed[8]), c.own_frame(contours[8]))


def test_a_smooth_curve_passes_through_its_points() -> None:
    (contours,), _ = drawn(1, male=False, age_years=70)
    curve = c.smooth(contours[0])
    assert np.linalg.norm(contours[0][:, None] - curve, axis=2).min(axis=1).max() < 1e-12


def test_a_given_stature_moves_the_size_of_the_spine_and_narrows_it() -> None:
    def length(**asked) -> np.ndarray:
        contours, joints = drawn(60, male=False, age_years=60, **asked)
        return np.linalg.norm(contours[..., c.SP, :] - contours[..., c.IP, :], axis=-1).sum(1) + joints[..., 2].sum(1)

    free, small, tall = length(), length(height_cm=150), length(height_cm=170)
    assert small.mean() < free.mean() < tall.mean()
    assert tall.std() < 0.9 * free.std()


def test_knowing_everything_leaves_no_doubt_and_knowing_nothing_leaves_the_prior() -> None:
    model = m.packaged()
    z = np.random.default_rng(1).standard_normal((1, model.modes.shape[1]))
    found, left = model.posterior(z @ model.modes.T, np.ones(m.SIZE, bool))
    assert np.abs(found - z).max() < 0.35
    assert np.trace(left) < 0.1 * len(left)
    found, left = model.posterior(np.zeros((1, m.SIZE)), np.zeros(m.SIZE, bool))
    assert np.allclose(found, 0)
    assert np.allclose(left, np.eye(len(left)))


def test_fewer_modes_keep_the_total_variance() -> None:
    model = m.packaged()
    total = [np.sum(x.modes**2) + m.SIZE * x.noise**2 for x in (model, model.truncated(10))]
    assert total[0] == pytest.approx(total[1])


def test_a_fifth_of_the_people_is_left_out(people: derive_shape_model.People) -> None:
    assert people.held_out.mean() == pytest.approx(0.2, abs=0.03)


def test_the_packaged_table_comes_out_of_the_survey_again(people: derive_shape_model.People) -> None:
    table = m.tables()
    learnt = people.normal & ~people.held_out
    assert list(table["people"]) == [learnt.sum(), (learnt & ~people.male).sum()]
    assert float(table["mm_per_pixel"]) == pytest.approx(people.mm_per_pixel, rel=1e-6)
    # A short fit suffices to find the mean, which is exact, and the leading modes.
    again = derive_shape_model.fit(
        people.vectors[learnt], people.male[learnt], people.age_years[learnt], modes=10, steps=10
    )
    assert np.allclose(again.mean, table["mean"], atol=1e-4)
    packaged = m.packaged()
    for k in range(5):
        cosine = again.modes[:, k] @ packaged.modes[:, k] / np.linalg.norm(again.modes[:, k])
        assert abs(cosine) / np.linalg.norm(packaged.modes[:, k]) > 0.98
        ratio = np.linalg.norm(again.modes[:, k]) / np.linalg.norm(packaged.modes[:, k])
        assert ratio == pytest.approx(1, abs=0.03)


def test_samples_have_the_ratios_of_people_the_model_never_saw(people: derive_shape_model.People) -> None:
    left_out = people.normal & people.held_out & ~people.male
    real = m.unpack(people.vectors[left_out])[0]
    made, _ = drawn(300, male=False, age_years=float(people.age_years[left_out].mean()))

    def wedge(contours: np.ndarray) -> np.ndarray:
        front, back = (
            np.linalg.norm(contours[..., a, :] - contours[..., b, :], axis=-1) for a, b in ((0, 22), (8, 14))
        )
        return front / back

    assert np.abs(np.nanmean(wedge(real), axis=0) - wedge(made).mean(axis=0)).max() < 0.02
    assert np.mean(wedge(made).std(axis=0) / np.nanstd(wedge(real), axis=0)) == pytest.approx(1, abs=0.15)
