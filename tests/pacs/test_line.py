"""A study is taken once, given to whom it belongs, assessed, and its results go back once, under its own identity."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pydicom import dcmread
from sqlalchemy import func, select

from ovcf.errors import PacsError
from ovcf.jobs import queue
from ovcf.pacs.line.take import record_refused, remember_assigned, take_complete
from ovcf.pacs.line.whose import known_of
from ovcf.pacs.listen import step
from ovcf.pacs.spool.spool import State
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import newest_row
from ovcf.registry.tables import Patient, ReceivedInstance, WorkItem
from ovcf.registry.words import PacsEvent, WorkStatus
from tests.dicom_out.conftest import errors_of
from tests.pacs.conftest import as_file, mr
from tests.pacs.steps import assess, count, nowhere_in, pending, put, records, sign


def test_from_the_archive_and_back_under_the_identity_of_the_images(line, spool, archive, images, made, tmp_path):
    here = line(pending(archive, patients="admit"))
    put(spool, *images)
    take_complete(here)
    assert spool.counts() == {State.WAITING: 0, State.TAKEN: len(images), State.ASIDE: 0}

    study = assess(here, made)
    with here.registry.reading() as session:
        item = session.get(WorkItem, study)
        patient = session.get(Patient, item.patient_id)
        assert (item.status, patient.code, patient.birth_year) == (WorkStatus.DRAFT, "P-0001", 1950)
        (known,) = known_of(session, here.key, patient.id)
        assert (known.number, known.name) == ("H-4711", "Doe^Jane")
    nowhere_in(here, "H-4711", "Doe^Jane", "19500102")

    step(here)
    assert archive.kept == {}  # a draft stays here
    sign(here, study)
    step(here)
    got = [dcmread(BytesIO(data)) for files in archive.kept.values() for data in files]
    assert sorted(ds.Modality for ds in got) == ["DOC", "KO", "SEG", "SR"]
    for ds in got:
        assert (ds.PatientID, str(ds.PatientName), ds.StudyInstanceUID) == (
            "H-4711",
            "Doe^Jane",
            images[0].StudyInstanceUID,
        )
        assert b"P-0001" not in as_file(ds)
        path = tmp_path / f"{ds.Modality}.dcm"
        path.write_bytes(as_file(ds))
        assert errors_of(path) == []
    (report,) = [ds for ds in got if ds.Modality == "SR"]
    assert report.VerificationFlag == "VERIFIED"
    step(here)
    assert archive.calls == 4
    assert {r.event for r in records(here, *PacsEvent)} == {
        PacsEvent.RECEIVED,
        PacsEvent.LINKED,
        PacsEvent.QUEUED,
        PacsEvent.SENT,
    }
    assert here.registry.faults() == []
    nowhere_in(here, "H-4711", "Doe^Jane", "19500102")


def test_a_study_of_an_unknown_number_is_nobodys_until_a_person_says_and_the_next_finds_its_patient(line, spool):
    here = line(pending())
    put(spool, mr("1.2.3"))
    take_complete(here)
    with here.registry.reading() as session:
        (item,) = session.scalars(select(WorkItem))
        assert (item.patient_id, item.status) == (None, WorkStatus.WAITING)
    assert records(here, PacsEvent.RECEIVED)[0].why == "its hospital number is not known here"
    with here.registry.writing(here.who.person) as writer:
        patient, _ = clinic.admit(writer, here.who, "P-0042", levels=["L1"])
        visit_ = clinic.visit_on(writer, patient, window="pretreatment", on=date(2026, 3, 1))
        intake.assign(writer, here.registry, writer.session.get(WorkItem, item.id), visit_)
    assert remember_assigned(here) == 1
    assert remember_assigned(here) == 0
    put(spool, mr("1.2.4", StudyDate="20260401"))
    take_complete(here)
    with here.registry.reading() as session:
        newest = session.scalars(select(WorkItem).where(WorkItem.study_uid == "1.2.4")).one()
        assert session.get(Patient, newest.patient_id).code == "P-0042"
    nowhere_in(here, "H-4711", "Doe^Jane")


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"PatientBirthDate": "19610102"}, "birth date or sex are not those known of its hospital number"),
        ({"PatientSex": "M"}, "birth date or sex are not those known of its hospital number"),
        ({"number": ""}, "its images do not say whose they are"),
        ({"PatientIdentityRemoved": "YES"}, "its images do not say whose they are"),
        ({"StudyDate": ""}, "its images do not say when they were taken"),
    ],
)
def test_who_cannot_be_told_is_left_to_a_person(line, spool, tags, why):
    here = line(pending(patients="admit"))
    put(spool, mr("1.2.3"))
    take_complete(here)
    put(spool, mr("1.2.4", **tags))
    take_complete(here)
    assert records(here, PacsEvent.RECEIVED)[1].why == why
    with here.registry.reading() as session:
        assert session.scalars(select(WorkItem).where(WorkItem.study_uid == "1.2.4")).one().patient_id is None
        assert session.scalar(select(func.count()).select_from(Patient)) == 1


def test_the_name_of_a_patient_may_change_and_another_issuer_is_another_patient(line, spool):
    here = line(pending(patients="admit"))
    put(spool, mr("1.1"), mr("1.2", PatientName="Doe-Smith^Jane", StudyDate="20260402"))
    put(spool, mr("1.3", IssuerOfPatientID="Elsewhere", StudyDate="20260403"))
    take_complete(here)
    with here.registry.reading() as session:
        whose = {i.study_uid: i.patient_id for i in session.scalars(select(WorkItem))}
    assert whose["1.1"] == whose["1.2"] != whose["1.3"]


def test_images_of_several_patients_under_one_study_are_nobodys(line, spool):
    here = line(pending(patients="admit"))
    put(spool, mr("1.2.3"), mr("1.2.3", number="H-2"))
    take_complete(here)
    assert records(here, PacsEvent.RECEIVED)[0].why == "its images are of several patients"
    assert count(here, Patient) == 0


def test_what_is_no_study_is_set_aside_said_and_tried_again_when_asked(line, spool, monkeypatch):
    here = line(pending())
    put(spool, mr("1.2.3"))

    def broken(*_):
        raise PacsError("study", "cannot be taken", "Wait.")

    monkeypatch.setattr(intake, "store_files", broken)
    take_complete(here)
    assert spool.aside() == [("1.2.3", 1, "study: cannot be taken")]
    assert [r.why for r in records(here, PacsEvent.REFUSED)] == ["cannot be taken"]
    monkeypatch.undo()
    assert spool.again() == 1
    take_complete(here)
    assert count(here, WorkItem) == 1


def test_a_study_that_grows_before_it_was_assessed_is_assessed_whole_and_once(line, spool):
    here = line(pending(patients="admit"))
    first, late = mr("1.2.3"), mr("1.2.3")
    put(spool, first)
    take_complete(here)
    put(spool, late)
    take_complete(here)
    held = queue.lease(here.registry, "test")
    assert queue.lease(here.registry, "test") is None
    with here.registry.reading() as session:
        assert len(intake.files_of(session, session.get(WorkItem, held.work_item))) == 2
    assert [r.event for r in records(here, PacsEvent.RECEIVED, PacsEvent.GREW)] == [PacsEvent.RECEIVED, PacsEvent.GREW]


def test_a_study_that_grows_after_signing_makes_a_new_draft_and_leaves_what_was_signed(
    line, spool, archive, images, made
):
    here = line(pending(archive, patients="admit"))
    put(spool, *images)
    take_complete(here)
    study = assess(here, made)
    sign(here, study)
    step(here)
    with here.registry.reading() as session:
        signed = newest_row(session, session.get(WorkItem, study).reading)
        before = here.registry.files.get(signed.file)
    late = mr(str(images[0].StudyInstanceUID), PatientSex=images[0].PatientSex, StudyDate=images[0].StudyDate)
    put(spool, late)
    take_complete(here)
    grown = assess(here, replace(made, reading=replace(made.reading, id="another reading")))
    with here.registry.reading() as session:
        old, new = session.get(WorkItem, study), session.get(WorkItem, grown)
        assert (old.status, new.status) == (WorkStatus.SIGNED, WorkStatus.DRAFT)
        assert (old.patient_id, old.visit_id) == (new.patient_id, new.visit_id)
        assert old.reading != new.reading
        row = newest_row(session, old.reading)
        assert (row.id, here.registry.files.get(row.file)) == (signed.id, before)
    step(here)
    assert archive.calls == 4
    assert here.registry.faults() == []


def test_a_draft_of_nobodys_study_goes_when_the_study_grows(line, spool, images, made):
    here = line(pending())
    put(spool, *images)
    take_complete(here)
    first = assess(here, made)
    put(spool, mr(str(images[0].StudyInstanceUID)))
    take_complete(here)
    with here.registry.reading() as session:
        (item,) = session.scalars(select(WorkItem))
        assert item.id != first
        assert len(intake.files_of(session, item)) == len(images) + 1


def test_an_image_that_comes_again_with_another_content_is_refused_said_and_changes_nothing(line, spool):
    here = line(pending())
    image = mr("1.2.3")
    put(spool, image)
    take_complete(here)
    spool.sweep(remember_s=-1)  # as after a month: the spool has forgotten, the registry has not
    put(spool, image)
    put(spool, mr("1.2.3", sop_uid=image.SOPInstanceUID, number="H-1"))  # refused by the receiver
    take_complete(here)
    record_refused(here)
    assert [(r.images, r.peer) for r in records(here, PacsEvent.REFUSED)] == [(1, "ARCHIVE")]
    spool.sweep(remember_s=-1)
    put(spool, mr("1.2.3", sop_uid=image.SOPInstanceUID, number="H-1"))  # taken by the receiver, refused here
    take_complete(here)
    assert len(records(here, PacsEvent.REFUSED)) == 2
    assert count(here, WorkItem) == count(here, ReceivedInstance) == 1
    assert spool.counts()[State.WAITING] == 0


def test_a_kill_between_registry_and_spool_takes_nothing_twice(line, spool, monkeypatch):
    here = line(pending(patients="admit"))
    put(spool, mr("1.2.3"), mr("1.2.3"))

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(spool), "end", killed)
    with pytest.raises(KeyboardInterrupt):
        take_complete(here)
    monkeypatch.undo()
    assert spool.counts()[State.WAITING] == 2
    take_complete(here)
    assert spool.counts()[State.TAKEN] == 2
    assert (count(here, WorkItem), count(here, ReceivedInstance), count(here, Patient)) == (1, 2, 1)
    assert len(records(here, PacsEvent.RECEIVED)) == 1
