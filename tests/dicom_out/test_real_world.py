"""Images as archives hold them: computed radiography, other character sets, tags left out, films that were flipped."""

import os
import shutil
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.dicom_out.back.content import read_report, report_of
from ovcf.dicom_out.images.film import film_of
from ovcf.dicom_out.images.source_images import read_sources
from ovcf.dicom_out.write import dicom_objects
from ovcf.errors import OvcfError
from ovcf.imaging.files.archive import FoundFile
from ovcf.imaging.read import read_study
from ovcf.imaging.stored import StoredImages
from ovcf.imaging.study import Role
from ovcf.imaging.volume import ImagePlane
from ovcf.reading.observations import ObservedSeries
from ovcf.reading.observing.pictures import Picture, film_png, pictures_of
from ovcf.segmentation.film.radiograph_held import Flip, stood_up
from ovcf.vocabulary import Modality
from tests.dicom_out.conftest import errors_of
from tests.imaging.test_radiograph import radiograph

OPTIONAL = (
    "StudyID",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientAge",
    "StudyDescription",
    "PatientBirthDate",
    "PatientName",
    "SeriesDescription",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "ManufacturerModelName",
    "PositionReferenceIndicator",
    "PatientComments",
)


@pytest.fixture
def study(visit, tmp_path):
    """A copy of the study, and ``change(function)`` for each of its images."""
    shutil.copytree(visit / "study", tmp_path / "study")

    def change(function):
        for path in (tmp_path / "study").rglob("*.dcm"):
            ds = pydicom.dcmread(path)
            function(ds)
            ds.save_as(path)
        return tmp_path / "study"

    return change


def written(reading, study, folder):
    made = dicom_objects(reading, [study])
    for name, data in made.files().items():
        (folder / name).write_bytes(data)
    return made


def test_a_computed_radiograph(reading, study, tmp_path):
    def to_cr(ds):
        if ds.Modality == "DX":
            ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
            ds.Modality = "CR"

    made = written(reading, study(to_cr), tmp_path)
    assert {name: errors_of(tmp_path / name) for name in made.objects} == {name: [] for name in made.objects}


def test_tags_that_archives_leave_out(reading, study, tmp_path):
    def bare(ds):
        for keyword in OPTIONAL:
            if keyword in ds:
                delattr(ds, keyword)

    made = written(reading, study(bare), tmp_path)
    assert {name: errors_of(tmp_path / name) for name in made.objects} == {name: [] for name in made.objects}


def test_a_name_in_another_character_set(reading, study, tmp_path):
    def named(ds):
        ds.SpecificCharacterSet = "ISO_IR 100"
        ds.PatientName = "Müßig^Änne"

    made = written(reading, study(named), tmp_path)
    for name in made.objects:
        back = pydicom.dcmread(tmp_path / name)
        assert (back.SpecificCharacterSet, str(back.PatientName)) == ("ISO_IR 192", "Müßig^Änne")
        assert "Müßig".encode() in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_a_film_that_was_flipped_before_it_was_read(reading, visit, axes):
    """As `ovcf assess --flip` does: the tags say one thing, the reader another, and the points follow the reader."""
    images = read_study(visit / "study")
    film = next(s for s in images.series if isinstance(s.image, ImagePlane))
    turned = replace(film, image=replace(film.image, pixels=np.flip(film.image.pixels, axes)))
    flipped = replace(images, series=tuple(turned if s is film else s for s in images.series))
    file = replace(reading, pictures=pictures_of(flipped, reading.current))
    rows, columns = film.image.pixels.shape
    ((column, row),) = read_sources([visit / "study"], file).places["film"].onto([(300.0, 700.0)]).points
    stored = columns - 1 - 300.0 if 1 in axes else 300.0, rows - 1 - 700.0 if 0 in axes else 700.0
    assert (column - 0.5, row - 0.5) == pytest.approx(stored)


@pytest.mark.parametrize(("flip", "stored"), [(Flip.HEAD_LEFT, (20.0, 239.0)), (Flip.HEAD_RIGHT, (379.0, 60.0))])
def test_a_film_that_lay_on_its_side(tmp_path, flip, stored):
    """A point 60 pixels from the left and 20 from the top of the film as it stands is found where it is stored.

    The film is stored 300 rows high and 400 columns wide. With the head at the left, what is 20 below the top lies 20
    from the left, and what is 60 from the left lies 60 from the bottom; with the head at the right, the other way.
    """
    pixels = np.random.default_rng(5).integers(0, 4000, (300, 400)).astype(np.uint16)
    film = radiograph(tmp_path, pixels, PatientOrientation=[], ViewPosition="LL")
    standing = stood_up(film, film.image, flip, "")
    png, _, size = film_png(standing.image.pixels.astype(float))
    (path,) = tmp_path.iterdir()
    tags = pydicom.dcmread(path)
    facts = ObservedSeries(
        uid="film",
        instances=(tags.SOPInstanceUID,),
        role=Role.RADIOGRAPH,
        modality=Modality.RADIOGRAPH,
        size=standing.image.pixels.shape,
    )
    picture = Picture(series="film", landmark_set="", origin=(0, 0), spacing=(1, 1), size=size, png=png)
    place = film_of(FoundFile(path.name, path), tags, facts, picture, calibrated=False)
    ((column, row),) = place.onto([(60.0, 20.0)]).points
    assert (column - 0.5, row - 0.5) == stored
    ((column, row),) = StoredImages(
        series_uid="", sop_class="", size=(300, 400), frames=(), turned=standing.image.turned
    ).on_film([(60.0, 20.0)])
    assert (column - 0.5, row - 0.5) == stored
    assert standing.image.pixels[20, 60] == pixels[round(stored[1]), round(stored[0])]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system cannot be set")
def test_the_hour_of_a_report_is_the_same_everywhere(made, monkeypatch):
    report = made.objects["report.sr.dcm"]
    here = report_of(report, "it").written_at
    monkeypatch.setitem(os.environ, "TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert report_of(report, "it").written_at == here
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.fixture(scope="module")
def nodes(made):
    """A copy of the report, and every item in it."""
    report = deepcopy(pydicom.Dataset(made.objects["report.sr.dcm"]))
    found, left = [], [report]
    while left:
        found.append(left.pop())
        left += found[-1].get("ContentSequence", ())
    return report, found


@settings(max_examples=40)
@given(st.data())
def test_a_damaged_report_is_read_or_refused_and_never_breaks(nodes, data):
    report, found = nodes
    item = found[data.draw(st.integers(0, len(found) - 1))]
    tags = [element.tag for element in item if element.keyword not in ("SOPInstanceUID", "SOPClassUID")]
    tag = tags[data.draw(st.integers(0, len(tags) - 1))]
    kept = item[tag]
    del item[tag]
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("ovcf.dicom_out.back.content.pydicom.dcmread", lambda path: report)
            read_report(Path("it.dcm"))
    except OvcfError:
        pass
    finally:
        item[tag] = kept
