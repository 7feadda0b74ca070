"""Archives are opened with care, and leave nothing behind."""

import io
import os
import stat
import tempfile
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from ovcf import budget
from ovcf.errors import MissingFileError, OutputError, UnreadableFileError, UnsafeArchiveError
from ovcf.imaging.files import archive, decoder, pixels
from ovcf.imaging.files.archive import find_files
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from tests.imaging.build_dicom import Scan, shows_the_patient

T2 = {"RepetitionTime": 3500.0, "EchoTime": 100.0}


@pytest.fixture(autouse=True)
def empty_temporary_folder(tmp_path, monkeypatch):
    """Every test ends with nothing left in the temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def zipped(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return path


def opened(path):
    with ExitStack() as until:
        return find_files(path, until)


def test_a_zipped_study_reads_like_its_folder_and_is_named_by_the_archive(tmp_path):
    files = Scan(tags=T2).write(tmp_path / "study")
    path = zipped(tmp_path / "study.zip", {f"disc/series 1/{f.name}": f.read_bytes() for f in files})
    series = read_study(path).get(Role.T2)
    assert shows_the_patient(series.image)
    assert series.files[0] == f"{path}/disc/series 1/IM0000.dcm"


@pytest.mark.parametrize(
    "name", ["../outside.dcm", "/etc/outside.dcm", "a/../../outside.dcm", "..\\x.dcm", "C:\\x.dcm"]
)
def test_names_that_lead_outside_are_refused(tmp_path, name):
    path = zipped(tmp_path / "study.zip", {"fine.dcm": b"x", name: b"x"})
    with pytest.raises(UnsafeArchiveError, match=r"study.zip, member .* points outside"):
        opened(path)


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.dcm")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as z:
        z.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchiveError, match="is a link"):
        opened(tmp_path / "study.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped(tmp_path / "bomb.zip", {"zeros.dcm": bytes(80 * 2**20)})
    with pytest.raises(UnsafeArchiveError, match="would unpack"):
        opened(path)


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "ALWAYS_ALLOWED_BYTES", 10_000)
    path = zipped(tmp_path / "bomb.zip", {"zeros.dcm": bytes(2**20)})
    lie = (2**20).to_bytes(4, "little"), (9_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(*lie))
    with pytest.raises((UnsafeArchiveError, UnreadableFileError), match=r"bomb.zip"):
        opened(path)


def test_an_encrypted_member_is_named(tmp_path):
    path = zipped(tmp_path / "study.zip", {"a.dcm": b"x" * 100})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"member 'a.dcm': is encrypted. Unpack it with its password"):
        opened(path)


@pytest.mark.parametrize("keep", [0.0, 0.4, 0.95])
def test_a_truncated_archive(tmp_path, keep):
    files = Scan(tags=T2).write(tmp_path / "study")
    path = zipped(tmp_path / "study.zip", {f.name: f.read_bytes() for f in files})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(UnreadableFileError, match=r"study.zip: is not a complete zip archive"):
        opened(path)


def test_a_damaged_member(tmp_path):
    path = zipped(tmp_path / "study.zip", {"a.dcm": bytes(range(256)) * 40}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[500] ^= 255
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="not a complete zip"):
        opened(path)


@pytest.mark.parametrize("members", [{}, {"folder/": b""}])
def test_an_empty_archive(tmp_path, members):
    with pytest.raises(MissingFileError, match="holds no files"):
        opened(zipped(tmp_path / "study.zip", members))


def test_an_empty_folder_and_a_path_that_is_not_there(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match="empty: holds no files"):
        read_study(tmp_path / "empty")
    with pytest.raises(MissingFileError, match="nowhere: does not exist"):
        read_study(tmp_path / "nowhere")


def test_a_folder_without_images_says_what_it_saw(tmp_path):
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    with pytest.raises(MissingFileError, match=r"letter.pdf: neither DICOM nor NIfTI"):
        read_study(tmp_path)


def test_a_file_of_another_kind_given_by_name(tmp_path):
    (tmp_path / "scan.mha").write_bytes(b"ObjectType = Image")
    with pytest.raises(UnreadableFileError, match=r"scan.mha: is neither DICOM nor NIfTI"):
        read_study(tmp_path / "scan.mha")


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_not_blamed_on_the_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_copy", full)
    with pytest.raises(OutputError, match=r"no space left for temporary files.*TMPDIR"):
        opened(zipped(tmp_path / "study.zip", {"a.dcm": b"x"}))


def test_a_full_disk_is_not_blamed_on_the_pixels(tmp_path, monkeypatch):
    file, said = Scan(tags=T2).write(tmp_path / "study")[0], type("Done", (), {"returncode": 28, "stderr": b""})
    with monkeypatch.context() as change:
        change.setattr("numpy.save", full)
        change.setattr("sys.argv", ["decoder", str(tmp_path), "60"])
        change.setattr(decoder, "_limit", lambda _: None)
        change.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(str(file).encode())))
        with pytest.raises(SystemExit) as ended:
            decoder.main()
    assert ended.value.code == said.returncode
    monkeypatch.setattr("subprocess.run", lambda *_, **__: said)
    monkeypatch.setattr(pixels, "_APART", {"ExplicitVRLittleEndian"})
    with pytest.raises(OutputError, match="no space left for temporary files"):
        read_study(tmp_path / "study")


@pytest.mark.skipif(os.name != "posix", reason="modes as POSIX has them")
def test_unpacked_files_can_be_read_by_their_owner_only(tmp_path):
    with ExitStack() as until:
        (found,) = find_files(zipped(tmp_path / "study.zip", {"a.dcm": b"x"}), until)
        assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "."])
def test_a_member_without_a_name_is_refused(tmp_path, name):
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(zipfile.ZipInfo(name or "x"), b"x")
    path.write_bytes(path.read_bytes().replace(b"x", b".") if name else _nameless(path.read_bytes()))
    with pytest.raises((UnsafeArchiveError, UnreadableFileError), match=r"study\.zip"):
        opened(path)


def _nameless(content: bytes) -> bytes:
    """The archive of one member "x" with that name taken out of both of its headers."""
    data = bytearray(content)
    for mark, length, name in ((b"PK\1\2", 28, 46), (b"PK\3\4", 26, 30)):
        at = data.index(mark)
        data[at + length] = 0
        del data[at + name]
    end = data.index(b"PK\5\6")
    data[end + 16 : end + 20] = data.index(b"PK\1\2").to_bytes(4, "little")
    data[end + 12 : end + 16] = (end - data.index(b"PK\1\2")).to_bytes(4, "little")
    return bytes(data)


def test_a_name_that_is_not_utf8_and_damaged_lzma_are_a_damaged_archive(tmp_path):
    path = zipped(tmp_path / "study.zip", {"\N{LATIN SMALL LETTER E WITH ACUTE}.dcm": b"x" * 100})
    path.write_bytes(path.read_bytes().replace(b"\xc3\xa9", b"\xff\xff"))
    with pytest.raises(UnreadableFileError, match="is not a complete zip archive"):
        opened(path)
    path = zipped(tmp_path / "lzma.zip", {"a.dcm": bytes(range(256)) * 10}, zipfile.ZIP_LZMA)
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"lzma\.zip: is not a complete zip archive"):
        opened(path)


def test_more_files_than_a_study_has_are_refused_in_archive_and_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILES", 20)
    path = zipped(tmp_path / "study.zip", {f"{n}.dcm": b"x" for n in range(21)})
    with pytest.raises(UnsafeArchiveError, match="in 21 files: no study does"):
        opened(path)
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(21):
        (folder / f"{n}.dcm").write_bytes(b"x")
    with pytest.raises(UnreadableFileError, match="holds more than 20 files"):
        opened(folder)


def test_a_name_that_is_no_text_is_shown_with_marks(tmp_path):
    odd = tmp_path / "study" / os.fsdecode(b"a\xff\x1b.txt")
    odd.parent.mkdir()
    odd.write_bytes(b"x")
    (found,) = opened(odd.parent)
    assert found.basename == "a\ufffd.txt"
    assert found.path.read_bytes() == b"x"
