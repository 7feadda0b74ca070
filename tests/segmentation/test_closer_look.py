"""The middles of the bodies are read again on finer pixels: what both readings see lies where it lay."""

import numpy as np
import pytest

from ovcf.segmentation.network.closer_look import FINER, closer_look
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import CLASSES, PIXEL_MM, POINTS, slice_maps
from tests.segmentation.shapes import reordered
from tests.segmentation.test_inference import CENTRE, bright_is_body, bright_rod, centre_of_body


def spine_in(volume, network=bright_is_body):
    return fused(slice_maps(volume, network))


@pytest.mark.parametrize("mm", [0.5, 0.8, 1.3])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1)])
def test_a_body_stays_at_its_place(mm, flips):
    volume = reordered(bright_rod((4.0, mm, mm)), (1, 2, 0), flips)
    spine = spine_in(volume)
    twice = closer_look(spine, volume, bright_is_body)
    assert len(twice) == len(spine) == 1
    assert centre_of_body(twice.maps) == pytest.approx(CENTRE, abs=0.3)
    middle = twice.maps.of("body").max(axis=0) > 0.5
    assert middle.sum() * PIXEL_MM**2 == pytest.approx(np.pi * 14**2, rel=0.12)


def test_only_the_slices_next_to_the_middle_of_a_body_are_read_again_and_their_surroundings_stay():
    volume = bright_rod()
    spine = spine_in(volume)
    read = []

    def network(slices):
        read.append(len(slices))
        out = np.zeros((len(slices), len(CLASSES) + len(POINTS), *slices.shape[2:]), np.float32)
        out[:, CLASSES.index("disc")] = 1
        return out

    twice = closer_look(spine, volume, network)
    changed = np.abs(twice.maps.of("disc") - spine.maps.of("disc")) > 0.01
    slices = np.flatnonzero(changed.any(axis=(1, 2)))
    assert sum(read) == len(slices) == 3
    assert not changed[:, 0].any()
    before, after = (one.maps.of("disc")[slices][spine.instances[slices] > 0] for one in (spine, twice))
    assert after == pytest.approx((before + 1) / 2, abs=0.01)
    assert (twice.instances == spine.instances).all()


@pytest.mark.parametrize(("across_mm", "slices"), [(6.0, 3), (4.0, 3), (2.5, 3), (1.5, 4)])
def test_three_millimetres_or_the_next_slice_are_read_again_to_either_side_of_the_middle(across_mm, slices):
    volume = bright_rod((across_mm, 1.0, 1.0), size_mm=(13 * across_mm, 90, 100))
    spine = spine_in(volume)
    read = []

    def network(given):
        read.append(len(given))
        return bright_is_body(given)

    closer_look(spine, volume, network)
    assert sum(read) == slices


def test_the_slices_beside_those_that_are_read_again_are_seen_as_well():
    """Neighbours are those of the series, not of what is read."""
    volume = bright_rod()
    spine = spine_in(volume)
    seen = []

    def network(given):
        seen.append(given)
        return bright_is_body(given)

    closer_look(spine, volume, network)
    own, one, other = np.moveaxis(np.concatenate(seen), 1, 0)
    assert np.array_equal(one[1:], own[:-1])
    assert np.array_equal(other[:-1], own[1:])
    assert not any(np.array_equal(one[0], slice_) or np.array_equal(other[-1], slice_) for slice_ in own)


def test_the_second_reading_is_of_finer_pixels():
    volume = bright_rod()
    shapes = []

    def network(slices):
        shapes.append(slices.shape[2:])
        return bright_is_body(slices)

    spine = spine_in(volume, network)
    first = max(shapes)
    closer_look(spine, volume, network)
    # The rod and its margins are the whole image, so that the second is as many pixels larger as they are finer.
    assert shapes[-1][0] * FINER == pytest.approx(first[0], rel=0.2)


def test_an_image_without_bodies_is_not_read_again():
    def nothing(slices):
        out = np.zeros((len(slices), len(CLASSES) + len(POINTS), *slices.shape[2:]), np.float32)
        out[:, 0] = 1
        return out

    spine = spine_in(bright_rod(), nothing)
    assert len(spine) == 0
    assert closer_look(spine, bright_rod(), bright_is_body) is spine
