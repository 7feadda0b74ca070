"""Images that were assigned to the wrong patient or visit: moved, audited, and no reading changes its patient."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from ovcf.errors import ConflictError, NotThereError, RegistryError
from ovcf.exchange.records import records
from ovcf.jobs import queue
from ovcf.reading.editing.edits import Acknowledge, EnterFact
from ovcf.reading.session import Session
from ovcf.registry import service
from ovcf.registry.access import Principal
from ovcf.registry.clinic import intake, moving
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import counting_readings, keep_reading, load_reading, newest_seen_by
from ovcf.registry.store import current
from ovcf.registry.tables import AuditEntry, ImagingStudy, Job, MovedStudy, Reading, StudyFile, WorkItem
from ovcf.registry.words import Role
from tests.jobs.conftest import film
from tests.server.small_reading import small_reading

AT = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def who(registry):
    return Principal(registry.admin.id, registry.admin.code, registry.admin.site_id, Role.ADMIN)


@pytest.fixture
def two(registry, who):
    """(visit of P-1, visit of P-2, a later visit of P-1), as ids."""
    with registry.writing(registry.admin.id) as writer:
        made = []
        for code, year, sex in (("P-1", 1940, "female"), ("P-2", 1950, "male")):
            patient, _ = clinic.admit(writer, who, code, sex=sex, birth_year=year, levels=["L1"])
            made.append(clinic.visit_on(writer, patient, window="pretreatment", on=date(2025, 1, 7)).entity_id)
            if code == "P-1":
                later = clinic.visit_on(writer, patient, window="6 months", on=date(2025, 7, 7)).entity_id
        return (*made, later)


def read(session, *edits):
    file = session.file
    for edit in edits:
        file = replace(file, reading=file.reading.with_edit(edit))
    return file


@pytest.fixture
def assigned(registry, who, two, tmp_path):
    """``assigned(signed=...)``: (study, reading) of P-1 that is really of P-2; edited, or signed, too."""

    def made(*, draft=True, signed=False):
        with registry.writing(registry.admin.id) as writer:
            visit = clinic.visit_of(writer.session, who, two[0])
            kept = intake.store_files(writer, registry, (film(tmp_path),))
            item = intake.receive(writer, who, kept, name="film.png", visit=visit)
            if not draft:
                queue.enqueue(writer.session, item, registry.admin.id)
                return item.id, None
            file = small_reading()
            file = replace(file, reading=replace(file.reading, id=uuid.uuid4().hex))
            facts = clinic.facts_at(writer.session, visit.patient_id, visit.entity_id)
            begun = intake.drafted(writer, registry, item, file, frames=b"frames", facts=facts)
            told = {"reader": "Ada Min", "at": AT}
            edit = EnterFact(**told, id=uuid.uuid4().hex, field="vas", value=9.0)
            session = Session(load_reading(registry, begun))
            session.make(edit)
            if signed:
                for statement in session.assessment().guidance:
                    session.make(Acknowledge(**told, id=uuid.uuid4().hex, statement=statement.id))
                session.file = replace(
                    session.file, reading=session.file.reading.confirmed(session.assessment(), reader="Ada", at=AT)
                )
            keep_reading(writer, registry, visit, session.file, after=1)
            return item.id, begun.reading

    return made


def moved(registry, who, study, visit, reason="The films were mixed up", **options):
    with registry.writing(registry.admin.id) as writer:
        item = intake.item_of(writer.session, who, study)
        to = clinic.visit_of(writer.session, who, visit)
        found = moving.move(writer, registry, item, to, reason, summary_of=lambda _: {"lead": "x"}, **options)
        return found.id, found.reading


def test_the_images_go_and_begin_a_reading_of_the_right_patient(registry, who, two, assigned):
    study, reading = assigned()
    new_study, new_reading = moved(registry, who, study, two[1])
    assert new_study != study
    assert new_reading not in (None, reading)
    with registry.reading() as session:
        right, wrong = (clinic.visit_of(session, who, visit) for visit in (two[1], two[0]))
        row, file = service.newest_reading(session, registry, right)
        assert row.reading == new_reading
        case = file.reading.current.case
        assert (case.patient_id, case.sex, case.age_years, case.vas) == ("P-2", "male", 75, None)  # nothing of P-1
        assert file.reading.current.edits == ()
        assert file.current.patient.id == "P-2"
        assert len(file.current.landmarks) == len(small_reading().current.landmarks)
        assert service.newest_reading(session, registry, wrong) is None
        assert [item.id for item in session.scalars(select(WorkItem))] == [new_study]
        item = session.get(WorkItem, new_study)
        assert (item.patient_id, item.visit_id, item.images) == (right.patient_id, right.entity_id, 1)
        assert intake.derived(session, item, intake.FRAMES) is not None
        assert len(intake.files_of(session, item)) == 1
        studies = session.scalars(current(ImagingStudy)).all()
        assert [(s.id, s.patient_id) for s in studies] == [(new_study, right.patient_id)]


def test_what_was_read_stays_and_is_told_nowhere(registry, who, two, assigned):
    study, reading = assigned()
    moved(registry, who, study, two[1])
    with registry.reading() as session:
        kept = session.scalars(select(Reading).where(Reading.reading == reading)).all()
        assert len(kept) == 2  # nothing clinical is deleted
        assert {row.visit_id for row in kept} == {two[0]}
        assert reading not in {row.reading for row in session.scalars(counting_readings())}
        with registry.glance() as connection, pytest.raises(NotThereError):
            newest_seen_by(connection, who, reading)
        patients = {visit.patient_id for visit in [clinic.visit_of(session, who, two[0])]}
        told = [
            seen for record in records(session, list(patients)) for course in record.courses for seen in course.visits
        ]
        assert all(seen.reading is None for seen in told)
        (why,) = session.scalars(select(MovedStudy)).all()
        assert (why.reading, why.reason, why.visit_id) == (reading, "The films were mixed up", two[0])
        tables = session.scalars(select(AuditEntry.table)).all()
        assert tables.count("moved_study") == 1
    assert registry.faults() == []


def test_a_signed_reading_is_not_set_aside_by_the_way(registry, who, two, assigned):
    study, reading = assigned(signed=True)
    with pytest.raises(ConflictError, match="signed reading"):
        moved(registry, who, study, two[1])
    with registry.reading() as session:
        assert session.scalars(select(MovedStudy)).all() == []
        assert session.get(WorkItem, study).reading == reading
    _, new_reading = moved(registry, who, study, two[1], although_signed=True)
    with registry.reading() as session:
        (fresh,) = session.scalars(select(Reading).where(Reading.reading == new_reading)).all()
        assert (fresh.status.value, fresh.reader) == ("draft", "")  # nobody has signed it for P-2
    assert registry.faults() == []


def test_to_another_visit_of_the_same_patient(registry, who, two, assigned):
    study, _ = assigned()
    _, new_reading = moved(registry, who, study, two[2])
    with registry.reading() as session:
        visit = clinic.visit_of(session, who, two[2])
        row, file = service.newest_reading(session, registry, visit)
        assert (row.reading, file.reading.current.case.visit_date) == (new_reading, "2025-07-07")


def test_a_study_that_waits_is_assessed_where_it_belongs(registry, who, two, assigned):
    study, _ = assigned(draft=False)
    new_study, reading = moved(registry, who, study, two[1])
    assert reading is None
    with registry.writing(registry.admin.id) as writer:
        assert writer.session.scalars(select(Job)).all() == []  # whoever is at work on it finishes nothing
        queue.enqueue(writer.session, writer.session.get(WorkItem, new_study), registry.admin.id)


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_needs_a_reason(registry, who, two, assigned, reason):
    with pytest.raises(RegistryError, match="needs a reason"):
        moved(registry, who, assigned()[0], two[1], reason)


def test_not_to_where_it_is_and_not_once_more_by_its_old_name(registry, who, two, assigned):
    study, _ = assigned()
    with pytest.raises(ConflictError, match="at that visit already"):
        moved(registry, who, study, two[0])
    moved(registry, who, study, two[1])
    with pytest.raises(NotThereError):
        moved(registry, who, study, two[2])


def test_who_was_wrongly_given_them_can_be_erased_and_the_images_stay(registry, who, two, assigned):
    study, _ = assigned()
    new_study, _ = moved(registry, who, study, two[1])
    with registry.writing(registry.admin.id) as writer:
        writer.erase(clinic.visit_of(writer.session, who, two[0]).patient_id, "asked for")
    assert registry.faults() == []
    with registry.reading() as session:
        (file,) = session.scalars(select(StudyFile)).all()
        assert file.study_id == new_study
        assert registry.files.get(file.sha256)
