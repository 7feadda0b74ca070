"""Writing a reading again: what has not changed is not packed again, and the bytes are the same as if it were."""

import zlib
from dataclasses import replace

from ovcf.reading import archive
from ovcf.reading.file import read_reading, to_bytes, write_reading


def another(file):
    return replace(file, reading=replace(file.reading, id="another"))


def test_a_file_written_over_an_older_one_has_the_bytes_of_a_new_one(reading_file, tmp_path):
    path = tmp_path / "reading.ovcf"
    write_reading(reading_file, path)
    write_reading(another(reading_file), path)
    assert path.read_bytes() == to_bytes(another(reading_file))
    assert read_reading(path) == another(reading_file)


def test_the_same_file_again_gives_the_same_bytes(reading_file):
    assert to_bytes(reading_file, to_bytes(reading_file)) == to_bytes(reading_file)


def test_only_what_changed_is_packed(reading_file, monkeypatch):
    older, packed = to_bytes(reading_file), []
    pack = zlib.compressobj

    def seen(*args, **more):
        packed.append(args)
        return pack(*args, **more)

    monkeypatch.setattr(archive.zipfile.zlib, "compressobj", seen)
    to_bytes(another(reading_file), older)
    assert len(packed) == 1


def test_an_older_file_that_is_damaged_is_no_help_and_no_harm(reading_file):
    assert to_bytes(reading_file, b"not an archive") == to_bytes(reading_file)
