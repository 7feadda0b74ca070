"""A report in which somebody moved points comes back as edits; what is not understood is told, never guessed."""

from copy import deepcopy
from dataclasses import replace

import pydicom
import pytest

from ovcf.dicom_out.back.content import report_of
from ovcf.dicom_out.back.edits import edits_in
from ovcf.dicom_out.back.take_over import taken_over
from ovcf.dicom_out.write import dicom_objects
from ovcf.errors import ReadingError, SeriesChoiceError
from ovcf.reading.editing.edits import MovePoint
from ovcf.reading.session import Session
from tests.dicom_out import items
from tests.dicom_out.conftest import SIGNED_AT

NOW = "2026-05-01T00:00:00+00:00"
L1 = ("SCT", "66794005")


@pytest.fixture
def report(made):
    """A copy of the report to move points in."""
    return deepcopy(pydicom.Dataset(made.objects["report.sr.dcm"]))


def line(report, code, image="MR", images=None):
    """The graphic item of an editable line of L1."""
    for group in items.of(report, "99OVCF", code):
        if items.at(group, *L1):
            number = next(i for i in group.ContentSequence if i.ValueType == "NUM")
            (scoord,) = [i for i in number.ContentSequence if i.ValueType == "SCOORD"]
            if images is None or _modality(scoord, images) == image:
                return group, scoord
    raise AssertionError(code)


def _modality(scoord, sources):
    return sources.images[scoord.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID].Modality


def moved(scoord, end, by):
    """Move one end of a line by so many (columns, rows)."""
    flat = list(scoord.GraphicData)
    flat[2 * end] += by[0]
    flat[2 * end + 1] += by[1]
    scoord.GraphicData = flat


def vertebra_of(reading, level, film=False):
    (s,) = [s for s in Session(reading).now().sets if (s.seen.plane is None) == film]
    return s, s.vertebrae[s.id_of(level)]


def test_a_moved_end_of_a_height_is_the_landmark_moved(report, reading, sources):
    _, scoord = line(report, "HA", "MR", sources)
    moved(scoord, 0, (3.0, -2.0))
    (edit,) = edits_in(report_of(report, "it"), reading, sources).edits
    _, vertebra = vertebra_of(reading, "L1")
    assert (edit.vertebra, edit.point) == (vertebra.id, "superior_anterior")
    across, down = (
        float(mm)
        for mm in reversed(
            sources.images[scoord.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID].PixelSpacing
        )
    )
    x, y = vertebra.seen.points[0]
    # The slices are sagittal, their columns run to the back and their rows to the feet, as the plane does.
    assert edit.to == pytest.approx((x + 3 * across, y - 2 * down), abs=1e-3)
    assert (edit.reader, edit.at) == ("A. Reader", SIGNED_AT)


def test_on_a_radiograph_points_are_pixels(report, reading, sources):
    _, scoord = line(report, "HP", "DX", sources)
    moved(scoord, 1, (5.0, 4.0))
    (edit,) = edits_in(report_of(report, "it"), reading, sources).edits
    _, vertebra = vertebra_of(reading, "L1", film=True)
    x, y = vertebra.seen.points[3]
    assert (edit.vertebra, edit.point) == (vertebra.id, "inferior_posterior")
    assert edit.to == pytest.approx((x + 5, y + 4), abs=1e-3)


@pytest.mark.parametrize(
    ("end", "neighbour", "point"),
    [
        (0, "T12", "inferior_anterior"),
        (1, "T12", "inferior_posterior"),
        (2, "L2", "superior_anterior"),
        (3, "L2", "superior_posterior"),
    ],
)
def test_the_ends_of_the_kyphosis_lines_are_corners_of_the_neighbours(report, reading, sources, end, neighbour, point):
    _, scoord = line(report, "KA-HAN", "MR", sources)
    moved(scoord, end, (1.0, 1.0))
    (edit,) = edits_in(report_of(report, "it"), reading, sources).edits
    assert (edit.vertebra, edit.point) == (vertebra_of(reading, neighbour)[1].id, point)


def test_a_viewer_that_writes_new_tracking_uids_is_understood_by_the_codes(report, reading, sources):
    group, scoord = line(report, "HA", "MR", sources)
    moved(scoord, 0, (3.0, -2.0))
    for item in items.below(group, "DCM", "112040"):
        item.UID = "2.25.1234"
    (edit,) = edits_in(report_of(report, "it"), reading, sources).edits
    assert edit.point == "superior_anterior"


def test_a_group_that_cannot_be_told_is_reported_and_not_guessed(report, reading, sources):
    group, scoord = line(report, "HA", "MR", sources)
    moved(scoord, 0, (3.0, -2.0))
    for item in items.below(group, "DCM", "112040"):
        item.UID = "2.25.1234"
    for item in items.below(group, "SCT", "363698007"):
        if items.answer(item)[0] == "99OVCF":
            item.ConceptCodeSequence[0].CodeValue = "B-000000000000"
    found = edits_in(report_of(report, "it"), reading, sources)
    assert found.edits == ()
    assert [t.why for t in found.told] == ["is no line of this reading"]


