"""Which images a reading may be written beside: its own, whole, of the same person; never others."""

import shutil
from dataclasses import replace

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image

from ovcf.anatomy import Level
from ovcf.dicom_out.images.source_images import read_sources
from ovcf.errors import MissingFileError, SeriesChoiceError
from ovcf.imaging.study import Patient
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.reading.file import digest
from ovcf.reading.version import Reading


def with_observations(file, **changes):
    """The reading with other observations."""
    (name,) = file.observations
    seen = replace(file.observations[name], **changes)
    version = replace(file.reading.current, observations=digest(seen))
    return replace(
        file, reading=Reading(id=file.reading.id, versions=(version,)), observations={version.observations: seen}
    )


def test_a_reading_of_nifti_or_pictures_is_refused_with_what_to_do(reading, visit):
    bare = tuple(replace(s, instances=(), study_uid="") for s in reading.current.series)
    with pytest.raises(SeriesChoiceError, match=r"no DICOM image.*convert the images to DICOM"):
        read_sources([visit / "study"], with_observations(reading, series=bare))


def test_images_that_are_no_dicom_are_refused_with_what_to_do(reading, tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((3, 3, 3), np.int16), np.eye(4)), tmp_path / "t2.nii.gz")
    Image.new("L", (8, 8)).save(tmp_path / "film.png")
    with pytest.raises(SeriesChoiceError, match=r"none is DICOM.*convert"):
        read_sources([tmp_path], reading)


def test_a_folder_without_images_is_told(reading, tmp_path):
    with pytest.raises(MissingFileError):
        read_sources([tmp_path], reading)


def test_images_of_another_patient_are_refused(reading, tmp_path):
    recipe = Recipe(seed=99, fractures=(FractureRecipe(level=Level.L1),))
    (other,) = make_patient(recipe, tmp_path / "other", contrasts=("T2",), radiograph=False)
    with pytest.raises(SeriesChoiceError, match="none of these"):
        read_sources([other / "study"], reading)


def test_a_deidentified_reading_is_not_written_beside_the_identified_images(reading, visit):
    new = tuple(
        replace(
            s, uid=f"2.25.9{n}", study_uid="2.25.8", instances=tuple(f"2.25.7{n}{k}" for k in range(len(s.instances)))
        )
        for n, s in enumerate(reading.current.series)
    )
    with pytest.raises(SeriesChoiceError, match="de-identified images has other UIDs"):
        read_sources([visit / "study"], with_observations(reading, series=new))


@pytest.mark.parametrize(
    ("patient", "what"), [(Patient(id="study-007"), "PatientID"), (Patient(id="PHANTOM-7", sex="M"), "PatientSex")]
)
def test_a_pseudonymous_reading_with_the_same_uids_is_refused(reading, visit, patient, what):
    sex = {"M": "F", "F": "M"}[reading.current.patient.sex]
    patient = replace(patient, sex=sex if patient.sex else None)
    with pytest.raises(SeriesChoiceError, match=f"{what} is not that of the reading"):
        read_sources([visit / "study"], with_observations(reading, patient=patient))


def test_no_id_of_a_patient_stands_in_the_message(reading, visit):
    with pytest.raises(SeriesChoiceError) as caught:
        read_sources([visit / "study"], with_observations(reading, patient=Patient(id="study-007")))
    assert "PHANTOM-7" not in str(caught.value)
    assert "study-007" not in str(caught.value)


def test_missing_slices_are_told(reading, visit, tmp_path):
    shutil.copytree(visit / "study", tmp_path / "study")
    sorted((tmp_path / "study" / "T2").iterdir())[3].unlink()
    with pytest.raises(SeriesChoiceError, match="1 of its 15 images are missing"):
        read_sources([tmp_path / "study"], reading)


def test_a_radiograph_with_other_pixels_under_its_uid_is_refused(reading, visit, tmp_path):
    shutil.copytree(visit / "study", tmp_path / "study")
    (film,) = (tmp_path / "study" / "DX").iterdir()
    ds = pydicom.dcmread(film)
    ds.set_pixel_data(np.roll(ds.pixel_array, 60, axis=1), "MONOCHROME2", 12, generate_instance_uid=False)
    ds.save_as(film)
    with pytest.raises(SeriesChoiceError, match="its pixels are others"):
        read_sources([tmp_path / "study"], reading)


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (["P", "F"], lambda p: p),
        (["A", "F"], lambda p: p[:, ::-1]),
        (["P", "H"], lambda p: p[::-1]),
        (["F", "P"], lambda p: p.T),
        (["H", "A"], lambda p: p.T[::-1, ::-1]),
    ],
)
def test_points_follow_a_film_however_it_is_stored(reading, visit, tmp_path, orientation, turn):
    """The same film stored turned or mirrored, with its tags saying so: a marked pixel is found where it is stored."""
    shutil.copytree(visit / "study", tmp_path / "study")
    (path,) = (tmp_path / "study" / "DX").iterdir()
    ds = pydicom.dcmread(path)
    pixels = ds.pixel_array
    ds.set_pixel_data(np.ascontiguousarray(turn(pixels)), "MONOCHROME2", 12, generate_instance_uid=False)
    ds.PatientOrientation = orientation
    ds.save_as(path)
    sources = read_sources([tmp_path / "study"], reading)
    on = sources.places["film"].onto([(300.0, 700.0)])
    ((column, row),) = on.points
    stored = np.zeros_like(pixels)
    stored[700, 300] = 1
    assert np.argwhere(turn(stored)).tolist() == [[int(row - 0.5), int(column - 0.5)]]
    assert sources.places["film"].back(on) == ((300.0, 700.0),)
