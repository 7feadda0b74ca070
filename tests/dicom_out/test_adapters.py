"""The report in the hands of the libraries by which OHIF reads and writes reports (@cornerstonejs/adapters, pinned).

They run under node; `make test-adapters` fetches them into tests/dicom_out/adapters/node_modules.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest

from ovcf.dicom_out.back.content import read_report
from ovcf.dicom_out.back.edits import edits_in
from ovcf.reading.session import Session

HERE = Path(__file__).parent / "adapters"
L1 = "66794005"

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules" / "@cornerstonejs" / "adapters").is_dir() or shutil.which("node") is None,
    reason="node and the viewer's libraries are not there (make test-adapters)",
)


@pytest.fixture
def viewer(written, visit, tmp_path):
    """``viewer(moves)``: what a viewer reads of our report, and the report that it saves after the moves."""
    images = tmp_path / "images.json"
    images.write_text(json.dumps([str(f) for f in sorted(visit.glob("study/*/*.dcm"))]), "utf-8")

    def opened(*moves):
        (tmp_path / "moves.json").write_text(json.dumps(moves), "utf-8")
        out = tmp_path / "saved.dcm"
        words = ["node", "edit.mjs", written / "report.sr.dcm", images, out, tmp_path / "moves.json"]
        said = subprocess.run(words, cwd=HERE, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout), out

    return opened


def one(lines, finding, modality, sources):
    """The line of L1 that measures something on the images of a modality."""
    for line in lines:
        of_l1 = line["sites"][0]["CodeValue"] == L1
        if of_l1 and line["finding"]["CodeValue"] == finding and sources.images[line["image"]].Modality == modality:
            return line
    raise AssertionError(finding)


def vertebra(reading, level, film=False):
    (s,) = [s for s in Session(reading).now().sets if (s.seen.plane is None) == film]
    return s, s.vertebrae[s.id_of(level)]


def test_kyphosis_and_heights_become_editable_annotations(viewer, reading, sources):
    lines, _ = viewer()
    assert {line["tool"] for line in lines} == {"CobbAngle", "Length"}
    assessment = Session(reading).assessment()
    kyphosis = one(lines, "KA-HAN", "MR", sources)
    (measured,) = [
        m
        for m in assessment.measurements
        if m.method.id == "ka-han" and m.index_level == "L1" and m.source.modality == "MR"
    ]
    assert kyphosis["value"] == pytest.approx(measured.value)
    assert len({line["uid"] for line in lines}) == len(lines)
    # Where the viewer draws the ends in the patient: on the nearest slice, so beside the plane by its offset.
    s, above = vertebra(reading, "T12")
    for end, point in zip(kyphosis["points"][:2], above.seen.points[2:4], strict=True):
        there = s.seen.plane.to_patient(point)
        across = abs(float((end - there) @ s.seen.plane.normal))
        assert [float(x) for x in s.seen.plane.from_patient(end)] == pytest.approx(point, abs=0.01)
        assert across <= float(sources.images[kyphosis["image"]].SpacingBetweenSlices) / 2 + 1e-3


def test_saving_without_a_change_changes_nothing(viewer, reading, sources):
    _, saved = viewer({"reader": "Viewer^Reader"})
    report = read_report(saved)
    assert report.lines
    found = edits_in(report, reading, sources)
    assert (found.edits, found.told) == ((), ())


def test_the_libraries_write_new_tracking_uids_so_that_codes_must_tell(viewer):
    """Should this fail, they keep the UID now: the page on DICOM says otherwise."""
    lines, saved = viewer()
    kept = {line.tracking_uid for line in read_report(saved).lines} & {line["uid"] for line in lines}
    assert not kept


@pytest.mark.parametrize(
    ("finding", "tool", "end", "level", "point"),
    [
        ("HA", "Length", 0, "L1", "superior_anterior"),
        ("HM", "Length", 1, "L1", "inferior_middle"),
        ("HP", "Length", 1, "L1", "inferior_posterior"),
        ("KA-HAN", "CobbAngle", 1, "T12", "inferior_posterior"),
        ("KA-HAN", "CobbAngle", 2, "L2", "superior_anterior"),
    ],
)
@pytest.mark.parametrize("modality", ["MR", "DX"])
def test_an_end_that_a_reader_dragged_is_an_edit(viewer, reading, sources, finding, tool, end, level, point, modality):
    line = one(viewer()[0], finding, modality, sources)
    move = {"tool": tool, "finding": finding, "site": L1, "image": line["image"], "end": end, "by": [2.0, -3.0]}
    _, saved = viewer(move, {"reader": "Viewer^Reader"})
    found = edits_in(read_report(saved), reading, sources)
    (edit,) = found.edits
    _, moved = vertebra(reading, level, film=modality == "DX")
    assert (edit.vertebra, edit.point, edit.reader) == (moved.id, point, "Viewer Reader")
    spacing = (1, 1) if modality == "DX" else [float(x) for x in sources.images[line["image"]].PixelSpacing]
    places = (
        "superior_anterior",
        "superior_posterior",
        "inferior_anterior",
        "inferior_posterior",
        "superior_middle",
        "inferior_middle",
    )
    x, y = moved.seen.points[places.index(point)]
    assert edit.to == pytest.approx((x + 2 * spacing[1], y - 3 * spacing[0]), abs=0.01)
    assert found.told == ()


def test_a_line_that_a_reader_drew_is_reported(viewer, reading, sources):
    image = one(viewer()[0], "HA", "MR", sources)["image"]
    _, saved = viewer({"draw": [[10, 10], [60, 80]], "image": image}, {"reader": "Viewer^Reader"})
    found = edits_in(read_report(saved), reading, sources)
    assert found.edits == ()
    assert [t.why for t in found.told] == ["is no line of this reading"]


def test_a_line_that_a_reader_deleted_deletes_nothing(viewer, reading, sources):
    line = one(viewer()[0], "HA", "MR", sources)
    _, saved = viewer({"tool": "Length", "finding": "HA", "site": L1, "image": line["image"], "delete": True})
    found = edits_in(read_report(saved), reading, sources)
    assert (found.edits, found.told) == ((), ())


def test_it_names_the_report_it_follows(viewer, made):
    _, saved = viewer()
    assert read_report(saved).predecessors == (made.objects["report.sr.dcm"].SOPInstanceUID,)
    assert pydicom.dcmread(saved).StudyInstanceUID == made.objects["report.sr.dcm"].StudyInstanceUID
