"""What an assessment made is kept with the end of its job: a draft, or with a patient the first state of a reading."""

from datetime import date

import pytest
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import load_reading, newest_row
from ovcf.registry.tables import Job, Reading, WorkItem
from ovcf.registry.words import JobState, WorkStatus
from tests.jobs.conftest import film, state_of, who

DAY = date(2025, 1, 7)


def admitted(registry, writer, code="P-1"):
    patient, _ = clinic.admit(writer, who(registry), code, sex="female", birth_year=1950, levels=["L1"])
    return clinic.visit_on(writer, patient, window="pretreatment", on=DAY)


def test_a_study_of_nobody_gets_a_draft_and_with_a_patient_a_reading(registry, send, worker):
    study, _ = send()
    assert worker().one()
    assert state_of(registry, study)[:2] == (WorkStatus.DRAFT, JobState.DONE)
    with registry.writing(registry.admin.id) as writer:
        visit = admitted(registry, writer)
        item = writer.session.get(WorkItem, study)
        assert item.reading is None
        facts = clinic.facts_at(writer.session, visit.patient_id, visit.entity_id)
        row = intake.assign(writer, registry, item, visit, facts)
        reading = row.reading
    with registry.reading() as session:
        file = load_reading(registry, newest_row(session, reading))
        assert session.get(WorkItem, study).reading == reading
    case = file.reading.current.case
    assert (case.patient_id, case.sex, case.age_years) == ("P-1", "female", 74)  # 74 stood in the draft already
    assert file.current.patient.id == "P-1"
    assert registry.faults() == []


def test_a_study_of_a_patient_becomes_a_reading_with_the_end_of_its_job(registry, send, worker, tmp_path):
    with registry.writing(registry.admin.id) as writer:
        visit = admitted(registry, writer)
        kept = intake.store_files(writer, registry, [film(tmp_path)])
        item = intake.receive(writer, who(registry), kept, visit=visit)
        queue.enqueue(writer.session, item, registry.admin.id)
        study = item.id
    assert worker().one()
    with registry.reading() as session:
        item = session.get(WorkItem, study)
        (row,) = session.scalars(select(Reading))
        assert (item.reading, item.revision, item.study_uid) == (row.reading, 1, "1.2.3")
    assert worker().one() is False


def test_an_erased_patient_leaves_neither_images_nor_jobs(registry, send, worker):
    study, _ = send()
    worker().one()
    with registry.writing(registry.admin.id) as writer:
        visit = admitted(registry, writer)
        intake.assign(writer, registry, writer.session.get(WorkItem, study), visit)
        patient = visit.patient_id
    with registry.writing(registry.admin.id) as writer:
        writer.erase(patient, "asked for it")
    assert list(registry.files) == []
    with registry.reading() as session:
        assert session.query(WorkItem).count() == session.query(Job).count() == 0
    assert registry.faults() == []


def test_a_study_that_does_not_come_about_leaves_no_files(registry, tmp_path):
    def break_off():
        with registry.writing(registry.admin.id) as writer:
            intake.store_files(writer, registry, [film(tmp_path), film(tmp_path)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert list(registry.files) == []


def test_what_a_machine_that_stopped_left_is_swept_away_and_nothing_else(registry, send):
    send()
    orphan = registry.files.put(b"of a study that never came about")
    assert registry.sweep() == 0  # it may be on its way
    assert registry.sweep(older_than_s=-1) == 1
    assert orphan not in registry.files
    assert len(list(registry.files)) == 1
