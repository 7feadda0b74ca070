"""PNG, JPEG and TIFF films are read as radiographs without a scale, and whatever else is so called is refused."""

import hashlib
import io
import struct
import zipfile
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.errors import OvcfError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture
from ovcf.workflow.from_files import draft_from_files
from tests.imaging.build_dicom import Scan

GREY = (np.add.outer(np.arange(90), 2 * np.arange(70)) % 256).astype(np.uint8)
DEEP = GREY.astype(np.uint16) * 257


def saved(path, pixels, mode=None, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    (Image.fromarray(pixels) if mode is None else Image.fromarray(pixels).convert(mode)).save(path, **how)
    return path


def film(path):
    (series,) = read_study(path).series
    return series


@pytest.mark.parametrize("name", ["film.png", "film.tif", "film.tiff", "FILM.PNG"])
@pytest.mark.parametrize("pixels", [GREY, DEEP])
def test_grey_pixels_come_through_unchanged(tmp_path, name, pixels):
    np.testing.assert_array_equal(film(saved(tmp_path / name, pixels)).image.pixels, pixels)


def test_jpeg_comes_through_as_it_was_compressed(tmp_path):
    smooth = np.add.outer(np.arange(90), np.arange(70)).astype(np.uint8)
    read = film(saved(tmp_path / "film.jpg", smooth, quality=95)).image.pixels
    assert np.abs(read.astype(int) - smooth).max() <= 3


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_a_screenshot_in_colour_is_read_as_grey(tmp_path, mode):
    read = film(saved(tmp_path / "screen.png", GREY // 16 * 16, mode)).image.pixels
    assert np.abs(read.astype(int) - GREY // 16 * 16).max() <= 1


def test_what_is_transparent_is_black(tmp_path):
    pixels = np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)])
    pixels[:10, :, 3] = 0
    read = film(saved(tmp_path / "screen.png", pixels)).image.pixels
    assert not read[:10].any()
    assert np.abs(read[10:].astype(int) - GREY[10:]).max() <= 1


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["film.jpg", "film.png", "film.tif"])
def test_a_photograph_is_turned_as_its_exif_says(tmp_path, turn, name):
    # EXIF 2.32, tag 0x0112: where row 0 and column 0 of the stored picture are on the one that is meant.
    upright = np.kron(np.array([[0, 80], [160, 240]], np.uint8), np.ones((40, 32), np.uint8))
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    read = film(saved(tmp_path / name, np.ascontiguousarray(stored), exif=exif)).image.pixels
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).max() <= 3


def test_it_is_a_radiograph_without_a_scale_known_by_its_content(tmp_path):
    path = saved(tmp_path / "lateral standing.png", GREY, dpi=(72, 72))
    one = film(path)
    assert (one.role, one.modality, one.posture) == (Role.RADIOGRAPH, Modality.RADIOGRAPH, Posture.STANDING)
    assert (one.image.calibration, one.image.spacing_mm) == (Calibration.NONE, None)
    assert one.source("reader").length_unit is Unit.PIXEL
    assert one.uid == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    assert any("lengths are in pixels" in reason for reason in one.reasons)
    assert (one.acquired_on, one.study_uid, one.instances) == (None, "", ())


def test_a_picture_named_frontal_is_not_measured(tmp_path):
    assert film(saved(tmp_path / "l-spine ap.png", GREY)).role is Role.OTHER


@pytest.mark.parametrize(
    ("name", "told"),
    [("sag t2.jpg", "MR"), ("STIR.jpg", "MR"), ("ct sagittal.jpg", "CT"), ("film.jpg", None), ("lat T1-L5.jpg", None)],
)
def test_a_picture_named_as_mri_or_ct_is_told_to_be_measured_as_a_radiograph(tmp_path, name, told):
    study = read_study(saved(tmp_path / name, GREY))
    assert len(study.doubts) == (told is not None)
    assert all(f"is named as {told}, and a picture is measured as a radiograph" in doubt for doubt in study.doubts)


