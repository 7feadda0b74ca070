"""Films as they are sent on, whole lumbar films in a pelvis, and real anatomy shown as a film."""

from pathlib import Path

import numpy as np
import pytest

from ovcf.anatomy import Level
from training.films.lumbar_radiographs import lumbar_radiograph
from training.films.printed import printed
from training.films.real_films import real_views
from training.mri.partial_labels import one_of

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "mri-t1-polygons"


@pytest.fixture(scope="module")
def film():
    return lumbar_radiograph(77_500, usual=True)


def test_a_print_keeps_the_size_and_its_greys_within_the_range():
    picture = np.random.default_rng(0).random((120, 90), np.float32)
    for seed in range(12):
        out = printed(np.random.default_rng(seed), picture)
        assert out.shape == picture.shape
        assert out.min() >= 0
        assert out.max() <= 1


def test_a_print_has_no_more_than_256_greys():
    out = printed(np.random.default_rng(3), np.random.default_rng(0).random((200, 200), np.float32))
    assert len(np.unique(np.round(out * 255, 4))) <= 256


def test_what_is_printed_shows_the_same_picture():
    """Borders, words and compression lie over it; they do not move it."""
    rows, columns = np.mgrid[:160, :160]
    picture = (0.5 + 0.4 * np.sin(rows / 9) * np.cos(columns / 13)).astype(np.float32)
    like = [np.corrcoef(printed(np.random.default_rng(k), picture).ravel(), picture.ravel())[0, 1] for k in range(20)]
    assert np.median(like) > 0.8


def test_a_lumbar_film_shows_the_junction_with_its_truth(film):
    rows, columns = film.pixels.shape
    inside = {v.level for v in film.landmarks if (v.array[:4] > 0).all() and (v.array[:4] < (columns, rows)).all()}
    assert {Level.L3, Level.L4, Level.L5} <= inside


def test_a_seed_gives_the_same_lumbar_film_again(film):
    assert np.array_equal(lumbar_radiograph(77_500, usual=True).pixels, film.pixels)


def test_the_stated_spacing_is_that_of_the_detector_behind_the_patient(film):
    assert film.spacing_mm > film.mm


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder with real MRI is not here")
def test_a_real_anatomy_is_asked_only_where_its_reader_drew():
    images, sets = real_views(np.random.default_rng(1), 77_501, 3)
    assert images.shape == (3, 1, 192, 192)
    assert np.isfinite(images).all()
    assert (sets > 0).all()
    assert (sets == one_of("body")).any() or (sets == one_of("sacrum")).any()
