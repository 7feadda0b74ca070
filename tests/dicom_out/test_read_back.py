"""A report of ours, read back, says what the reading says: levels, points, numbers, findings, scores, reader, UIDs."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import Morphometry, RecencySign, SuggestedFracture, Ungraded
from ovcf.coded.codes import concepts
from ovcf.dicom_out.back.content import NOT_HELD, read_report
from ovcf.dicom_out.back.edits import edits_in
from ovcf.dicom_out.sr.findings import finding_item, read_finding
from ovcf.dicom_out.sr.groups import Written
from ovcf.dicom_out.sr.report import structured_report
from ovcf.errors import UnreadableFileError
from ovcf.reading.session import Session
from ovcf.reading.uids import body_key, instance_uid
from tests.dicom_out import items
from tests.dicom_out.conftest import errors_of


def coded_level(level):
    code = concepts()["level"][level]
    return code.scheme, code.value


@pytest.fixture(scope="module")
def back(written):
    return read_report(written / "report.sr.dcm")


@pytest.fixture(scope="module")
def session(reading):
    return Session(reading)


def test_reader_state_and_identity(back, reading):
    version = reading.reading.current
    assert (back.reader, back.verified) == (version.reader, True)
    assert (back.reading, back.version) == (reading.reading.id, version.id)
    assert back.instance_uid == instance_uid(reading.reading, version, "SR")
    assert back.written_at == version.confirmed_at


def test_levels_and_points_within_single_precision(back, session, reading, sources):
    expected = {}
    for s in session.now().sets:
        for v in s.vertebrae.values():
            for name, point in zip(
                (
                    "superior_anterior",
                    "superior_posterior",
                    "inferior_anterior",
                    "inferior_posterior",
                    "superior_middle",
                    "inferior_middle",
                ),
                v.seen.points,
                strict=False,
            ):
                expected[body_key(reading.reading, v.id), name] = (s, s.levels[v.id], point)
    assert len(back.points) == len(expected) > 60
    for point in back.points:
        s, level, (x, y) = expected[point.key, point.landmark]
        assert point.level == level
        ((bx, by),) = sources.places[s.seen.id].back(point.on)
        # float32 has 24 bits: a coordinate of some hundred pixels is kept to some 1e-5 of a pixel
        assert (bx, by) == pytest.approx((x, y), abs=float(np.finfo(np.float32).eps) * 4096)


def test_every_measurement_with_its_uncertainty(back, session):
    said = {(m.index_level, m.method.id, m.source.series_uid): m for m in session.assessment().measurements}
    read = {(m.level, m.method, *m.series): m for m in back.measurements}
    assert read.keys() == said.keys()
    for key, m in said.items():
        assert (read[key].value, read[key].unit) == (m.value, m.unit.value)
        assert read[key].standard_uncertainty == m.standard_uncertainty


def test_every_finding_as_data(back, session):
    assessment = session.assessment()
    said = (*assessment.findings, *assessment.suggested_fractures)
    read = [(level, f.data) for level, f in back.findings if f.data is not None]
    held = [(f.level, f.data) for f in said if f.data.kind != "spine"]
    # What the outline suggests stands among the findings already, and is not held a second time.
    held = [(at, replace(d, outline=()) if isinstance(d, SuggestedFracture) else d) for at, d in held]
    assert len(back.findings) == len(said)
    key = str
    assert sorted(map(key, read)) == sorted(map(key, held))
    assert any(isinstance(data, Morphometry) for _, data in read)


def test_what_could_not_be_judged_comes_back_as_such(back, session):
    said = {f.level for f in session.assessment().suggested_fractures if isinstance(f.data, Ungraded)}
    assert {level for level, f in back.findings if isinstance(f.data, Ungraded)} == said != set()
    assert len(back.said) >= len(session.assessment().withheld)


SUGGESTED = {
    Level.T11: SuggestedFracture(recent=None, unclear=True),
    Level.T12: SuggestedFracture(recent=None),
    Level.L2: SuggestedFracture(recent=False),
    Level.L3: SuggestedFracture(recent=True),
}


@pytest.fixture(scope="module")
def suggesting(reading, session, sources, tmp_path_factory):
    """A short report in which marrow of T11 is not clear, and three vertebrae look fractured."""
    findings = tuple(Finding(data=data, level=level) for level, data in SUGGESTED.items())
    assessment = replace(session.assessment(), findings=(), measurements=(), scores=(), suggested_fractures=findings)
    now = replace(session.now(), sets=())
    what = Written(reading=reading.reading, now=now, assessment=assessment, sources=sources)
    path = tmp_path_factory.mktemp("suggesting") / "report.sr.dcm"
    structured_report(what).save_as(path)
    return path


def test_a_vertebra_whose_marrow_is_not_clear_is_never_under_the_heading_of_those_that_look_fractured(suggesting):
    report = pydicom.dcmread(suggesting)
    answers = {}
    for group in items.of(report, "99OVCF", "MEASUREMENTS"):
        for code in ("SUSPECTED-FX", "MARROW-UNCLEAR"):
            for item in items.below(group, "99OVCF", code):
                (level,) = [lv for lv in SUGGESTED if items.at(group, *coded_level(lv))]
                answers[level] = code, item.ConceptCodeSequence[0].CodeMeaning
    assert answers == {
        Level.T11: ("MARROW-UNCLEAR", "Indeterminate"),
        Level.T12: ("SUSPECTED-FX", "Yes"),
        Level.L2: ("SUSPECTED-FX", "Yes"),  # old or not, it looks fractured: "No" would say the contrary
        Level.L3: ("SUSPECTED-FX", "Yes"),
    }
    assert errors_of(suggesting) == []


def test_it_comes_back_as_what_it_was(suggesting):
    read = {level: f.data for level, f in read_report(suggesting).findings if isinstance(f.data, SuggestedFracture)}
    assert read == SUGGESTED


def test_a_report_of_version_0_2_told_by_the_value_whether_it_is_recent():
    item = finding_item(Finding(data=SuggestedFracture(recent=True), level=Level.L1))
    item.ConceptCodeSequence = finding_item(Finding(data=RecencySign(recent=False), level=Level.L1)).ConceptCodeSequence
    item.ContentSequence = [c for c in item.ContentSequence if c.ConceptNameCodeSequence[0].CodeValue != "F-RECENT"]
    assert read_finding(item).data == SuggestedFracture(recent=False)


def test_scores(back, session):
    for score in session.assessment().scores:
        (read,) = [s for s in back.scores if s.score == score.score]
        assert (read.status, read.total) == (score.status, score.total)
        assert read.items == tuple((i.name, i.points) for i in score.items)


def test_nothing_is_foreign_and_nothing_was_edited(back, reading, sources):
    assert back.foreign == ()
    found = edits_in(back, reading, sources)
    assert (found.edits, found.told) == ((), ())


def test_what_a_report_cannot_hold_is_listed():
    assert any("signal of the marrow" in what for what in NOT_HELD)


@pytest.mark.parametrize("name", ["vertebrae.seg.dcm", "key-images.ko.dcm", "report.pdf.dcm"])
def test_an_object_of_another_kind_is_refused(written, name):
    with pytest.raises(UnreadableFileError, match="TID 1500"):
        read_report(written / name)


def test_a_file_that_is_no_dicom_is_refused(tmp_path):
    (tmp_path / "x.dcm").write_bytes(b"no dicom at all")
    with pytest.raises(UnreadableFileError):
        read_report(tmp_path / "x.dcm")