def test_a_frontal_view_alone_says_what_is_needed(tmp_path):
    made = draft_from_files([saved(tmp_path / "chest pa.png", GREY)], engine="builtin").assessment
    (held,) = [w for w in made.withheld if w.name == VERTEBRAL_BODIES]
    assert "holds no lateral view (chest pa.png)" in held.reason


def test_in_a_study_folder_and_zip_it_stands_beside_the_mri_and_must_be_checked(tmp_path):
    Scan(tags={"SeriesDescription": "SAG T2"}).write(tmp_path / "study" / "T2")
    saved(tmp_path / "study" / "film.png", GREY)
    saved(tmp_path / "study" / "again.png", GREY)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in sorted((tmp_path / "study").rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path))
    for where in (tmp_path / "study", tmp_path / "study.zip"):
        study = read_study(where)
        assert sorted(s.modality for s in study.series) == sorted([Modality.MR, Modality.RADIOGRAPH])
        assert study.skipped[0][1].startswith("the same image as")
        assert len(study.doubts) == 1
        assert "check that it is a lateral radiograph of this patient" in study.doubts[0]
        named = read_study(where, roles={study.get(Role.RADIOGRAPH).description: Role.RADIOGRAPH})
        assert named.doubts == ()


def test_a_damaged_picture_in_a_study_is_left_out_and_named(tmp_path):
    Scan().write(tmp_path / "study")
    (tmp_path / "study" / "logo.png").write_bytes(b"not a picture")
    study = read_study(tmp_path / "study")
    assert [(name.endswith("logo.png"), why) for name, why in study.skipped] == [
        (True, "is named as a picture but is no PNG, JPEG or TIFF inside")
    ]


def test_what_a_file_is_counts_more_than_its_name(tmp_path):
    picture = saved(tmp_path / "film.png", GREY)
    renamed = picture.rename(tmp_path / "IM0001.dcm")
    assert film(renamed).role is Role.RADIOGRAPH
    dicom = Scan().write(tmp_path / "scan")[0].rename(tmp_path / "scan.png")
    assert film(dicom).modality is Modality.MR


def refused(path, *words):
    with pytest.raises(OvcfError) as error:
        read_study(path)
    for word in (path.name, *words):
        assert word in str(error.value)
    return error.value


def test_files_that_are_no_picture_or_only_part_of_one(tmp_path):
    whole = {name: saved(tmp_path / name, DEEP if name == "a.png" else GREY) for name in ("a.png", "b.jpg", "c.tif")}
    for name, path in whole.items():
        content = path.read_bytes()
        for keep in (20, len(content) // 2):
            cut = tmp_path / f"cut-{keep}-{name}"
            cut.write_bytes(content[:keep])
            refused(cut, "PNG")
    for name, content, word in (
        ("empty.png", b"", "is empty"),
        ("page.jpg", b"%PDF-1.7", "is PDF inside"),
        ("notes.tif", b"text", "no PNG, JPEG or TIFF"),
    ):
        (tmp_path / name).write_bytes(content)
        assert isinstance(refused(tmp_path / name, word), UnreadableFileError)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (9_500, 12_000, 30_000, 2**31 - 1):
        head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = tmp_path / f"{side}.png"
        bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))))
        assert isinstance(refused(bomb, "more pixels than any film has"), SeriesGeometryError)


def test_a_file_of_several_pages_is_refused(tmp_path):
    pages = [Image.fromarray(GREY), Image.fromarray(GREY)]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    refused(tmp_path / "scan.tif", "holds 2 pictures")


def test_changed_bytes_never_escape_as_another_error(tmp_path):
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "TIFF"):
        sound = io.BytesIO()
        Image.fromarray(GREY).save(sound, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
        for n in range(6):
            content = bytearray(sound.getvalue())
            for place in rng.integers(4, len(content), 5):
                content[place] = rng.integers(256)
            path = tmp_path / f"{n}.{kind.lower()}"
            path.write_bytes(content)
            with suppress(OvcfError):
                assert film(path).image.pixels.ndim == 2
