"""What the structured report says: landmarks where they lie on the stored pixels, numbers, findings, who."""

import json

import numpy as np
import pydicom
import pytest

from ovcf.anatomy import Level
from ovcf.reading.session import Session
from tests.dicom_out import items

L1 = ("SCT", "66794005")
LANDMARKS = {
    "superior_anterior": "LM-SA",
    "superior_posterior": "LM-SP",
    "inferior_anterior": "LM-IA",
    "inferior_posterior": "LM-IP",
    "superior_middle": "LM-SM",
    "inferior_middle": "LM-IM",
}


@pytest.fixture(scope="module")
def report(written):
    return pydicom.dcmread(written / "report.sr.dcm")


@pytest.fixture(scope="module")
def images(visit):
    found = [pydicom.dcmread(f, stop_before_pixels=True) for f in visit.glob("study/*/*.dcm")]
    return {str(ds.SOPInstanceUID): ds for ds in found}


def landmarks_of(report, modality, images):
    """Landmark code to (column, row), image and stated distance, of L1 on the images of a modality."""
    found = {}
    for group in items.of(report, "99OVCF", "LANDMARKS"):
        if items.at(group, *L1):
            for n in items.below(group, "99OVCF", "LANDMARK"):
                ((purpose, kind, points, instance, _),) = items.drawn(n)
                assert kind == "POINT"
                if images[instance].Modality == modality:
                    found[purpose] = (points[0], images[instance], items.number(n))
    return found


def test_it_is_a_comprehensive_report_of_measurements(report):
    assert report.SOPClassUID.name == "Comprehensive SR Storage"
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"


def test_landmarks_on_the_radiograph_lie_on_the_pixels_that_were_drawn(report, images, visit):
    truth = json.loads((visit / "truth" / "landmarks_radiograph.json").read_text("utf-8"))
    drawn = next(v for v in truth["vertebrae"] if v["level"] == "L1")
    written = landmarks_of(report, "DX", images)
    assert set(written) == set(LANDMARKS.values())
    for landmark, code in LANDMARKS.items():
        (column, row), _, distance = written[code]
        # The landmark file counts from the centre of the first pixel, SCOORD from its outer corner (PS3.3 C.18.6.1.2).
        assert (column - 0.5, row - 0.5) == pytest.approx(drawn[landmark], abs=1e-3)
        assert distance == 0


def test_landmarks_on_mri_lie_where_they_are_in_the_patient_beside_the_stated_distance(report, images, reading):
    (placed,) = [s for s in Session(reading).now().sets if s.seen.plane is not None]
    vertebra = placed.vertebrae[placed.id_of(Level.L1)]
    for n, code in enumerate(LANDMARKS.values()):
        x, y = vertebra.seen.points[n]
        plane = placed.seen.plane
        there = np.add(plane.origin, x * np.array(plane.posterior) + y * np.array(plane.caudal))
        (column, row), image, distance = landmarks_of(report, "MR", images)[code]
        rows, columns = np.reshape([float(v) for v in image.ImageOrientationPatient], (2, 3))
        down, across = (float(v) for v in image.PixelSpacing)
        # PS3.3 C.7.6.2.1.1, with the centre of the first pixel at (0.5, 0.5) of SCOORD
        on_slice = np.array([float(v) for v in image.ImagePositionPatient])
        on_slice = on_slice + (column - 0.5) * across * rows + (row - 0.5) * down * columns
        normal = np.cross(rows, columns)
        assert there == pytest.approx(on_slice + distance * normal, abs=1e-3)
        assert abs(distance) <= float(image.SpacingBetweenSlices) / 2 + 1e-6


def test_measurements_stand_with_their_unit_and_uncertainty(report, reading):
    assessment = Session(reading).assessment()
    (measured,) = [
        m
        for m in assessment.measurements
        if m.method.id == "vhl-han" and m.index_level == "L1" and m.source.modality == "MR"
    ]
    found = [
        n
        for g in items.of(report, "99OVCF", "MEASUREMENTS")
        if items.at(g, *L1)
        for n in items.below(g, "99OVCF", "VHL-HAN")
    ]
    (number,) = [n for n in found if items.number(n) == pytest.approx(measured.value)]
    assert number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "%"
    for code in ("371886008", "371885007"):  # upper and lower range of measurement uncertainty
        (spread,) = items.below(number, "SCT", code)
        assert items.number(spread) == pytest.approx(measured.standard_uncertainty)


def test_the_score_stands_with_its_items_status_and_group(report, reading):
    (score,) = [s for s in Session(reading).assessment().scores if s.score == "NASOVCF"]
    (group,) = items.of(report, "99OVCF", "S-NASOVCF")
    (status,) = items.below(group, "99OVCF", "SCORE-STATUS")
    assert status.ConceptCodeSequence[0].CodeMeaning == score.status
    written = items.below(group, "99OVCF", "SCORE-ITEM")
    assert [items.below(i, "99OVCF", "ITEM-NAME")[0].TextValue for i in written] == [i.name for i in score.items]
    points = [items.number(i) if i.ValueType == "NUM" else None for i in written]
    assert points == [i.points for i in score.items]
    if score.total is not None:
        assert items.number(items.below(group, "99OVCF", "S-NASOVCF")[0]) == score.total


def test_reader_and_program_are_the_observers(report):
    names = [i.PersonName for i in items.below(report, "DCM", "121008")]
    assert [str(n).strip("^") for n in names] == ["A. Reader"]
    assert [i.TextValue for i in items.below(report, "DCM", "121013")] == ["ovcf"]


def test_what_was_not_measured_and_could_not_be_judged_is_named(report, reading):
    assessment = Session(reading).assessment()
    (whole,) = items.below(report, "UMLS", "C0034375")
    told = [i.TextValue for i in items.below(whole, "99OVCF", "WITHHELD")]
    assert assessment.withheld
    for one in assessment.withheld:
        assert any(one.reason in words and str(one.level or "") in words for words in told)


def test_kyphosis_and_heights_are_lines_that_a_viewer_lets_one_edit(report, reading):
    lines = [g for g in items.groups(report) if g.ContentSequence[0].TextValue.startswith("Cornerstone3DTools@^0.1.0:")]
    tools = {g.ContentSequence[0].TextValue.partition(":")[2] for g in lines}
    assert tools == {"CobbAngle", "Length"}
    for group in lines:
        number = next(i for i in group.ContentSequence if i.ValueType == "NUM")
        ((_, kind, points, _, _),) = items.drawn(number)
        assert kind == "POLYLINE"
        assert len(points) == (4 if group.ContentSequence[0].TextValue.endswith("CobbAngle") else 2)
        if len(points) == 4:  # the angle that anybody measures between the two lines is the one that is stated
            u, v = np.subtract(points[1], points[0]), np.subtract(points[3], points[2])
            angle = np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))
            assert angle == pytest.approx(abs(items.number(number)), abs=0.01)
