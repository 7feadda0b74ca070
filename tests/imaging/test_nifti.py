"""NIfTI files keep every voxel at its place in the patient; what cannot be placed is refused."""

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ovcf.errors import MissingFileError, SeriesGeometryError, UnreadableFileError
from ovcf.geometry import ras_from_lps
from ovcf.imaging.files.nifti_files import read_nifti
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.vocabulary import Modality
from tests.imaging.build_dicom import Scan, shows_the_patient
from tests.tptbox import tptbox

SOME = (np.arange(4 * 5 * 6) * 7 % 101).reshape(4, 5, 6).astype(np.int16)
RAS = np.array([[0, 0, 3.0, -10], [1.0, 0, 0, 5], [0, -1.0, 0, 7], [0, 0, 0, 1]])


def saved(path, voxels=SOME, affine=RAS, **header):
    image = nibabel.Nifti1Image(voxels, affine)
    for key, value in header.items():
        image.header[key] = value
    nibabel.save(image, path)
    return path


def test_ras_becomes_lps(tmp_path):
    volume, doubts = read_nifti(saved(tmp_path / "a.nii.gz"))
    right_anterior_superior = RAS @ (1, 2, 3, 1)
    np.testing.assert_allclose(volume.to_patient((1, 2, 3)), right_anterior_superior[:3] * (-1, -1, 1))
    np.testing.assert_array_equal(volume.voxels, SOME)
    assert doubts == ()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(axes=st.permutations(range(3)), flips=st.tuples(*[st.booleans()] * 3))
def test_axis_order_and_flips_change_nothing_in_the_patient(tmp_path_factory, axes, flips):
    scan = Scan()
    normal, down, along = (a * mm for a, mm in zip(scan.axes, scan.spacing, strict=True))
    lps = np.eye(4)
    lps[:3] = np.column_stack([normal, down, along, scan.corner(0)])
    image = nibabel.Nifti1Image(np.stack([scan.stored(n) for n in range(7)]), ras_from_lps(lps))
    orientation = np.column_stack([axes, [-1 if f else 1 for f in flips]])
    path = tmp_path_factory.mktemp("nifti") / "sag_T2w.nii"
    nibabel.save(image.as_reoriented(orientation), path)
    (series,) = read_study(path).series
    assert shows_the_patient(series.image)
    assert series.role is Role.T2


def test_the_real_sample_is_recognised_and_its_label_maps_left_out():
    study = read_study(tptbox("sub-mri_label-6_T2w.nii.gz").parent)
    t2, ct = study.get(Role.T2), study.get(Role.CT)
    assert t2.description == "sub-mri_label-6_T2w.nii.gz"
    assert ct.modality is Modality.CT
    assert len([why for name, why in study.skipped if "_msk" in name and "label map" in why]) == 4
    assert t2.image.axis_towards((0, 0, -1)) == (1, 1)  # stored as posterior, inferior, right
    assert t2.image.axis_towards((1, 0, 0)) == (2, -1)


def test_several_volumes_in_one_file_are_refused_or_left_out(tmp_path):
    path = saved(tmp_path / "t2_echoes.nii.gz", np.stack([SOME, SOME], axis=-1))
    with pytest.raises(UnreadableFileError, match=r"t2_echoes.nii.gz: .*\(4, 5, 6, 2\).*Split it"):
        read_study(path)
    saved(tmp_path / "t2.nii.gz")
    assert [s.description for s in read_study(tmp_path).series] == ["t2.nii.gz"]
    assert read_nifti(saved(tmp_path / "one.nii", SOME[..., None]))[0].voxels.shape == SOME.shape


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_an_affine_that_places_nothing(tmp_path, bad):
    affine = RAS.copy()
    affine[0] = bad
    image = nibabel.Nifti1Image(SOME, RAS)
    image.header["srow_x"] = affine[0]
    image.header["sform_code"], image.header["qform_code"] = 1, 0
    path = tmp_path / "a.nii"
    path.write_bytes(image.header.binaryblock + b"\0" * 4 + SOME.tobytes(order="F"))
    with pytest.raises(SeriesGeometryError, match=r"a.nii: its affine is not finite or is singular"):
        read_study(path)


