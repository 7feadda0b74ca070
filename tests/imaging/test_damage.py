"""Whatever bytes arrive, the answer is an image or an error of ours; no exception escapes and no process dies."""

import contextlib

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import JPEGLSLossless, RLELossless

from ovcf.errors import OvcfError, UnreadableFileError
from ovcf.imaging.read import read_study
from tests.imaging.build_dicom import Scan, enhanced, write
from tests.imaging.test_dicom import T2, recompress

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
