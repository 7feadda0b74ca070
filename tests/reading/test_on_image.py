"""A landmark is found again on the stored image: the pixel of the file that it names lies where the point lies."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.uid import DigitalXRayImageStorageForPresentation

from ovcf.geometry import SagittalPlane
from ovcf.imaging.files.multiframe import frames_of
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.read import read_study
from ovcf.landmarks import Source
from ovcf.reading.observations import LandmarkSet
from ovcf.reading.observing.observe import _facts
from ovcf.reading.on_image import on_image
from ovcf.segmentation.film.radiograph_held import Flip, as_the_reader_says
from ovcf.vocabulary import Modality
from tests.imaging.build_dicom import AXIAL, Scan, blank, enhanced, with_pixels, write
from tests.imaging.test_dicom import T2, turn

POINTS = ((3.0, 4.0), (7.5, 4.2), (3.1, 12.0), (7.4, 12.6))


def files(folder):
    return {ds.SOPInstanceUID: ds for ds in map(pydicom.dcmread, sorted(folder.glob("*.dcm")))}


def in_patient(ds, number, column, row):
    """LPS of a stored pixel by PS3.3 C.7.6.2.1.1; DICOM's count starts at the outer corner of the first pixel."""
    frame = frames_of(ds)[number - 1]
    along = np.array(frame.get("ImageOrientationPatient"), float).reshape(2, 3)
    down_mm, across_mm = map(float, frame.get("PixelSpacing"))
    corner = np.array(frame.get("ImagePositionPatient"), float)
    return corner + along[0] * across_mm * (column - 0.5) + along[1] * down_mm * (row - 0.5)


def observed(folder):
    (series,) = read_study(folder).series
    return series, _facts(series)


def set_in(plane):
    return LandmarkSet(id="a", name="made", series="x", source=Source(modality=Modality.MR), plane=plane)


@pytest.mark.parametrize("several_frames", [False, True])
@pytest.mark.parametrize("degrees", [(0, 0, 0), (4, -9, 6)])
def test_a_point_in_the_plane_lies_on_the_named_pixel_of_the_nearest_slice(tmp_path, several_frames, degrees):
    scan = Scan(tags=T2, turned=turn(*degrees))
    order = [3, 0, 6, 1, 5, 2, 4]
    if several_frames:
        write(tmp_path, [enhanced(scan, order)])
    else:
        scan.write(tmp_path, order)
    series, seen = observed(tmp_path)
    middle = mid_sagittal_plane(series.image)
    for off, wanted in ((0.0, 3), (5.0, None), (-7.9, None)):
        origin = np.array(middle.origin) + off * middle.normal
        plane = SagittalPlane(tuple(origin), middle.posterior, middle.caudal)
        found = on_image(seen, set_in(plane), POINTS)
        ds = files(tmp_path)[found.frame.instance]
        for point, (column, row) in zip(POINTS, found.points, strict=True):
            there = in_patient(ds, found.frame.number, column, row)
            apart = there - plane.to_patient(point)
            assert abs(float(apart @ plane.posterior)) < 0.02
            assert abs(float(apart @ plane.caudal)) < 0.02
            assert abs(float(apart @ plane.normal)) == pytest.approx(found.off_mm, abs=0.02)
        assert found.off_mm <= scan.spacing[0] / 2
        assert found.sop_class == ds.SOPClassUID
        assert found.series_uid == ds.SeriesInstanceUID
        if wanted is not None:
            middle_slice = [frames_of(ds)[found.frame.number - 1].get("ImagePositionPatient")]
            assert np.allclose(middle_slice, scan.corner(wanted), atol=1e-3)


def test_a_plane_beside_the_stack_or_across_it_lies_on_no_image(tmp_path):
    Scan(tags=T2).write(tmp_path / "sagittal")
    series, seen = observed(tmp_path / "sagittal")
    middle = mid_sagittal_plane(series.image)
    beside = replace(middle, origin=tuple(np.array(middle.origin) + 15 * middle.normal))
    assert on_image(seen, set_in(beside), POINTS) is None
    Scan(plane=AXIAL, spacing=(1.4, 1.5, 1.25), tags={"SeriesDescription": "T2 SPACE"}).write(tmp_path / "axial")
    series, seen = observed(tmp_path / "axial")
    assert on_image(seen, set_in(mid_sagittal_plane(series.image)), POINTS) is None


@pytest.mark.parametrize("orientation", [["P", "F"], ["A", "F"], ["P", "H"], ["A", "H"], ["F", "P"], ["H", "A"]])
@pytest.mark.parametrize("flip", list(Flip))
@pytest.mark.parametrize("calibrated", [True, False])
def test_a_point_on_a_turned_or_flipped_radiograph_names_the_stored_pixel(tmp_path, orientation, flip, calibrated):
    stored = np.arange(30 * 20).reshape(30, 20)
    ds = with_pixels(blank(DigitalXRayImageStorageForPresentation, "DX"), stored)
    ds.PatientOrientation, ds.PixelSpacing = orientation, [0.2, 0.3]
    if calibrated:
        ds.PixelSpacingCalibrationType = "FIDUCIAL"
    write(tmp_path, [ds])
    (series,) = read_study(tmp_path).series
    series = as_the_reader_says(series, series.image, flip)
    seen = _facts(series)
    down, across = (
        series.image.spacing_mm if calibrated else (1.0, series.image.spacing_mm[1] / series.image.spacing_mm[0])
    )
    rows, columns = series.image.pixels.shape
    shown = [(c, r) for c in (0, 3, columns - 1) for r in (0, 5, rows - 1)]
    source = Source(modality=Modality.RADIOGRAPH, calibrated=calibrated)
    film = LandmarkSet(id="a", name="film", series=series.uid, source=source)
    found = on_image(seen, film, [(c * across, r * down) for c, r in shown])
    assert (found.frame.instance, found.frame.number) == (ds.SOPInstanceUID, 1)
    for (c, r), (column, row) in zip(shown, found.points, strict=True):
        assert stored[int(row), int(column)] == series.image.pixels[r, c]
        assert (column % 1, row % 1) == pytest.approx((0.5, 0.5))


def test_what_is_no_dicom_lies_on_no_stored_image(seen):
    (landmarks, *_) = seen.landmarks
    assert on_image(seen.get_series(landmarks.series), landmarks, POINTS) is None
    assert on_image(None, landmarks, POINTS) is None


def test_landmarks_and_measurements_of_a_digital_patient_name_the_slice_they_lie_on(digital):
    seen, _ = digital
    (landmarks, *_) = seen.landmarks
    series = seen.get_series(landmarks.series)
    points = [p for v in landmarks for p in v.points]
    found = on_image(series, landmarks, points)
    assert landmarks.source.instance_uid == found.frame.instance
    assert found.frame.instance in series.instances
    assert found.off_mm <= max(series.spacing_mm) / 2
