"""Two contrasts of one digital patient, read from DICOM: what they place apart is withheld, motion is only told."""

from dataclasses import replace

import nibabel
import numpy as np
import pydicom
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import T2Signal
from ovcf.imaging.read import read_study
from ovcf.imaging.resample import resample_labels
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Volume
from ovcf.phantom.body.frame import NUMBER
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe
from ovcf.segmentation.engine import BuiltinEngine
from ovcf.segmentation.label_map import read_label_volume
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.vocabulary import Modality
from ovcf.workflow.contrasts import fat_shift_along_spine_mm, second_contrast_check, second_contrasts
from ovcf.workflow.from_files import assess

pytestmark = pytest.mark.slow


def five_slices(stack):
    return replace(stack, laterals=stack.laterals[5:10])


def digital_patient(seed, folder, contrasts=("T1", "T2")):
    (visit,) = make_patient(
        Recipe(seed=seed, fractures=(), scoliosis_deg=0.0, centre=Level.L2),
        folder / str(seed),
        contrasts=contrasts,
        radiograph=False,
        planned=five_slices,
    )
    return visit


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    return digital_patient(880_001, tmp_path_factory.mktemp("patient"))


@pytest.fixture(scope="module")
def found(visit):
    """The bodies that the built-in model sees on T2, whatever they are called, and its number of the drawn L2."""
    image = read_study([visit / "study"]).get(Role.T2).image
    seen = BuiltinEngine().segment(image, Role.T2, name="T2", anchors={1: Level.T5})
    drawn = resample_labels(read_label_volume(visit / "truth" / "vertebrae.nii.gz"), image).voxels == NUMBER[Level.L2]
    inside = seen.labels.voxels[drawn]
    return seen, int(np.bincount(inside[inside > 0]).argmax())


def with_t1(visit, folder, change):
    """The study with every T1 file changed."""
    for path in sorted((visit / "study").rglob("*.dcm")):
        ds = pydicom.dcmread(path)
        if path.parent.name == "T1":
            change(ds)
        out = folder / path.parent.name / path.name
        out.parent.mkdir(parents=True, exist_ok=True)
        ds.save_as(out)
    return folder


def moved(caudal_mm, posterior_mm):
    def change(ds):
        x, y, z = map(float, ds.ImagePositionPatient)
        ds.ImagePositionPatient = [x, y + posterior_mm, z - caudal_mm]

    return change


def displaced(visit, level, mm):
    """One body and what lies before and behind it slip forwards in every slice."""
    drawn = nibabel.load(visit / "truth" / "vertebrae.nii.gz").get_fdata() == NUMBER[level]
    parts = nibabel.load(visit / "truth" / "subregions.nii.gz").get_fdata()
    _, rows, columns = np.nonzero(drawn & (parts == 49))
    box = slice(rows.min() - 3, rows.max() + 4), slice(columns.min() - 40, columns.max() + 60)

    def change(ds):
        pixels = ds.pixel_array.copy()
        pixels[box] = np.roll(pixels[box], -round(mm / float(ds.PixelSpacing[1])), axis=1)
        ds.PixelData = pixels.tobytes()

    return change


def looked_at(folder, bodies):
    study = read_study([folder])
    return second_contrast_check(bodies, study.get(Role.T2), study, builtin_network())


def test_contrasts_of_one_patient_agree_and_the_report_says_how_well(visit, found):
    result = looked_at(visit / "study", found[0])
    assert result.doubts == ()
    assert result.bodies.unfit == found[0].unfit
    note = result.bodies.notes[-1]
    assert "PHANTOM T2 TSE SAG and PHANTOM T1 TSE SAG agree within" in note
    assert float(note.split(" mm ")[0].split()[-1]) < 1.0


