"""What is asked of the network on real images: only what their readers drew."""

import numpy as np
import pytest

from training.mri import partial_labels as labels
from training.mri import real_mri, sunk_endplates

SHAPE = (120, 80)
#: A column of squares (row, column): L1 begins at row 20, S1 ends at row 118.
POLYGONS = {
    level: np.array([[r, 20.0], [r, 36.0], [r + 12, 36.0], [r + 12, 20.0]])
    for level, r in zip((*labels.LUMBAR, "S1"), range(20, 116, 16), strict=True)
}
BODY, SACRUM, DISC, ARCH = (labels.one_of(x) for x in ("body", "sacrum", "disc", "arch"))
CANAL = labels.one_of("canal", "cord")


@pytest.fixture(scope="module")
def polygons():
    return labels.of_polygons(POLYGONS, SHAPE, 2.0)


def test_what_lies_above_the_first_drawn_vertebra_may_be_anything_but_sacrum(polygons) -> None:
    assert (polygons[:14] == labels.UNKNOWN & ~SACRUM).all()


def test_the_drawn_bodies_are_bodies_and_the_drawn_s1_is_sacrum(polygons) -> None:
    assert [polygons[r + 6, 28] for r in range(20, 100, 16)] == [BODY] * 5
    assert polygons[106, 28] == SACRUM


def test_nothing_beside_or_below_the_drawn_bodies_is_a_body_but_it_may_be_anything_else(polygons) -> None:
    for row, column in ((30, 60), (30, 5), (90, 28 - 20), (118, 70)):
        assert polygons[row, column] & BODY == 0
        assert polygons[row, column] & DISC
        assert polygons[row, column] & ARCH
    assert polygons[118, 70] & SACRUM
    assert polygons[60, 60] & SACRUM == 0


def test_borders_are_left_to_the_network_within_two_pixels(polygons) -> None:
    across = polygons[26, :] & BODY > 0
    inside = polygons[26, :] == BODY
    assert np.flatnonzero(across).tolist() == list(range(18, 39))
    assert np.flatnonzero(inside).tolist() == list(range(22, 35))


@pytest.fixture(scope="module")
def mask():
    """Two vertebrae with arches, a disc below each, the canal behind."""
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[10:100, 40:50] = labels.CANAL
    for r in (10, 40):
        drawn[r : r + 20, 15:38] = labels.VERTEBRA
        drawn[r : r + 12, 52:70] = labels.VERTEBRA
        drawn[r + 22 : r + 28, 15:38] = labels.DISC
    return drawn


def sets_of(mask, *, middle):
    return labels.of_mask(mask, np.full(SHAPE[0], 40.0), middle=middle, pixel_mm=1.0, reach_px=1.0)


def test_a_whole_vertebra_is_body_before_the_canal_and_arch_behind_it(mask) -> None:
    sets = sets_of(mask, middle=True)
    assert sets[20, 25] == BODY
    assert sets[15, 60] == ARCH
    assert sets[35, 25] == DISC


def test_the_canal_is_asked_for_in_the_middle_slices_only(mask) -> None:
    assert sets_of(mask, middle=True)[20, 45] == CANAL
    beside = sets_of(mask, middle=False)
    assert beside[20, 45] == labels.one_of("background", "canal", "cord")
    assert beside[20, 75] & CANAL


def test_below_the_lowest_disc_where_no_sacrum_was_drawn_only_body_and_disc_are_excluded(mask) -> None:
    sets = sets_of(mask, middle=True)
    assert sets[90, 25] == labels.UNKNOWN & ~(BODY | DISC)
    assert sets[35, 5] == labels.one_of("background")


def test_the_front_of_the_canal_is_that_of_its_middle_slices(mask) -> None:
    wider = mask.copy()
    wider[:, 30:50][mask[:, 40:60] == labels.CANAL] = labels.CANAL
    front = labels.canal_front(np.stack([wider, mask, wider]), np.array([False, True, False]))
    assert (front == 40).all()


