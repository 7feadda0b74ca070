"""Whatever bytes arrive, the answer is an image or an error of ours; no exception escapes and no process dies."""

import contextlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import JPEGLSLossless, RLELossless

from ovcf.errors import OvcfError, UnreadableFileError
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from tests.imaging.build_dicom import Scan, enhanced, write
from tests.imaging.test_dicom import T2, recompress

T1 = {"RepetitionTime": 550.0, "EchoTime": 10.0}
DAMAGE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


def plain(folder):
    return write(folder, [Scan(tags=T2).slice(0)])[0]


def compressed(syntax):
    def make(folder):
        one = Scan(tags=T2).slice(0)
        one.compress(syntax)
        return write(folder, [one])[0]

    return make


def by_gdcm(kind):
    def make(folder):
        path = plain(folder)
        recompress([path], kind)
        return path

    return make


def multiframe(folder):
    return write(folder, [enhanced(Scan(), range(7))])[0]


def nifti(folder):
    folder.mkdir(parents=True, exist_ok=True)
    nibabel.save(
        nibabel.Nifti1Image((np.arange(1000) % 997).reshape(10, 10, 10).astype(np.int16), np.eye(4)), folder / "a.nii"
    )
    return folder / "a.nii"


MAKERS = [plain, compressed(RLELossless), compressed(JPEGLSLossless), by_gdcm("JPEG2000Lossless"), multiframe, nifti]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", MAKERS)
def test_changed_bytes(tmp_path, make):
    path = make(tmp_path)
    whole = path.read_bytes()

    @DAMAGE
    @given(changes=changes, keep=st.just(1.0) | st.floats(0, 1))
    def damage(changes, keep):
        content = bytearray(whole)
        for where, value in changes:
            # half of the changes hit the header, where they do most harm
            content[int(where * len(content)) if value % 2 else int(where * min(len(content), 1000))] = value
        path.write_bytes(content[: int(keep * len(content))])
        with contextlib.suppress(OvcfError):
            read_study(path)

    damage()


def test_a_decoder_that_dies_is_an_error_and_not_the_end(tmp_path):
    path = by_gdcm("JPEGLosslessProcess14_1")(tmp_path)
    whole = path.read_bytes()
    start = whole.index(b"\xff\xd8\xff")
    path.write_bytes(whole[:start] + b"\xff\xd8\xff\xff" * 20 + whole[start + 80 :])
    with pytest.raises(UnreadableFileError, match=r"IM0000.dcm: has damaged"):
        read_study(path)


def _two_series(folder):
    Scan(tags={**T2, "SeriesDescription": "SAG T2"}).write(folder / "t2")
    return Scan(tags={**T1, "SeriesDescription": "SAG T1"}).write(folder / "t1")


@pytest.mark.parametrize(
    "junk", [b"", b"not an image at all", b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 400]
)
def test_junk_among_the_files_of_a_study_is_left_out_by_name_and_the_rest_is_read(tmp_path, junk):
    _two_series(tmp_path)
    (tmp_path / "junk.dcm").write_bytes(junk)
    study = read_study(tmp_path)
    assert len(study.series) == 2
    assert "junk.dcm" in {Path(name).name for name, _ in study.skipped}
    assert any("junk.dcm" in doubt and "left out" in doubt for doubt in study.doubts)


def test_a_series_with_a_slice_missing_in_its_middle_is_left_out_and_the_other_is_read(tmp_path):
    files = _two_series(tmp_path)
    files[2].write_bytes(files[2].read_bytes()[:-60])
    study = read_study(tmp_path)
    assert [one.role for one in study.series] == [Role.T2]
    assert {Path(name).name for name, _ in study.skipped} == {path.name for path in files}
    (doubt,) = study.doubts
    assert files[2].name in doubt
    assert "slices are missing" in doubt


def test_a_stack_without_its_last_slice_is_still_a_stack_and_says_what_it_lost(tmp_path):
    files = _two_series(tmp_path)
    files[-1].write_bytes(files[-1].read_bytes()[:-60])
    study = read_study(tmp_path)
    t1 = next(one for one in study.series if one.role is Role.T1)
    whole = next(one for one in study.series if one.role is Role.T2)
    assert t1.image.voxels.shape[0] == whole.image.voxels.shape[0] - 1
    assert any(f"1 of {len(files)} files" in reason for reason in t1.reasons)
    assert files[-1].name in study.doubts[0]


def test_a_damaged_file_given_by_name_is_refused(tmp_path):
    files = _two_series(tmp_path)
    files[-1].write_bytes(files[-1].read_bytes()[:-60])
    with pytest.raises(UnreadableFileError, match=files[-1].name):
        read_study([tmp_path / "t2", *files])


def test_a_damaged_nifti_file_of_a_folder_is_left_out_by_name(tmp_path):
    _two_series(tmp_path)
    (tmp_path / "t1.nii").write_bytes(b"\x5c\x01\0\0" + b"\0" * 500)
    study = read_study(tmp_path)
    assert len(study.series) == 2
    assert any("t1.nii" in doubt for doubt in study.doubts)
