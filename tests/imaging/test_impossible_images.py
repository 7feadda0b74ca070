"""Sizes, scales and spacings that no image of a patient has are refused, before room is made for them."""

import gzip
import struct
import zlib

import nibabel
import numpy as np
import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, DigitalXRayImageStorageForPresentation, JPEGLSLossless

from ovcf.errors import ImageValueError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.files import pixels
from ovcf.imaging.files.nifti_files import read_nifti
from ovcf.imaging.read import read_study
from ovcf.imaging.volume import Calibration
from ovcf.segmentation.label_map import read_label_volume
from tests.imaging.build_dicom import Scan, blank, with_pixels, write

T2 = {"RepetitionTime": 3500.0, "EchoTime": 100.0, "SeriesDescription": "SAG T2 TSE"}


@pytest.mark.parametrize("slope", [-1, 0, 1e300])
def test_a_slope_that_turns_or_empties_the_image_is_refused(tmp_path, slope):
    write(tmp_path, [Scan(tags={**T2, "RescaleSlope": slope}).slice(n) for n in range(3)])
    with pytest.raises(ImageValueError, match=r"IM000\d\.dcm: a rescale slope of .* is not possible"):
        read_study(tmp_path)


def test_hounsfield_units_are_not_scaled_a_thousandfold(tmp_path):
    Scan(modality="CT", tags={"RescaleSlope": 1000, "SeriesDescription": "CT spine"}).write(tmp_path)
    with pytest.raises(ImageValueError, match=r"0\.05 to 20 are"):
        read_study(tmp_path)


def test_a_negative_slope_of_a_nifti_file_is_refused(tmp_path):
    path = _nifti(tmp_path / "stir.nii")
    content = bytearray(path.read_bytes())
    struct.pack_into("<ff", content, 112, -1.0, 0.0)
    path.write_bytes(content)
    with pytest.raises(ImageValueError, match="slope of -1"):
        read_nifti(path)


@pytest.mark.parametrize("spacing", [[0, 0], [1e300, 1e300], [125.0, 150.0], [1e-4, 1e-4], [-1.5, 1.25]])
def test_pixels_of_impossible_size_are_refused_in_dicom(tmp_path, spacing):
    ds = [Scan(tags=T2).slice(n) for n in range(3)]
    for one in ds:
        one.PixelSpacing = spacing
    write(tmp_path, ds)
    with pytest.raises(SeriesGeometryError, match=r"not possible|not 2 possible numbers"):
        read_study(tmp_path)


def test_slices_a_hundred_times_too_far_apart_are_refused(tmp_path):
    Scan(tags=T2, spacing=(400.0, 1.5, 1.25)).write(tmp_path)
    with pytest.raises(SeriesGeometryError, match="400 mm is not possible"):
        read_study(tmp_path)


@pytest.mark.parametrize("factor", [0.0, np.nan, 1e300, 100.0, 0.001])
@pytest.mark.parametrize("read", [lambda path: read_nifti(path), lambda path: read_label_volume(path)])
def test_voxels_of_impossible_size_are_refused_in_nifti(tmp_path, factor, read):
    path = _nifti(tmp_path / "a.nii")
    content = bytearray(path.read_bytes())
    with np.errstate(over="ignore"):
        rows = np.float32([[3, 0, 0, 0], [0, 1.5, 0, 0], [0, 0, 1.5, 0]]) * np.float32(factor)
    content[280:328] = np.nan_to_num(rows, nan=np.nan, posinf=1e38).tobytes()
    path.write_bytes(content)
    with pytest.raises(SeriesGeometryError):
        read(path)


def test_a_radiograph_with_an_impossible_spacing_has_none(tmp_path):
    ds = with_pixels(blank(DigitalXRayImageStorageForPresentation, "DX"), np.zeros((20, 10), np.uint16))
    ds.ViewPosition, ds.PixelSpacing, ds.ImagerPixelSpacing = "LL", [20.0, 20.0], [14.0, 14.0]
    (film,) = read_study(write(tmp_path, [ds])[0]).series
    assert film.image.calibration is Calibration.NONE
    assert any("lengths are in pixels" in reason for reason in film.reasons)


