"""reading.ovcf: read back equal, refused where damaged, small."""

import io
import zipfile
from dataclasses import replace

import pytest

from ovcf.errors import MissingFileError, UnreadableFileError
from ovcf.reading.conclude import conclude
from ovcf.reading.file import base_of, digest, from_bytes, head_of, read_reading, to_bytes, write_reading
from ovcf.reading.session import Session
from tests.reading.words import edit, moved


def test_a_reading_is_read_back_equal_and_written_again_the_same(reading_file, seen, tmp_path):
    session = Session(reading_file)
    session.make(moved(seen, "L1", by=(0.123456789, -1.1)))
    session.make(edit("SetThreshold", name="edema", sd=3.5))
    write_reading(session.file, tmp_path / "r.ovcf")
    back = read_reading(tmp_path / "r.ovcf")
    assert back == session.file
    assert to_bytes(back) == (tmp_path / "r.ovcf").read_bytes()
    assert Session(back).assessment() == session.assessment()


def test_observations_of_a_usual_study_take_less_than_five_megabytes(digital):
    seen, case = digital
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.version import Reading, Version

    name = digest(seen)
    reading = Reading(id="r", versions=(Version(id="v", observations=name, case=case),))
    data = to_bytes(ReadingFile(reading=reading, observations={name: seen}))
    assert len(data) < 5e6
    assert conclude(from_bytes(data, "r").current, (), case) == conclude(seen, (), case)


def test_later_versions_alone_lead_back_to_the_same_reading_with_the_archive_that_they_name(reading_file, seen):
    session, whole = Session(reading_file), to_bytes(reading_file)
    session.make(moved(seen, "L1", by=(1.0, 0.0)))
    head = head_of(session.file, "first.ovcf")
    assert base_of(head) == "first.ovcf"
    assert base_of(whole) is None
    assert from_bytes(whole, "r", head).reading == session.file.reading
    assert len(head) < len(whole)


def test_the_digest_tells_observations_apart_by_a_single_voxel(seen):
    samples = seen.marrow[0]
    voxels = samples.voxels.copy()
    voxels[2, 10, 10] += 1
    other = replace(seen, marrow=(replace(samples, voxels=voxels), *seen.marrow[1:]))
    assert digest(other) != digest(seen)
    assert digest(replace(seen)) == digest(seen)


def changed(data, name, change):
    """The archive with one member changed, or taken out where ``change`` gives None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            content = change(old.read(member)) if member.endswith(name) else old.read(member)
            if content is not None:
                new.writestr(member, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("reading.json", lambda _: None, "is not a reading"),
        ("reading.json", lambda b: b.replace(b'"format": "1"', b'"format": "9"'), "has format '9'"),
        ("reading.json", lambda b: b[:-20], "is not a reading"),
        (".voxels.npy", lambda b: b[:-1] + bytes([b[-1] ^ 1]), "were changed"),
        (".labels.npy", lambda _: None, "is not a reading|were changed"),
        (".voxels.npy", lambda b: b[:50], "is not a reading"),
    ],
)
def test_a_damaged_file_is_refused_with_what_to_do(reading_file, name, change, problem):
    with pytest.raises(UnreadableFileError, match=problem) as caught:
        from_bytes(changed(to_bytes(reading_file), name, change), "r.ovcf")
    assert caught.value.remedy


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"not a zip at all" * 20])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(UnreadableFileError):
        from_bytes(data, "r.ovcf")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="nowhere"):
        read_reading(tmp_path / "nowhere.ovcf")
