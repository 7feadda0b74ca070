"""The role of a series: timing before names, geometry always, and a reason for everything."""

import numpy as np
import pytest

from ovcf.imaging.classify import ContrastTags, contrast_agent, is_localizer, plain, posture_of, role_of
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.vocabulary import Modality, Posture

SAGITTAL = Volume(np.zeros((3, 4, 5)), np.array([[4.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]]))
AXIAL = Volume(np.zeros((3, 4, 5)), np.array([[0, 0, 1.0, 0], [0, 1, 0, 0], [4, 0, 0, 0], [0, 0, 0, 1]]))


def role(name="", *, image=SAGITTAL, **tags):
    modality = tags.pop("modality", Modality.MR)
    return role_of(ContrastTags(modality=modality, text=plain(name), **tags), image)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SAG T1 TSE", Role.T1),
        ("t1_tse_sag_320", Role.T1),
        ("Sag T1w FSE", Role.T1),
        ("T2W_TSE SAG", Role.T2),
        ("t2_tse_sag_p2", Role.T2),
        ("T2 FSE sagittal", Role.T2),
        ("sub-01_acq-sag_T2w.nii.gz", Role.T2),
        ("STIR SAG", Role.STIR),
        ("t2_tirm_sag", Role.STIR),
        ("T2 STIR longTE", Role.STIR),
        ("t2_tse_fs_sag", Role.FS_T2),
        ("Sag T2 FatSat", Role.FS_T2),
        ("T2 SPAIR SAG", Role.FS_T2),
        ("sT2W_mDIXON_W", Role.FS_T2),
        ("T2 tse dixon sag_W", Role.FS_T2),
        ("T2 sagittal fettgesättigt", Role.FS_T2),
        ("SAG T2 sat graisse", Role.FS_T2),
        ("T2 SAG supresion grasa", Role.FS_T2),
        ("T2 sag 脂肪抑制", Role.FS_T2),
        ("t1_tse_fs_sag KM", Role.OTHER),
        ("t2 tse dixon sag_F", Role.OTHER),
        ("T2* medic sag", Role.OTHER),
        ("DWI sag b500", Role.OTHER),
        ("sag", Role.OTHER),
        ("t12 level", Role.OTHER),
        ("Sag T1 FLAIR", Role.T1),
        ("Sag T2 FLAIR", Role.OTHER),
    ],
)
def test_names_as_scanners_write_them(name, expected):
    found, reasons = role(name)
    assert found is expected
    assert reasons


@pytest.mark.parametrize(
    ("tr", "te", "ti", "expected"),
    [
        (550, 10, None, Role.T1),
        (700, 12, None, Role.T1),
        (3500, 100, None, Role.T2),
        (4000, 60, 150, Role.STIR),
        (4000, 30, 220, Role.STIR),
        (2000, 20, 860, Role.T1),  # T1 FLAIR
        (9000, 120, 2500, Role.OTHER),  # FLAIR
        (2500, 15, None, Role.OTHER),  # proton density
    ],
)
def test_timing(tr, te, ti, expected):
    found, reasons = role(repetition_time_ms=tr, echo_time_ms=te, inversion_time_ms=ti)
    assert found is expected
    assert f"TR {tr} ms" in " ".join(reasons)


def test_timing_is_believed_over_a_wrong_name():
    found, reasons = role("SAG T1", repetition_time_ms=3500, echo_time_ms=100)
    assert found is Role.T2
    assert "although named T1" in " ".join(reasons)


def test_a_stir_without_its_inversion_time_is_still_a_stir():
    assert role("SAG STIR", repetition_time_ms=4500, echo_time_ms=70)[0] is Role.STIR
    assert role("SAG STIR", repetition_time_ms=4500, echo_time_ms=70, inversion_time_ms=2400)[0] is Role.OTHER


def test_a_gradient_echo_is_no_spin_echo():
    assert role("T1 vibe", repetition_time_ms=5, echo_time_ms=2, gradient_echo=True)[0] is Role.OTHER


def test_fat_suppression_by_tag():
    assert role("T2", fat_suppressed=True)[0] is Role.FS_T2
    assert role("T2", kinds=("ORIGINAL", "PRIMARY", "W"))[0] is Role.FS_T2


@pytest.mark.parametrize(("degrees", "sagittal"), [(0, True), (20, True), (29, True), (31, False), (90, False)])
def test_sagittal_means_within_thirty_degrees(degrees, sagittal):
    t = np.radians(degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]
    found, reasons = role("T2", image=Volume(SAGITTAL.voxels, turn @ SAGITTAL.affine))
    assert (found is Role.T2) is sagittal
    assert f"{degrees} degrees" in reasons[-1] or f"{degrees} degrees" in " ".join(reasons)


def test_an_axial_series_is_other_unless_its_voxels_are_near_isotropic():
    assert role("T2", image=AXIAL)[0] is Role.OTHER
    assert role("T2", image=Volume(AXIAL.voxels, np.diag([1.2, 1.0, 1.0, 1.0])))[0] is Role.T2


def test_ct_in_any_plane():
    assert role("", image=AXIAL, modality=Modality.CT)[0] is Role.CT
    assert "4.0 mm apart" in role("", image=AXIAL, modality=Modality.CT)[1][1]


def test_nothing_said_asks_for_a_name():
    assert role("scan_01", modality=Modality.UNKNOWN) == (
        Role.OTHER,
        ("nothing in the file says the contrast; name its role",),
    )


@pytest.mark.parametrize(
    ("name", "tag", "expected"),
    [
        ("t1 sag", None, None),
        ("t1 sag", "Gadobutrol", True),
        ("t1 sag", "NONE", None),
        ("T1 SAG +C", None, True),
        ("T1 sag post contrast", None, True),
        ("T1 ohne KM", None, False),
        ("t1 nativ", None, False),
    ],
)
def test_contrast_agent(name, tag, expected):
    assert contrast_agent(plain(name), tag) is expected


@pytest.mark.parametrize(
    ("name", "position", "expected"),
    [
        ("L-spine lat standing", None, Posture.STANDING),
        ("LWS seitl. stehend", None, Posture.STANDING),
        ("MRI upright sitting", "HFS", Posture.STANDING),
        ("sag t2", "HFS", Posture.SUPINE),
        ("sag t2", "FFP", Posture.PRONE),
        ("sag t2", "HFDR", Posture.LATERAL_DECUBITUS),
        ("sag t2", None, Posture.UNKNOWN),
    ],
)
def test_posture(name, position, expected):
    posture, reason = posture_of(plain(name), position)
    assert posture is expected
    assert (reason is None) is (expected is Posture.UNKNOWN)


@pytest.mark.parametrize("name", ["Localizer", "3-plane loc", "SCOUT", "survey", "Topogram 0.6"])
def test_localizers(name):
    assert is_localizer(plain(name))


@pytest.mark.parametrize("name", ["local T2", "sag t2 lumbar"])
def test_not_localizers(name):
    assert not is_localizer(plain(name))
