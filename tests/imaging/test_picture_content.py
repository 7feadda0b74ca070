"""A picture of an MRI slice is not measured as a radiograph unless a reader says that it is one."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import zoom

from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.cli.remedies import words
from ovcf.errors import RemedyCode
from ovcf.imaging.files.picture_content import LOOKS_LIKE_A_SLICE, slice_probability
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build
from ovcf.vocabulary import Modality
from ovcf.workflow.from_files import draft_from_files
from tests.shared_data import shared
from tests.tptbox import tptbox


def middle_slice(path):
    """The middle sagittal slice, head up and of square pixels, as a viewer would show it."""
    image = read_study(path).series[0].image
    across, _ = image.axis_towards((1, 0, 0))
    down, _ = image.axis_towards((0, 0, 1))
    pixels = np.take(image.voxels, image.voxels.shape[across] // 2, axis=across).astype(float)
    spacing = [mm for axis, mm in enumerate(image.spacing_mm) if axis != across]
    pixels = zoom(pixels, [mm / min(spacing) for mm in spacing], order=1)
    return pixels if next(axis for axis in range(3) if axis != across) == down else pixels.T


def as_png(path, pixels, scale=1):
    low, high = pixels.min(), pixels.max()
    picture = Image.fromarray(np.uint8(255 * (pixels - low) / (high - low)))
    picture.resize([scale * n for n in picture.size], Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture(scope="module")
def mri():
    return middle_slice(tptbox("sub-mri_label-6_T2w.nii.gz"))


@pytest.fixture(scope="module")
def film():
    recipe, patient = build(completed(Recipe(seed=70_002, fractures=(), sacral_slope_deg=38.0)))
    patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), [0.0])
    return lateral_radiograph(recipe, patient, patient.middle, spacing_mm=1.5).pixels.astype(float)


def test_a_picture_of_mri_is_left_unmeasured_and_asked_about_with_a_typed_remedy(tmp_path, mri):
    path = as_png(tmp_path / "film.png", mri, scale=4)
    (series,) = read_study(path).series
    assert (series.role, series.modality) == (Role.OTHER, Modality.UNKNOWN)
    found = draft_from_files([path]).assessment
    assert any("looks like a slice of MRI" in warning for warning in found.warnings)
    assert not found.measurements
    (bodies,) = [one for one in found.withheld if one.name == VERTEBRAL_BODIES]
    assert bodies.remedy.code is RemedyCode.NAME_THE_ROLE
    assert '--role "film.png=lateral radiograph"' in words(bodies.remedy)


def test_a_reader_may_say_that_it_is_a_radiograph_and_the_doubt_stays(tmp_path, mri):
    path = as_png(tmp_path / "film.png", mri, scale=4)
    study = read_study(path, roles={"film.png": Role.RADIOGRAPH})
    assert (study.series[0].role, study.series[0].modality) == (Role.RADIOGRAPH, Modality.RADIOGRAPH)
    assert "looks like a slice of MRI" in study.doubts[0]


@pytest.mark.parametrize("turn", [np.asarray, np.fliplr, lambda pixels: -pixels, np.sqrt])
def test_a_film_is_measured_however_it_is_held_and_printed(tmp_path, film, turn):
    path = as_png(tmp_path / "film.png", turn(film))
    study = read_study(path)
    assert study.series[0].role is Role.RADIOGRAPH
    assert not study.doubts


def test_a_thumbnail_and_a_picture_of_one_grey_are_no_slice():
    assert slice_probability(np.zeros((20, 500))) == 0
    assert slice_probability(np.full((300, 200), 7)) < LOOKS_LIKE_A_SLICE


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_it_does_not_matter_how_a_picture_is_held_or_whether_it_is_inverted(mri, film, quarters, mirrored, inverted):
    for pixels, is_slice in ((zoom(mri, 4), True), (film, False)):
        held = np.rot90(np.fliplr(pixels) if mirrored else pixels, quarters)
        held = held.max() - held if inverted else held
        assert (slice_probability(held) >= LOOKS_LIKE_A_SLICE) is is_slice


def test_a_frame_of_any_grey_around_a_picture_does_not_matter(mri, film):
    for pixels, is_slice in ((zoom(mri, 4), True), (film, False)):
        for grey in (pixels.min(), pixels.mean(), pixels.max()):
            framed = np.pad(pixels, ((30, 50), (80, 20)), constant_values=grey)
            assert (slice_probability(framed) >= LOOKS_LIKE_A_SLICE) is is_slice


def upright_and_lying_inverted(pixels):
    return pixels, np.rot90(pixels.max() - pixels)


def test_no_film_of_real_people_is_taken_for_a_slice():
    for path in sorted(shared("lateral-films").glob("*.png")):
        for pixels in upright_and_lying_inverted(np.asarray(Image.open(path).convert("L"))):
            assert slice_probability(pixels) < LOOKS_LIKE_A_SLICE, path.name


def test_every_mri_of_real_people_that_was_never_fitted_to_is_taken_for_a_slice():
    for path in sorted(shared("mri-vertebral-bodies").glob("*_image.nii.gz")):
        for pixels in upright_and_lying_inverted(middle_slice(path)):
            assert slice_probability(pixels) >= LOOKS_LIKE_A_SLICE, path.name