def test_a_group_of_somebody_else_is_reported(report, reading, sources):
    group, _ = line(report, "HA", "MR", sources)
    items.below(group, "DCM", "112039")[0].TextValue = "MyTool:Area"
    items.below(group, "DCM", "121071")[0].ConceptCodeSequence[0].CodeValue = "OTHER"
    items.below(group, "DCM", "121071")[0].ConceptCodeSequence[0].CodeMeaning = "An area"
    told = edits_in(report_of(report, "it"), reading, sources).told
    assert any("MyTool:Area" in t.what and "An area" in t.what for t in told)


def test_two_lines_that_move_one_landmark_to_two_places_move_it_nowhere(report, reading, sources):
    _, ha = line(report, "HA", "MR", sources)
    moved(ha, 0, (3.0, -2.0))
    landmark = next(
        n
        for g in items.of(report, "99OVCF", "LANDMARKS")
        if items.at(g, *L1)
        for n in items.below(g, "99OVCF", "LANDMARK")
        if items.drawn(n)[0][0] == "LM-SA"
        and items.drawn(n)[0][3] in {uid for uid, ds in sources.images.items() if ds.Modality == "MR"}
    )
    moved(next(i for i in landmark.ContentSequence if i.ValueType == "SCOORD"), 0, (-4.0, 0.0))
    found = edits_in(report_of(report, "it"), reading, sources)
    assert found.edits == ()
    assert any("two places" in t.why for t in found.told)


def test_points_on_a_foreign_image_are_reported(report, reading, sources):
    _, scoord = line(report, "HA", "MR", sources)
    scoord.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "2.25.77"
    found = edits_in(report_of(report, "it"), reading, sources)
    assert found.edits == ()
    assert any("an image that the reading was not made on" in t.why for t in found.told)


def test_a_report_of_another_reading_study_or_patient_is_refused(report, reading, sources):
    other = replace(reading, reading=replace(reading.reading, id="another"))
    with pytest.raises(ReadingError, match="not of this one"):
        edits_in(report_of(report, "it"), other, sources)
    for keyword, value in (("PatientID", "SOMEBODY ELSE"), ("StudyInstanceUID", "2.25.5")):
        wrong = deepcopy(report)
        setattr(wrong, keyword, value)
        with pytest.raises(SeriesChoiceError, match="another study or patient"):
            edits_in(report_of(wrong, "it"), reading, sources)


def test_who_moved_a_point_must_be_known(report, reading, sources):
    moved(line(report, "HA", "MR", sources)[1], 0, (3.0, -2.0))
    del report.VerifyingObserverSequence
    items.below(report, "DCM", "121008")[0].PersonName = "unknown^unknown"  # what dcmjs writes
    with pytest.raises(ReadingError, match="does not say who"):
        edits_in(report_of(report, "it"), reading, sources)
    (edit,) = edits_in(report_of(report, "it"), reading, sources, reader="B. Reader").edits
    assert edit.reader == "B. Reader"


def test_a_signed_reading_is_taken_up_again_for_a_reason_and_once_only(report, reading, sources):
    moved(line(report, "HA", "MR", sources)[1], 0, (0.5, -2.0))
    said = report_of(report, "it")
    with pytest.raises(ReadingError, match="reason"):
        taken_over(said, reading, sources, at=NOW)
    found = taken_over(said, reading, sources, reason="corner corrected", at=NOW)
    version = found.file.reading.current
    assert (version.parent, version.addendum, version.reason) == ("v1", True, "corner corrected")
    assert any(c.id == "vhl-han" and c.level == "L1" for c in found.changes)
    again = taken_over(said, found.file, sources, at=NOW)
    assert again.file is found.file


def test_a_report_of_an_earlier_draft_does_not_take_later_edits_back(draft, visit, sources):
    early = dicom_objects(draft, [visit / "study"], draft=True).objects["report.sr.dcm"]
    session = Session(draft)
    _, vertebra = vertebra_of(draft, "L1")
    x, y = vertebra.seen.points[0]
    session.make(
        MovePoint(id="later", reader="A", at=NOW, vertebra=vertebra.id, point="superior_anterior", to=(x - 2, y))
    )
    found = edits_in(report_of(early, "it"), session.file, sources)
    assert (found.edits, found.told) == ((), ())


def test_a_point_that_can_be_no_vertebra_is_told_and_left(report, reading, sources):
    _, scoord = line(report, "HA", "MR", sources)
    moved(scoord, 0, (0.0, 300.0))
    found = taken_over(report_of(report, "it"), reading, sources, reason="x", at=NOW)
    assert found.file is reading
    assert any("superior_anterior" in t.what for t in found.told)