def test_five_slices_that_claim_65535_squared_pixels_are_refused_before_room_is_made(tmp_path):
    ds = [Scan(tags=T2).slice(n) for n in range(5)]
    for one in ds:
        one.Rows = one.Columns = 65535
    write(tmp_path, ds)
    with pytest.raises(UnreadableFileError, match=r"claims 1 x 65535 x 65535 pixels, which .* bytes cannot hold"):
        read_study(tmp_path)


def test_a_deflated_file_that_inflates_beyond_any_image_is_refused(tmp_path):
    (path,) = write(tmp_path, [Scan(tags=T2).slice(0)])
    content = path.read_bytes()
    length = struct.unpack_from("<I", content, 140)[0]
    (plain,) = write(tmp_path / "meta", [_deflated()])
    head = plain.read_bytes()[: 144 + struct.unpack_from("<I", plain.read_bytes(), 140)[0]]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = packer.compress(content[144 + length :] + bytes(200 * 2**20)) + packer.flush()
    path.write_bytes(head + bomb)
    with pytest.raises(UnreadableFileError, match=r"inflates .* to more than any image has"):
        read_study(path)


def test_a_deflated_image_of_ordinary_size_is_read(tmp_path):
    (path,) = write(tmp_path, [_deflated()])
    assert len(read_study(path).series) == 1


@pytest.mark.parametrize("read", [lambda path: read_nifti(path), lambda path: read_label_volume(path)])
def test_a_small_packed_nifti_file_that_would_fill_the_memory_is_refused(tmp_path, read):
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.float64)
    header.set_data_shape((1024, 1024, 512))
    header["sform_code"], header["srow_x"], header["srow_y"], header["srow_z"] = 1, *np.eye(4)[:3]
    header["vox_offset"] = 352
    path = tmp_path / "bomb.nii.gz"
    path.write_bytes(gzip.compress(header.binaryblock + bytes(4) + bytes(2**20)))
    with pytest.raises(UnreadableFileError, match="claims 1024 x 1024 x 512 voxels"):
        read(path)


def test_a_damaged_quaternion_is_doubted_where_the_sform_tells_the_place(tmp_path):
    path = _nifti(tmp_path / "a.nii")
    content = bytearray(path.read_bytes())
    struct.pack_into("<f", content, 256, 5.0)
    path.write_bytes(content)
    assert read_nifti(path)[1] == ("its qform is damaged: the sform is believed",)


@pytest.mark.parametrize("keyword", ["PerFrameFunctionalGroupsSequence", "AnatomicRegionSequence"])
def test_text_where_a_sequence_belongs_is_as_good_as_absent(tmp_path, keyword):
    one = Scan(tags=T2).slice(0)
    tag = Tag(tag_for_keyword(keyword))
    one[tag] = RawDataElement(tag, "LO", 4, b"text", 0, False, True)
    (path,) = write(tmp_path, [one])
    assert len(read_study(path).series) == 1


def test_a_decoder_that_works_for_ever_is_ended(tmp_path, monkeypatch):
    one = Scan(tags=T2).slice(0)
    one.compress(JPEGLSLossless)
    (path,) = write(tmp_path, [one])
    monkeypatch.setattr(pixels, "DECODER_SECONDS", 0.0001)
    with pytest.raises(UnreadableFileError, match="decoder"):
        read_study(path)


def _nifti(path):
    image = nibabel.Nifti1Image((np.arange(120) % 97).reshape(4, 5, 6).astype(np.int16), np.diag([3, 1.5, 1.5, 1]))
    image.set_sform(image.affine, 1)
    image.set_qform(image.affine, 1)
    nibabel.save(image, path)
    return path


def _deflated():
    one = Scan(tags=T2).slice(0)
    one.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return one
