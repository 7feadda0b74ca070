"""A radiograph faces one way, and lengths are millimetres only where the scale is known."""

import numpy as np
import pytest
from pydicom.uid import DigitalXRayImageStorageForPresentation

from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture
from ovcf.workflow.slice_view import view_of
from tests.imaging.build_dicom import blank, with_pixels, write

STANDARD = np.arange(12).reshape(3, 4)  # columns run anterior to posterior, rows cranial to caudal


def radiograph(folder, pixels=STANDARD, photometric="MONOCHROME2", **tags):
    ds = with_pixels(blank(DigitalXRayImageStorageForPresentation, "DX"), np.ascontiguousarray(pixels), photometric)
    for keyword, value in {"PatientOrientation": ["P", "F"], **tags}.items():
        setattr(ds, keyword, value)
    write(folder, [ds])
    (series,) = read_study(folder).series
    return series


@pytest.mark.parametrize(
    ("stored", "orientation"),
    [
        (STANDARD, ["P", "F"]),
        (STANDARD[:, ::-1], ["A", "F"]),
        (STANDARD[::-1], ["P", "H"]),
        (STANDARD[::-1, ::-1], ["A", "H"]),
        (STANDARD.T, ["F", "P"]),
        (STANDARD.T[:, ::-1], ["H", "P"]),
        (STANDARD.T[::-1], ["F", "A"]),
        (STANDARD[:, ::-1], ["AR", "FP"]),
    ],
)
def test_it_is_turned_to_face_left_with_the_head_up(tmp_path, stored, orientation):
    spacing = [0.2, 0.1] if orientation[0][0] in "FH" else [0.1, 0.2]
    series = radiograph(tmp_path, stored, PatientOrientation=orientation, PixelSpacing=spacing)
    assert isinstance(series.image, ImagePlane)
    np.testing.assert_array_equal(series.image.pixels, STANDARD)
    assert series.image.spacing_mm == (0.1, 0.2)
    assert (series.role, series.modality) == (Role.RADIOGRAPH, Modality.RADIOGRAPH)


def test_an_unstated_orientation_is_said(tmp_path):
    series = radiograph(tmp_path, PatientOrientation=None, ViewPosition="LL")
    assert series.role is Role.RADIOGRAPH
    assert any("taken as stored" in reason for reason in series.reasons)


def test_monochrome1_is_inverted(tmp_path):
    series = radiograph(tmp_path, photometric="MONOCHROME1", BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(series.image.pixels, 4095 - STANDARD)


@pytest.mark.parametrize(
    ("tags", "calibration", "unit"),
    [
        ({}, Calibration.NONE, Unit.PIXEL),
        ({"ImagerPixelSpacing": [0.1, 0.1]}, Calibration.DETECTOR, Unit.PIXEL),
        ({"PixelSpacing": [0.1, 0.1]}, Calibration.DETECTOR, Unit.PIXEL),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.1, 0.1]}, Calibration.DETECTOR, Unit.PIXEL),
        ({"PixelSpacing": [0.09, 0.09], "ImagerPixelSpacing": [0.1, 0.1]}, Calibration.CALIBRATED, Unit.MM),
        ({"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"}, Calibration.CALIBRATED, Unit.MM),
    ],
)
def test_calibration(tmp_path, tags, calibration, unit):
    series = radiograph(tmp_path, **tags)
    assert series.image.calibration is calibration
    assert series.source("reader").length_unit is unit
    assert view_of(series, None).calibrated is (unit is Unit.MM)  # or a scale bar would state millimetres


@pytest.mark.parametrize(
    ("tags", "lateral"),
    [
        ({"PatientOrientation": ["L", "F"]}, False),
        ({"PatientOrientation": ["L", "F"], "SeriesDescription": "lateral"}, False),
        ({"PatientOrientation": None, "ViewPosition": "AP"}, False),
        ({"PatientOrientation": None, "ViewPosition": "RL"}, True),
        ({"PatientOrientation": None, "SeriesDescription": "LWS seitlich"}, True),
        ({"PatientOrientation": None, "SeriesDescription": "L-Spine AP/LAT"}, False),
        ({"PatientOrientation": None}, False),
    ],
)
def test_the_view(tmp_path, tags, lateral):
    series = radiograph(tmp_path, **tags)
    assert (series.role is Role.RADIOGRAPH) is lateral
    assert series.reasons[0]


def test_posture_by_description(tmp_path):
    assert radiograph(tmp_path, SeriesDescription="L-spine lateral standing").posture is Posture.STANDING


def test_both_views_of_one_series_are_read_each_for_itself(tmp_path):
    views = []
    for orientation in (["P", "F"], ["L", "F"]):
        ds = with_pixels(blank(DigitalXRayImageStorageForPresentation, "CR", "1.2.3"), STANDARD)
        ds.PatientOrientation = orientation
        views.append(ds)
    write(tmp_path, views)
    study = read_study(tmp_path)
    assert len(study.series) == 2
    assert study.get(Role.RADIOGRAPH).files == (str(tmp_path / "IM0000.dcm"),)