def test_a_patient_who_moved_is_told_and_nothing_is_withheld(visit, found, tmp_path):
    result = looked_at(with_t1(visit, tmp_path, moved(3.0, 4.0)), found[0])
    (doubt,) = result.doubts
    assert doubt.startswith("the patient moved by ")
    assert float(doubt.split()[4]) == pytest.approx(5.0, abs=1.0)
    assert result.bodies.unfit == found[0].unfit


def test_a_body_that_two_contrasts_place_apart_is_withheld_and_counted(visit, found, tmp_path):
    study = with_t1(visit, tmp_path, displaced(visit, Level.L2, 9.0))
    result = assess(study, anchors=[f"{found[1]}=L2"], fracture="L2")
    (doubt,) = result.warnings
    assert "1 of " in doubt
    assert doubt.endswith("place them apart: L2")
    (why,) = [w.reason for w in result.withheld if w.name.startswith("landmarks on") and w.level is Level.L2]
    assert why.startswith("two contrasts place it")
    assert Level.L2 not in result.landmarks[0]
    assert Level.L3 in result.landmarks[0]
    # An outline that lies elsewhere on another contrast says nothing about the marrow, either.
    (why,) = [w.reason for w in result.withheld if w.name == "T2 signal pattern and cleft"]
    assert why.startswith("two contrasts place it")
    assert not [f for f in result.findings if isinstance(f.data, T2Signal) and f.level is Level.L2]


_IDENTITY = (
    "PatientID",
    "PatientName",
    "PatientSex",
    "PatientAge",
    "PatientBirthDate",
    "StudyInstanceUID",
    "FrameOfReferenceUID",
)


def test_the_stack_of_another_patient_is_left_out_with_a_doubt(visit, found, tmp_path):
    other = digital_patient(880_002, tmp_path / "other")
    own = pydicom.dcmread(next((visit / "study" / "T1").glob("*.dcm")))
    for path in (other / "study" / "T1").glob("*.dcm"):
        ds = pydicom.dcmread(path)
        for keyword in _IDENTITY:  # filed under the wrong name: the tags tell nothing
            if keyword in own:
                ds[keyword] = own[keyword]
        ds.save_as(path)
    study = read_study([visit / "study" / "T2", other / "study" / "T1"])
    result = second_contrast_check(found[0], study.get(Role.T2), study, builtin_network())
    (doubt,) = result.doubts
    assert "do not show one spine in one place" in doubt
    assert result.study.get(Role.T1) is None
    assert result.bodies.unfit == found[0].unfit


@pytest.mark.parametrize(("phases", "beside", "share"), [("ROW", "STIR", 0.6), ("COL", "T1", 0.5)])
def test_the_contrast_without_fat_counts_more_where_fat_is_shifted_along_the_spine(
    phases, beside, share, tmp_path_factory
):
    visit = digital_patient(880_001, tmp_path_factory.mktemp("three"), ("T1", "T2", "STIR"))
    for path in (visit / "study" / "T2").glob("*.dcm"):
        ds = pydicom.dcmread(path)
        ds.InPlanePhaseEncodingDirection, ds.PixelBandwidth = phases, 150
        ds.save_as(path)
    study = read_study([visit / "study"])
    t2 = study.get(Role.T2)
    seen = BuiltinEngine().segment(t2.image, Role.T2, name="T2", anchors={1: Level.T5})
    bodies = second_contrast_check(seen, t2, study, builtin_network()).bodies
    assert bodies.second_share == share
    assert f"and PHANTOM {beside}" in bodies.notes[-1]
    assert ("PHANTOM STIR SAG counting 60%" in bodies.notes[-1]) == (share == 0.6)
    said = [note for note in bodies.notes if note.startswith("chemical shift moves fat by ")]
    wanted = 3.4 * 42.577 * t2.field_strength_t / 150 * t2.image.spacing_mm[1]  # ppm, MHz / T, T, Hz per pixel, mm
    assert [float(note.split()[5]) for note in said] == ([pytest.approx(wanted, abs=0.06)] if phases == "ROW" else [])