def test_salt_is_taken_out_and_marrow_left() -> None:
    image = np.full((40, 40), 0.5, np.float32)
    image[:, 20:] = 0.2
    salted = image.copy()
    salted[7, 9] = salted[30, 31] = 1.0
    assert np.abs(real_mri.without_salt(salted) - image).max() < 1e-6


def test_lordosis_tells_which_side_is_anterior() -> None:
    anterior_left = {
        level: np.array([[r, c], [r, c + 16.0], [r + 12, c + 16], [r + 12, c]])
        for level, r, c in zip((*labels.LUMBAR, "S1"), range(20, 116, 16), (30, 26, 23, 22, 24, 30), strict=True)
    }
    assert not real_mri.bows_backwards(anterior_left)
    assert real_mri.bows_backwards({k: np.stack([p[:, 0], 80 - p[:, 1]], axis=1) for k, p in anterior_left.items()})


def test_landmarks_are_those_of_the_body_alone_and_anterior_ones_are_not_learnt(mask) -> None:
    six = real_mri.six_of_bodies(mask, np.full(SHAPE[0], 40.0), real_mri.PIXEL_MM)
    # A drawn body of rows 10 to 29 and columns 15 to 37 ends half a pixel outside them.
    assert np.allclose(six[0, :4], [[9.5, 14.5], [9.5, 37.5], [29.5, 14.5], [29.5, 37.5]], atol=0.8)
    assert np.allclose(six[0, 4:], [[9.5, 26], [29.5, 26]], atol=0.3)
    points = real_mri.learnt_points(six)
    assert np.isnan(points[:, [0, 2]]).all()
    assert np.allclose(points[0, [1, 3]], [[9.5, 37.5], [29.5, 37.5]], atol=1.2)


def test_a_sunk_endplate_takes_the_disc_into_the_body_and_leaves_corners_and_the_other_endplate() -> None:
    corners = np.array([[40.0, 20.0], [40.0, 60.0], [70.0, 20.0], [70.0, 60.0]])
    sets = np.full((100, 80), labels.one_of("background"), np.uint8)
    sets[40:70, 20:60], sets[33:40, 20:60] = BODY, DISC
    dent = sunk_endplates.dent_of(np.random.default_rng(1), corners, 1.0)
    dent = dent._replace(start=corners[0], inwards=np.array([1.0, 0.0]), depth=10.0, place=0.5, width=0.25)
    images, moved = sunk_endplates.dented(np.random.default_rng(2), sets[None].astype(np.float32), sets, dent)
    body = np.flatnonzero(moved[:, 40] == BODY)
    assert body[0] == pytest.approx(50, abs=1)
    assert body[-1] == 69
    assert (moved[40:49, 40] == DISC).all()
    assert (moved[:, [21, 58]] == sets[:, [21, 58]]).all()
    assert images.shape == (1, *sets.shape)


@pytest.mark.skipif(not (real_mri.DATA / "mri-t1-polygons").exists(), reason="the real exams are not at hand")
def test_no_patient_that_judges_is_learnt_from() -> None:
    judged, learnt = ({name[:7] for name in real_mri.t1_names(judge=j)} for j in (True, False))
    assert judged
    assert not judged & learnt
    assert not set(real_mri.t2_patients(judge=True)) & set(real_mri.t2_patients(judge=False))


def test_the_loss_asks_only_that_the_class_is_one_of_those_it_may_be() -> None:
    torch = pytest.importorskip("torch")
    from training.network.losses import partial_loss

    logits = torch.zeros(1, 13, 8, 8)
    unknown = torch.full((1, 8, 8), labels.UNKNOWN)
    assert float(partial_loss(logits, unknown)[0]) == pytest.approx(0, abs=1e-6)
    # Seven classes alike: body or arch has two sevenths of the probability.
    either = torch.full((1, 8, 8), BODY | ARCH)
    assert float(partial_loss(logits, either)[0]) == pytest.approx(0.7 * np.log(7 / 2), abs=1e-3)
