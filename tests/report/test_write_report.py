"""A report on disk: all of it or nothing, never over somebody else's files, the same bytes each time."""

import pytest

from ovcf.errors import OutputError
from ovcf.report.figure import Figure
from ovcf.report.write import write_report
from tests.report.example import ASSESSMENT, figures

ALL = ["assessment.json", "report.html", "report.pdf"]


def names(folder):
    """What a person sees there; the record that the folder keeps of itself is hidden."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".ovcf-manifest.json")


def test_three_files_and_nothing_else(tmp_path):
    written = write_report(ASSESSMENT, figures(), tmp_path / "deep" / "out")
    assert [path.name for path in written] == ALL == names(tmp_path / "deep" / "out")
    assert names(tmp_path / "deep") == ["out"]
    assert written[2].read_bytes().startswith(b"%PDF-")


def test_two_runs_give_identical_bytes(tmp_path):
    one, two = (write_report(ASSESSMENT, figures(), tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_an_earlier_report_is_replaced_without_a_trace(tmp_path):
    write_report(ASSESSMENT, (), tmp_path)
    write_report(ASSESSMENT, (), tmp_path, formats=("html",))
    assert names(tmp_path) == ["report.html"]


@pytest.mark.parametrize("name", ["patients.csv", "report.html"])
def test_a_folder_with_other_files_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("precious")
    with pytest.raises(OutputError, match=f"holds {name}, which ovcf did not write"):
        write_report(ASSESSMENT, (), tmp_path)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_a_path_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("precious")
    with pytest.raises(OutputError, match="is a file"):
        write_report(ASSESSMENT, (), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "precious"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "wall").write_text("a file where a folder must be")
    with pytest.raises(OutputError, match="cannot be"):
        write_report(ASSESSMENT, (), tmp_path / "wall" / "out")
    assert names(tmp_path) == ["wall"]


def test_a_failure_halfway_leaves_nothing(tmp_path):
    broken = Figure("broken", "", "this is not SVG")
    with pytest.raises(OutputError, match=r"report\.pdf"):
        write_report(ASSESSMENT, (broken,), tmp_path / "out")
    assert names(tmp_path) == []


def test_a_failure_halfway_keeps_the_earlier_report(tmp_path):
    before = [path.read_bytes() for path in write_report(ASSESSMENT, (), tmp_path)]
    with pytest.raises(OutputError):
        write_report(ASSESSMENT, (Figure("broken", "", "this is not SVG"),), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in ALL] == before


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(ASSESSMENT, (), tmp_path / "deep" / "out")
    assert names(tmp_path) == []


def test_an_unknown_format_is_named():
    with pytest.raises(OutputError, match="'docx'"):
        write_report(ASSESSMENT, (), "unused", formats=("docx",))