def test_forms_that_disagree_are_told(tmp_path):
    image = nibabel.Nifti1Image(SOME, RAS)
    image.set_sform(RAS, 1)
    moved = RAS.copy()
    moved[2, 3] += 9
    image.set_qform(moved, 1)
    nibabel.save(image, tmp_path / "t2.nii")
    (series,) = read_study(tmp_path / "t2.nii").series
    assert any("sform and qform disagree by up to 9.0 mm" in reason for reason in series.reasons)
    np.testing.assert_allclose(series.image.affine, ras_from_lps(RAS))


def test_a_header_without_position_is_told(tmp_path):
    image = nibabel.Nifti1Image(SOME, None)
    nibabel.save(image, tmp_path / "t2.nii")
    assert "orientation is a guess" in read_nifti(tmp_path / "t2.nii")[1][0]


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_truncated_file(tmp_path, name, keep):
    path = saved(tmp_path / name, np.random.default_rng(0).integers(0, 9999, (20, 20, 20)).astype(np.int16))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(UnreadableFileError, match=name):
        read_study(path)


def test_a_text_file_named_nifti(tmp_path):
    (tmp_path / "a.nii.gz").write_text("no image")
    with pytest.raises(UnreadableFileError, match=r"a.nii.gz: is not a NIfTI file"):
        read_study(tmp_path)


def test_colour_and_complex_values_are_refused(tmp_path):
    path = saved(tmp_path / "a.nii", SOME.astype(np.complex64))
    with pytest.raises(UnreadableFileError, match="complex or colour"):
        read_study(path)


def test_voxels_that_are_no_numbers_are_counted(tmp_path):
    voxels = SOME.astype(np.float32)
    voxels[0, 0, :3] = np.nan, np.inf, -np.inf
    volume, doubts = read_nifti(saved(tmp_path / "a.nii", voxels))
    assert np.isnan(volume.voxels[0, 0, :3]).all()
    assert np.isfinite(volume.voxels).sum() == voxels.size - 3
    assert doubts == ("3 voxels are not finite numbers: they count as outside the image, not as dark",)


def test_big_endian_and_scaled_files(tmp_path):
    image = nibabel.Nifti1Image(SOME.astype(">i2"), RAS, nibabel.Nifti1Header(endianness=">"))
    nibabel.save(image, tmp_path / "big.nii")
    np.testing.assert_array_equal(read_nifti(tmp_path / "big.nii")[0].voxels, SOME)
    image = nibabel.Nifti1Image(SOME, RAS)
    image.header.set_slope_inter(0.5, -3)
    nibabel.save(image, tmp_path / "scaled.nii")
    stored = nibabel.load(tmp_path / "scaled.nii").get_fdata()
    np.testing.assert_allclose(read_nifti(tmp_path / "scaled.nii")[0].voxels, stored)


@pytest.mark.parametrize("name", ["T2_bodies.nii.gz", "x_seg.nii.gz", "plain.nii.gz"])
def test_a_label_map_is_left_out(tmp_path, name):
    labels = np.zeros((9, 9, 9), np.uint8)
    labels[2:5, 2:5, 2:5], labels[5:8, 2:5, 2:5] = 20, 21
    path = saved(tmp_path / name, labels)
    with pytest.raises(MissingFileError, match="a label map, not an image: give it as the label map of the study"):
        read_study(path)


def test_a_label_map_by_its_looks_is_an_image_when_a_reader_names_it(tmp_path):
    path = saved(tmp_path / "flat_seg.nii", SOME % 9)
    assert read_study(path, roles={"flat_seg.nii": Role.T2}).get(Role.T2).overridden


def test_roles_make_an_unnamed_pair_a_study(tmp_path):
    a, b = saved(tmp_path / "1.nii"), saved(tmp_path / "2.nii")
    study = read_study([b, a], roles={"1.nii": Role.T1, "2.nii": Role.STIR})
    assert study.get(Role.T1).files == (str(a),)
    assert study.get(Role.STIR).modality is Modality.MR
