"""Results are made once, sent until they are there, under the right name or not at all."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pydicom import dcmread
from sqlalchemy import select

from ovcf.pacs.line.deliver import ask_again, deliver, take_promises
from ovcf.pacs.line.reading_objects import queue_results, under_source_identity
from ovcf.pacs.line.take import remember_assigned, take_complete
from ovcf.pacs.listen import step
from ovcf.pacs.spool.content_digest import content_digest
from ovcf.pacs.spool.promises import Promises
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.moving import move
from ovcf.registry.tables import Identity, OutboxItem, Patient, Reading, ReceivedInstance, WorkItem
from ovcf.registry.words import OutState, PacsEvent, ResultKind
from tests.pacs.conftest import as_file, mr, settings_of
from tests.pacs.steps import assess, count, outbox, put, records, sealed_results, sign, until_sent


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
