"""The objects of a reading: valid DICOM, of the same patient and study, each a series of its own, verified or not."""

from dataclasses import replace

import pydicom
import pytest

from ovcf.dicom_out.write import dicom_objects
from ovcf.errors import OutputError, ReadingError
from ovcf.phantom.patient import make_patient
from ovcf.reading.editing.edits import MovePoint
from ovcf.reading.session import Session
from tests.dicom_out import items
from tests.dicom_out.conftest import RECIPE, SIGNED_AT, errors_of, reading_of, signed

NAMES = ("report.sr.dcm", "vertebrae.seg.dcm", "report.pdf.dcm", "key-images.ko.dcm")
PATIENT = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "StudyID",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_validator_of_others_finds_no_error(written, name):
    assert errors_of(written / name) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_stands_in_the_study_of_the_images_as_a_series_of_its_own(written, visit, name):
    image = pydicom.dcmread(next((visit / "study" / "T2").iterdir()))
    made = pydicom.dcmread(written / name)
    assert [str(made.get(k)) for k in PATIENT] == [str(image.get(k)) for k in PATIENT]
    series = {pydicom.dcmread(f).SeriesInstanceUID for f in written.iterdir() if f.suffix == ".dcm"}
    there = {pydicom.dcmread(f, stop_before_pixels=True).SeriesInstanceUID for f in visit.glob("study/*/*.dcm")}
    assert len(series) == len(NAMES)
    assert not series & there


@pytest.mark.parametrize("name", NAMES)
def test_each_names_the_networks_that_looked_at_the_images(written, name):
    """As IHE's AI Results profile asks (6.5.3.1): each algorithm as contributing equipment, under a UID of its own."""
    every = pydicom.dcmread(written / name).ContributingEquipmentSequence
    (model,) = [item for item in every if item.get("ManufacturerModelName") == "a network 1"]
    assert (model.Manufacturer, model.SoftwareVersions) == ("ovcf project", "ovcf test")
    assert model.PurposeOfReferenceCodeSequence[0].CodeMeaning == "Processing Equipment"
    assert model.DeviceUID.is_valid
    assert "ab" * 32 in model.ContributionDescription
    assert model.ContributionDateTime == "20260304050607+0000"


def test_the_images_that_were_used_are_named(written, visit):
    there = {str(pydicom.dcmread(f, stop_before_pixels=True).SOPInstanceUID) for f in visit.glob("study/*/*.dcm")}
    report, seg = (pydicom.dcmread(written / name) for name in ("report.sr.dcm", "vertebrae.seg.dcm"))
    evidence = {
        str(one.ReferencedSOPInstanceUID)
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    assert evidence
    assert evidence <= there
    for frame in seg.PerFrameFunctionalGroupsSequence:
        (source,) = frame.DerivationImageSequence[0].SourceImageSequence
        assert str(source.ReferencedSOPInstanceUID) in there


def test_a_signed_reading_is_verified_by_its_reader(written):
    report = pydicom.dcmread(written / "report.sr.dcm")
    assert (report.CompletionFlag, report.VerificationFlag, report.PreliminaryFlag) == ("COMPLETE", "VERIFIED", "FINAL")
    (observer,) = report.VerifyingObserverSequence
    assert str(observer.VerifyingObserverName).strip("^") == "A. Reader"
    assert observer.VerifyingOrganization == "A Hospital"
    assert str(observer.VerificationDateTime).startswith("20260304050607")


def test_a_draft_is_refused_unless_it_is_asked_for_and_is_then_not_verified(draft, visit):
    with pytest.raises(ReadingError, match="a draft that nobody has signed"):
        dicom_objects(draft, [visit / "study"])
    made = dicom_objects(draft, [visit / "study"], draft=True).objects
    report = made["report.sr.dcm"]
    assert (report.CompletionFlag, report.VerificationFlag) == ("PARTIAL", "UNVERIFIED")
    assert "VerifyingObserverSequence" not in report
    assert "not verified" in report.SeriesDescription
    assert made["report.pdf.dcm"].VerificationFlag == "UNVERIFIED"


def test_writing_the_same_reading_twice_gives_the_same_bytes(made, reading, visit):
    again = dicom_objects(reading, [visit / "study"], organization="A Hospital")
    assert again.files() == made.files()


def test_an_earlier_result_is_replaced_and_nothing_else_is(made, tmp_path):
    from ovcf.dicom_out.write import write_dicom

    write_dicom(made, tmp_path / "out")
    write_dicom(made, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError):
        write_dicom(made, tmp_path / "mine")


def tracking(report):
    """The tracking UID of every group by its name."""
    found = {}
    for group in items.groups(report):
        said = {i.ConceptNameCodeSequence[0].CodeValue: i for i in group.ContentSequence}
        sites = [
            i.ConceptCodeSequence[0].CodeValue
            for i in group.ContentSequence
            if i.ConceptNameCodeSequence[0].CodeValue == "363698007"
        ]
        code = said["121071"].ConceptCodeSequence[0].CodeValue
        found[said["112039"].TextValue, code, *sites] = said["112040"].UID
    return found


def test_an_addendum_names_its_predecessor_and_keeps_the_tracking_uids(written, reading, visit):
    first = pydicom.dcmread(written / "report.sr.dcm")
    again = replace(reading, reading=reading.reading.addendum(id_="v2", reader="B", at=SIGNED_AT, reason="a corner"))
    session = Session(again)
    vertebra = next(v for s in session.now().sets for v in s.vertebrae.values() if v.seen.points and not v.withheld)
    x, y = vertebra.seen.points[0]
    session.make(
        MovePoint(id="m", reader="B", at=SIGNED_AT, vertebra=vertebra.id, point="superior_anterior", to=(x + 0.5, y))
    )
    second = dicom_objects(signed(session.file, "B"), [visit / "study"]).objects["report.sr.dcm"]
    assert second.SOPInstanceUID != first.SOPInstanceUID
    (study,) = second.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (document,) = series.ReferencedSOPSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (first.StudyInstanceUID, first.SeriesInstanceUID)
    assert document.ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert tracking(second) == tracking(first)
    assert len(set(tracking(first).values())) == len(tracking(first)) > 30


def test_a_multi_frame_study_gives_valid_objects_whose_references_name_frames(tmp_path):
    (visit,) = make_patient(
        replace(RECIPE, visits=()), tmp_path / "p", contrasts=("T2",), radiograph=False, enhanced=True
    )
    made = dicom_objects(reading_of(visit), [visit / "study"], draft=True)
    image = pydicom.dcmread(next(visit.glob("study/*/*.dcm")), stop_before_pixels=True)
    for name, data in made.files().items():
        (tmp_path / name).write_bytes(data)
        assert errors_of(tmp_path / name) == []
    frames = _frames(made.objects["report.sr.dcm"])
    assert frames <= set(range(1, int(image.NumberOfFrames) + 1))
    assert frames
    segmentation = made.objects["vertebrae.seg.dcm"]
    assert segmentation.FrameOfReferenceUID == image.FrameOfReferenceUID


def _frames(report):
    found = set()

    def look(items):
        for item in items:
            if item.get("ValueType") == "IMAGE":
                found.update(
                    int(r.ReferencedFrameNumber) for r in item.ReferencedSOPSequence if "ReferencedFrameNumber" in r
                )
            look(item.get("ContentSequence", ()))

    look(report.ContentSequence)
    return found
