"""A study is taken once, given to whom it belongs, assessed, and its results go back once, under its own identity."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pydicom import dcmread
from sqlalchemy import func, select

from ovcf.errors import PacsError
from ovcf.jobs import queue
from ovcf.pacs.line.deliver import ask_again, deliver, take_promises
from ovcf.pacs.line.results import queue_results, under_source_identity
from ovcf.pacs.line.take import record_refused, remember_assigned, take_complete
from ovcf.pacs.line.whose import known_of
from ovcf.pacs.listen import step
from ovcf.pacs.spool.content import content_digest
from ovcf.pacs.spool.promises import Promises
from ovcf.pacs.spool.spool import State
from ovcf.reading.editing.edits import Acknowledge
from ovcf.reading.session import Session
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.moving import move
from ovcf.registry.clinic.readings import keep_reading, load_reading, newest_row
from ovcf.registry.service import visit_named
from ovcf.registry.tables import Identity, OutboxItem, PacsRecord, Patient, Reading, ReceivedInstance, WorkItem
from ovcf.registry.words import OutState, PacsEvent, ResultKind, WorkStatus
from tests.dicom_out.conftest import errors_of
from tests.pacs.conftest import as_file, mr, settings_of

TO = {"send": "after signing", "to": ["archive"]}


def put(spool, *images, sender="ARCHIVE"):
    """As if the receiver had taken them."""
    for ds in images:
        data = as_file(ds)
        read = dcmread(BytesIO(data))
        spool.put(
            data,
            sop_uid=str(ds.SOPInstanceUID),
            sop_class=str(ds.SOPClassUID),
            study_uid=str(ds.StudyInstanceUID),
            content=content_digest(read),
            sender=sender,
        )


def pending(archive=None, **here):
    peers = {} if archive is None else {"archive": archive.peer}
    return settings_of(11112, peers, {"to": list(peers)}, quiet_s=1e-6, **here)


def assess(line, file):
    """What a worker does with the job that waits, without the minutes that it takes."""
    held = queue.lease(line.registry, "test")
    with line.registry.writing(line.who.person) as writer:
        assert queue.done(writer.session, held, seconds=1, peak_bytes=None)
        item = writer.session.get(WorkItem, held.work_item)
        facts = clinic.facts_at(writer.session, item.patient_id, item.visit_id)
        intake.drafted(writer, line.registry, item, file, facts=facts)
        return item.id


def sign(line, study):
    """A reader signs the reading of a study."""
    with line.registry.writing(line.who.person) as writer:
        row = newest_row(writer.session, writer.session.get(WorkItem, study).reading)
        session = Session(load_reading(line.registry, row))
        for n, statement in enumerate(session.assessment().guidance):
            session.make(
                Acknowledge(id=f"s{n}", reader="Ada Min", at="2026-03-04T05:06:07+00:00", statement=statement.id)
            )
        reading = session.file.reading.confirmed(session.assessment(), reader="Ada Min", at="2026-03-04T05:06:08+00:00")
        visit_ = visit_named(writer.session, row.visit_id)
        keep_reading(writer, line.registry, visit_, replace(session.file, reading=reading), after=row.revision)


def records(line, *events):
    with line.registry.reading() as session:
        asked = select(PacsRecord).where(PacsRecord.event.in_(events)).order_by(PacsRecord.recorded_at)
        return list(session.scalars(asked))


def count(line, table):
    with line.registry.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def nowhere_in(line, *words):
    """No file of the data folder holds one of these in clear."""
    for path in line.registry.files.folder.parent.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for word in words:
            assert word.encode() not in data, (word, path)


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


def test_a_study_that_was_given_to_the_wrong_patient_takes_its_number_along_and_sends_nothing(
    line, spool, archive, images, made
):
    here = sealed_results(line, spool, archive, images, made)
    remember_assigned(here)
    with here.registry.writing(here.who.person) as writer:
        right, _ = clinic.admit(writer, here.who, "P-0042", levels=["L1"])
        at = clinic.visit_on(writer, right, window="pretreatment", on=date(2026, 3, 1))
        item = writer.session.scalars(select(WorkItem)).one()
        move(writer, here.registry, item, at, "a slip", summary_of=lambda _: {}, although_signed=True)
    step(here)
    assert archive.calls == count(here, OutboxItem) == 0
    put(spool, mr("1.2.9", PatientSex=images[0].PatientSex, StudyDate="20260501"))
    take_complete(here)
    with here.registry.reading() as session:
        found = {
            item.study_uid: session.get(Patient, item.patient_id).code for item in session.scalars(select(WorkItem))
        }
    assert found == {str(images[0].StudyInstanceUID): "P-0042", "1.2.9": "P-0042"}
    assert here.registry.faults() == []


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


@pytest.mark.parametrize("tags", [{"PatientIdentityRemoved": "YES"}, {"PatientID": ""}])
def test_results_of_a_deidentified_study_are_never_sent(line, spool, archive, images, made, tags):
    here = line(settings_of(11112, {"archive": archive.peer}, {"to": ["archive"], "send": "drafts too"}, quiet_s=1e-6))
    nameless = [dcmread(BytesIO(as_file(ds))) for ds in images]
    for ds in nameless:
        for keyword, value in tags.items():
            setattr(ds, keyword, value)
    put(spool, *nameless)
    take_complete(here)
    assess(here, under_source_identity(made, nameless[0].PatientID))
    for _ in range(2):
        step(here)
    assert archive.calls == count(here, OutboxItem) == 0
    (told,) = records(here, PacsEvent.NOT_SENT)
    assert "do not say whose they are" in told.why


def test_a_draft_goes_only_where_that_is_set_once_and_says_that_it_is_one(line, spool, archive, images, made):
    results = {"to": ["archive"], "send": "drafts too", "objects": ["SR"]}
    here = line(settings_of(11112, {"archive": archive.peer}, results, quiet_s=1e-6, patients="admit"))
    put(spool, *images)
    take_complete(here)
    study = assess(here, made)
    step(here)
    step(here)
    ((data,),) = archive.kept.values()
    assert dcmread(BytesIO(data)).VerificationFlag == "UNVERIFIED"
    sign(here, study)
    step(here)
    assert sorted(dcmread(BytesIO(d)).VerificationFlag for (d,) in archive.kept.values()) == ["UNVERIFIED", "VERIFIED"]


def sealed_results(line, spool, archive, images, made, **options):
    """A line whose results wait to be sent."""
    results = {"to": ["archive"], "attempts": options.pop("attempts", 20)}
    peer = archive.peer | options.pop("peer", {})
    here = line(settings_of(11112, {"archive": peer}, results, quiet_s=1e-6, patients="admit"))
    put(spool, *images)
    take_complete(here)
    sign(here, assess(here, made))
    assert queue_results(here) == 1
    return here


def outbox(here):
    with here.registry.reading() as session:
        return list(session.scalars(select(OutboxItem)))


def until_sent(here):
    for _ in range(200):
        deliver(here)
        if all(row.state is not OutState.WAITING for row in outbox(here)):
            return
    raise AssertionError("still waits")


def test_an_archive_that_is_away_gets_the_same_bytes_later(line, spool, archive, images, made):
    archive.away()
    here = sealed_results(line, spool, archive, images, made)
    before = {row.sop_uid: here.registry.files.get(row.sha256) for row in outbox(here)}
    deliver(here)
    assert {(r.state, r.attempts, r.why) for r in outbox(here)} == {
        (OutState.WAITING, 1, "does not answer, or ended the association")
    }
    with archive:
        until_sent(here)
    assert {uid: len(files) for uid, files in archive.kept.items()} == dict.fromkeys(before, 1)
    for uid, (data,) in archive.kept.items():
        assert content_digest(dcmread(BytesIO(data))) == content_digest(dcmread(BytesIO(before[uid])))


def test_what_was_sent_before_a_kill_is_sent_again_as_the_same_object(line, spool, archive, images, made, monkeypatch):
    here = sealed_results(line, spool, archive, images, made)
    import ovcf.pacs.line.deliver as module

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_note", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver(here)
    monkeypatch.undo()
    until_sent(here)
    assert len(archive.kept) == 4
    for first, again in archive.kept.values():
        assert content_digest(dcmread(BytesIO(first))) == content_digest(dcmread(BytesIO(again)))
    assert queue_results(here) == 0


def test_an_archive_that_refuses_for_good_is_said_and_asked_no_more(line, spool, archive, images, made):
    archive.refuse = 0xC000
    here = sealed_results(line, spool, archive, images, made)
    deliver(here)
    assert {(r.state, r.why) for r in outbox(here)} == {(OutState.GIVEN_UP, "answered with status 0xC000")}
    deliver(here)
    assert archive.calls == 4
    assert len(records(here, PacsEvent.GIVEN_UP)) == 4


def test_a_busy_archive_is_asked_again_and_given_up_in_the_end(line, spool, archive, images, made):
    archive.refuse = 0xA700
    here = sealed_results(line, spool, archive, images, made, attempts=3)
    until_sent(here)
    assert {(r.state, r.attempts) for r in outbox(here)} == {(OutState.GIVEN_UP, 3)}
    from ovcf.pacs.line.deliver import again

    archive.refuse = None
    assert again(here) == 4
    until_sent(here)
    assert {r.state for r in outbox(here)} == {OutState.SENT}


def test_storage_commitment_is_asked_for_and_what_is_not_kept_is_sent_again(line, spool, archive, images, made):
    here = sealed_results(line, spool, archive, images, made, peer={"commitment": True})
    until_sent(here)
    (asked,) = archive.asked
    uids = {i.ReferencedSOPInstanceUID for i in asked.ReferencedSOPSequence}
    assert uids == set(archive.kept)
    lost = min(uids)
    Promises(spool).promise(str(asked.TransactionUID), uids - {lost}, [lost])
    take_promises(here)
    assert {r.sop_uid: r.state for r in outbox(here)} == {
        uid: OutState.WAITING if uid == lost else OutState.COMMITTED for uid in uids
    }
    until_sent(here)
    assert len(archive.kept[lost]) == 2
    Promises(spool).promise(str(archive.asked[1].TransactionUID), [lost], [])
    take_promises(here)
    assert {r.state for r in outbox(here)} == {OutState.COMMITTED}
    assert len(records(here, PacsEvent.COMMITTED)) == 4


def test_an_answer_about_storage_commitment_that_got_lost_is_asked_for_again(line, spool, archive, images, made):
    here = sealed_results(line, spool, archive, images, made, peer={"commitment": True})
    until_sent(here)
    assert ask_again(here) == 0  # there is time
    results = here.settings.results.model_copy(update={"commitment_wait_s": 1e-6})
    here = replace(here, settings=here.settings.model_copy(update={"results": results}))
    assert ask_again(here) == 4
    first, second = archive.asked
    assert first.TransactionUID != second.TransactionUID
    Promises(spool).promise(str(second.TransactionUID), set(archive.kept), [])
    take_promises(here)
    assert {r.state for r in outbox(here)} == {OutState.COMMITTED}
    assert [len(files) for files in archive.kept.values()] == [1] * 4


def test_whoever_is_erased_leaves_nothing_in_spool_outbox_or_records(line, spool, archive, images, made):
    here = sealed_results(line, spool, archive, images, made)
    with here.registry.writing(here.who.person) as writer:
        writer.erase(writer.session.scalars(select(Patient.id)).one(), "asked for by letter")
    for table in (Patient, Identity, Reading, ReceivedInstance, OutboxItem, WorkItem):
        assert count(here, table) == 0
    assert [r for r in records(here, *PacsEvent) if r.patient_id] == []
    assert list(here.registry.files) == []
    assert here.registry.faults() == []


def test_the_source_identity_changes_ids_and_nothing_else(made):
    other = under_source_identity(made, "X-1")
    assert {o.patient.id for o in other.observations.values()} == {"X-1"}
    assert under_source_identity(other, "H-4711") == made
    assert ResultKind.SR in ResultKind
