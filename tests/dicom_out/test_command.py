"""`ovcf dicom`: what a person types, and what they are told."""

import json
import shutil
from copy import deepcopy
from typing import NamedTuple

import pydicom
import pytest

from ovcf.reading.file import read_reading, write_reading
from tests.cli.conftest import command  # noqa: F401  # a fixture
from tests.dicom_out.test_edits import line, moved


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(command):  # noqa: F811
    """The command; it must end as expected."""

    def ran(*words, code=0):
        said = Said(*command("dicom", *words))
        assert said.code == code, said.err
        return said

    return ran


@pytest.fixture
def here(reading, visit, tmp_path):
    """A folder with the signed reading and its study."""
    write_reading(reading, tmp_path / "reading.ovcf")
    (tmp_path / "study").symlink_to(visit / "study")
    return tmp_path


def test_write_then_read(run, here):
    said = run("write", here / "reading.ovcf", "--images", here / "study", "--out", here / "out")
    assert {p.name for p in (here / "out").glob("*.dcm")} == {
        "report.sr.dcm",
        "vertebrae.seg.dcm",
        "report.pdf.dcm",
        "key-images.ko.dcm",
    }
    assert "report.sr.dcm" in said.out
    shown = run("read", here / "out" / "report.sr.dcm", here / "reading.ovcf").out
    assert shown.startswith("Verified; A. Reader; 2026-03-04")
    told = run("read", here / "out" / "report.sr.dcm", here / "reading.ovcf", "--json").out
    plain = json.loads(told)
    assert plain["reader"] == "A. Reader"
    assert plain["not_held"]


def test_a_moved_point_is_shown_and_then_taken_over(run, here, made, sources, reading):
    report = deepcopy(pydicom.Dataset(made.objects["report.sr.dcm"]))
    report.file_meta = made.objects["report.sr.dcm"].file_meta
    moved(line(report, "HA", "MR", sources)[1], 0, (0.5, -2.0))
    report.save_as(here / "moved.dcm", enforce_file_format=True)
    words = ("read", here / "moved.dcm", here / "reading.ovcf", "--images", here / "study", "--reason", "seen")
    before = (here / "reading.ovcf").read_bytes()
    shown = run(*words, "--preview").out
    assert "Anterior height Ha" in shown
    assert (here / "reading.ovcf").read_bytes() == before
    run(*words)
    version = read_reading(here / "reading.ovcf").reading.current
    assert (version.parent, version.reason) == (reading.reading.current.id, "seen")
    assert [e.kind for e in version.edits].count("move point") == 1


def test_a_draft_is_refused_with_what_to_do(run, draft, visit, tmp_path):
    write_reading(draft, tmp_path / "draft.ovcf")
    said = run("write", tmp_path / "draft.ovcf", "--images", visit / "study", "--out", tmp_path / "o", code=2)
    assert "a draft that nobody has signed" in said.err
    assert not (tmp_path / "o").exists()


def test_without_the_package_the_extra_is_named(run, here, monkeypatch):
    monkeypatch.setattr("ovcf.dicom_out.extra.find_spec", lambda name: None)
    for words in (
        ("write", here / "reading.ovcf", "--images", here / "study", "--out", here / "out"),
        ("read", here / "x.dcm", here / "reading.ovcf"),
    ):
        assert 'Install the extra "dicom"' in run(*words, code=2).err


def test_the_folder_of_the_images_is_never_written_into(run, here, visit):
    shutil.copytree(visit / "study", here / "mine")
    said = run("write", here / "reading.ovcf", "--images", here / "mine", "--out", here / "mine", code=2)
    assert "mine" in said.err
