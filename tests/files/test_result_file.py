"""A single file of results is whole, private, and never over another unasked."""

import os
import stat

import pytest

from ovcf.errors import OutputError
from ovcf.files.result_file import write_file


def test_a_file_that_is_there_stays_unless_its_replacement_is_asked_for(tmp_path):
    path = tmp_path / "landmarks.json"
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        write_file(path, b"new")
    assert path.read_text() == "mine"
    assert write_file(path, b"new", replace=True).read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["landmarks.json"]


@pytest.mark.skipif(os.name != "posix", reason="modes as POSIX has them")
def test_only_its_owner_may_read_it(tmp_path):
    assert stat.S_IMODE(write_file(tmp_path / "a.json", b"1").stat().st_mode) == 0o600


def test_a_folder_and_a_link_are_no_place_for_it(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name in ("folder", "link"):
        with pytest.raises(OutputError, match="is not a plain file"):
            write_file(tmp_path / name, b"new", replace=True)
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("mine")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_file(tmp_path / "a.json", b"new", replace=True)
    assert (tmp_path / "a.json").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