def noise(ds):
    values = np.random.default_rng(0).integers(0, 500, ds.pixel_array.shape, np.uint16)
    ds.PixelData = values.tobytes()


def test_an_image_that_shows_too_little_is_said_not_to_be_compared(visit, found, tmp_path):
    result = looked_at(with_t1(visit, tmp_path, noise), found[0])
    assert result.doubts == ()
    assert "could not be compared: too few bodies" in result.bodies.notes[-1]
    assert result.study.get(Role.T1) is not None


def test_where_the_first_cannot_be_compared_the_next_contrast_is(found, tmp_path):
    visit = digital_patient(880_001, tmp_path, contrasts=("T1", "T2", "STIR"))
    bodies = looked_at(with_t1(visit, tmp_path / "noisy", noise), found[0]).bodies
    assert "PHANTOM T1 TSE SAG could not be compared" in bodies.notes[-2]
    assert "and PHANTOM STIR SAG agree within" in bodies.notes[-1]
    assert bodies.second_contrast


def series(role, day="20240101", turned=False, caudal_mm=0.0, fat_shift_mm=None):
    affine = np.diag([1.0, 4.0, 1.0, 1.0]) if turned else np.diag([4.0, 1.0, 1.0, 1.0])
    affine[2, 3] = -caudal_mm
    return Series(
        uid=f"{role}{day}{turned}",
        description=role.value,
        image=Volume(np.zeros((9, 9, 9)), affine),
        modality=Modality.MR,
        role=role,
        acquired_on=day,
        fat_shift_mm=fat_shift_mm,
    )


BODIES = Volume(np.ones((9, 9, 9), np.int16), np.diag([4.0, 1.0, 1.0, 1.0]))


@pytest.mark.parametrize(
    ("first", "others", "chosen"),
    [
        (Role.T2, (Role.STIR, Role.T1), Role.T1),
        (Role.T2, (Role.FS_T2, Role.STIR), Role.STIR),
        (Role.T1, (Role.T2, Role.STIR), Role.STIR),
        (Role.STIR, (Role.T2, Role.T1), Role.T1),
        (Role.T2, (Role.CT, Role.OTHER), None),
        (Role.CT, (Role.T1,), None),
    ],
)
def test_the_contrast_that_differs_most_is_looked_at(first, others, chosen):
    study = Study(series=(series(first), *map(series, others)))
    other = next(second_contrasts(study.series[0], study, BODIES), None)
    assert (other and other.role) == chosen


@pytest.mark.parametrize(
    ("shift_mm", "others", "chosen"),
    [
        ((0, 0, 0.8), (Role.T1, Role.STIR), Role.STIR),
        ((0, 0, -0.8), (Role.T1, Role.FS_T2), Role.FS_T2),
        ((0, 0, 0.8), (Role.T1,), Role.T1),
        ((0, 0.8, 0), (Role.T1, Role.STIR), Role.T1),
        ((0, 0.8, 0.1), (Role.T1, Role.STIR), Role.T1),
    ],
)
def test_where_fat_is_shifted_along_the_spine_a_contrast_without_fat_goes_first(shift_mm, others, chosen):
    study = Study(series=(series(Role.T2, fat_shift_mm=np.array(shift_mm, float)), *map(series, others)))
    assert next(second_contrasts(study.series[0], study, BODIES)).role is chosen


def test_a_contrast_without_fat_is_not_shifted():
    assert fat_shift_along_spine_mm(series(Role.STIR, fat_shift_mm=np.array([0, 0, 0.8]))) == 0


def test_another_day_another_plane_and_another_station_are_no_second_look():
    others = series(Role.T1, "20240301"), series(Role.STIR, turned=True), series(Role.FS_T2, caudal_mm=7.0)
    study = Study(series=(series(Role.T2), *others))
    assert not list(second_contrasts(study.series[0], study, BODIES))
