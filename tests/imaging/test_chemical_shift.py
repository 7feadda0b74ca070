"""How far fat lies off: 3.4 ppm, so about 217 Hz at 1.5 T and 434 Hz at 3 T, over the bandwidth of a pixel."""

import numpy as np
import pytest

from ovcf.imaging.read import read_study
from tests.imaging.build_dicom import SAGITTAL, Scan

READ_OUT = {"PixelBandwidth": 108.57, "ImagingFrequency": 63.866, "InPlanePhaseEncodingDirection": "COL"}
"""Two pixels at 1.5 T, read out along the rows."""
ROW_MM, COLUMN_MM = 1.5, 1.25


def shift(folder, plane=SAGITTAL, **tags):
    scan = Scan(plane=plane, tags={"SeriesDescription": "SAG T1", **READ_OUT, **tags})
    scan.write(folder)
    (series,) = read_study(folder).series
    return series.fat_shift_mm


def test_fat_is_shifted_along_the_axis_that_is_not_phase_encoded(tmp_path):
    posterior = shift(tmp_path / "col")
    caudal = shift(tmp_path / "row", InPlanePhaseEncodingDirection="ROW")
    assert np.abs(posterior) == pytest.approx([0, 2 * COLUMN_MM, 0], rel=1e-3)
    assert np.abs(caudal) == pytest.approx([0, 0, 2 * ROW_MM], rel=1e-3)


def test_an_image_that_is_stored_turned_has_its_fat_shifted_to_the_same_side(tmp_path):
    turned = ((0, 0, -1), (0, 1, 0))  # along a row: caudal
    caudal = shift(tmp_path, turned)
    assert np.abs(caudal) == pytest.approx([0, 0, 2 * COLUMN_MM], rel=1e-3)


def test_the_shift_is_twice_as_large_at_three_tesla_and_half_at_twice_the_bandwidth(tmp_path):
    stronger = shift(tmp_path / "3T", ImagingFrequency=127.73)
    faster = shift(tmp_path / "fast", PixelBandwidth=217.14)
    assert np.linalg.norm(stronger) == pytest.approx(4 * COLUMN_MM, rel=1e-3)
    assert np.linalg.norm(faster) == pytest.approx(COLUMN_MM, rel=1e-3)


def test_the_field_strength_serves_where_the_frequency_is_missing(tmp_path):
    found = shift(tmp_path, ImagingFrequency=None, MagneticFieldStrength=1.5)
    assert np.linalg.norm(found) == pytest.approx(2 * COLUMN_MM, rel=1e-3)


def test_an_interpolated_image_has_its_fat_shifted_by_pixels_as_they_were_acquired(tmp_path):
    found = shift(tmp_path, AcquisitionMatrix=[5, 0, 0, 6])  # 10 columns are stored
    assert np.linalg.norm(found) == pytest.approx(2 * 2 * COLUMN_MM, rel=1e-3)


@pytest.mark.parametrize(
    "tags",
    [
        {"InPlanePhaseEncodingDirection": None},
        {"InPlanePhaseEncodingDirection": "OTHER"},
        {"PixelBandwidth": None},
        {"PixelBandwidth": 0},
        {"PixelBandwidth": -100},
        {"ImagingFrequency": None},
        {"ImagingFrequency": 0},
    ],
)
def test_nothing_is_said_where_a_tag_is_missing_or_impossible(tmp_path, tags):
    assert shift(tmp_path, **tags) is None


def test_a_ct_has_no_chemical_shift(tmp_path):
    Scan(modality="CT", tags=READ_OUT).write(tmp_path)
    (series,) = read_study(tmp_path).series
    assert series.fat_shift_mm is None
