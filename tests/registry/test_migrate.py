"""The revisions make what the tables say, and every table of patients is guarded."""

from datetime import date
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ovcf.errors import RegistryError
from ovcf.registry.access import principal_of
from ovcf.registry.audit import NOT_AUDITED, add_entries, head
from ovcf.registry.clinic.search import patients
from ovcf.registry.columns import Kept
from ovcf.registry.database import engine_for, writing
from ovcf.registry.migrate import _config, newest, revision, upgrade
from ovcf.registry.store import Registry, current
from ovcf.registry.tables import (
    Base,
    ClinicalEntry,
    Episode,
    Job,
    MeasuredValue,
    Patient,
    PatientKey,
    PatientReport,
    Person,
    ProtocolVersion,
    Reading,
    Simulation,
    Site,
    Standing,
    StoredFile,
    Study,
    StudyLock,
    Treatment,
    Visit,
    WorkItem,
)
from ovcf.registry.words import Action, Instrument, JobKind, JobState, Role, Window, WorkStatus

CHANGING = {
    "stored_file",
    "work_item",
    "arrived_file",
    "derived_file",
    "job",
    "received_instance",
    "outbox_item",
    "blinded_draft",
    "training_exercise",
    "credential",
    "token_secret",
    "password_link",
    "sign_in",
}
"""Tables that tell nothing clinical: what is stored, what is to be done, passwords and sessions."""


def test_the_newest_revision_has_the_tables_of_the_code(registry):
    assert revision(registry.engine) == newest()
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _named})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def _named(name, kind, parents):
    """Indices over an expression stand in their revision alone: SQLite tells nobody of them."""
    return not (kind == "index" and "_search_" in name)


def test_every_table_is_guarded(registry):
    of_triggers = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if registry.engine.dialect.name == "sqlite"
        else "SELECT event_object_table FROM information_schema.triggers"
    )
    with registry.engine.connect() as connection:
        guarded = list(connection.execute(text(of_triggers)).scalars())
    for table in Base.metadata.sorted_tables:
        assert guarded.count(table.name) == (0 if table.name in CHANGING else 2), table.name


OLDER = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][1:]


def rows_of(revision):
    """A row of every kind that a database of this revision has for a patient, those that others refer to first."""
    site, person, patient = Site(id=uuid4(), code="S1", name="One"), Person(id=uuid4()), Patient(id=uuid4())
    person.site_id, person.code, person.name, person.role = site.id, "admin", "Ada Min", Role.ADMIN
    patient.site_id, patient.code, patient.sex, patient.birth_year = site.id, "P-0042", "female", 1950
    episode = Episode(patient_id=patient.id, levels=["L1", "L2"], fractured_on=date(2025, 1, 1))
    visit = Visit(patient_id=patient.id, episode_id=episode.id, window=Window.PRETREATMENT, held_on=date(2025, 1, 3))
    answer = PatientReport(patient_id=patient.id, visit_id=visit.id, instrument=Instrument.VAS, value=8.0)
    corrected = PatientReport(
        patient_id=patient.id,
        visit_id=visit.id,
        instrument=Instrument.VAS,
        value=7.5,
        entity_id=answer.id,
        replaces_id=answer.id,
        reason="mistyped",
    )
    rows = [site, person, patient, episode, visit, answer, corrected]
    rows += [Treatment(patient_id=patient.id, episode_id=episode.id, kind="conservative", started_on=date(2025, 1, 4))]
    rows[-1].levels, rows[-1].detail = ["L1"], {"brace_weeks": 12}
    stored = StoredFile(sha256="a" * 64, size=1)
    reading = Reading(id=uuid4(), patient_id=patient.id, visit_id=visit.id, reading="r" * 32, revision=1, version="v1")
    reading.status, reading.observations, reading.file = "draft", "o" * 32, stored.sha256
    value = MeasuredValue(id=uuid4(), patient_id=patient.id, reading_id=reading.id, method="vhl-han", level="L1")
    value.value, value.unit, value.modality, value.posture, value.image = 31.25, "%", "MR", "supine", "T2"
    rows += [stored, reading, value]
    if revision >= "0002":
        item = WorkItem(id=uuid4(), site_id=site.id, patient_id=patient.id, visit_id=visit.id, received_by=person.id)
        item.status, item.reading, item.revision = WorkStatus.DRAFT, reading.reading, 1
        job = Job(kind=JobKind.ASSESS, site_id=site.id, work_item_id=item.id, enqueued_by=person.id)
        job.state, job.options = JobState.QUEUED, {"engine": "none"}
        rows += [item, job]
    if revision >= "0003":
        rows.append(Standing(person_id=person.id, number=1, role=Role.ADMIN, active=True, reason="all sites"))
        rows[-1].all_sites = True
    if revision >= "0004":
        study = Study(id=uuid4(), code="han")
        version = ProtocolVersion(id=uuid4(), study_id=study.id, version="1", digest="d" * 64, text="...")
        rows += [study, version, StudyLock(study_id=study.id, place=1, state="open", digest="", digests={}, because="")]
    if revision >= "0005":
        facts = {"t_score": -2.8}
        rows += [ClinicalEntry(patient_id=patient.id, visit_id=visit.id, facts=facts)]
        rows += [Simulation(site_id=site.id, seed=1, software="ovcf")]
    return person, rows


def content(engine):
    """Every row of every table, as the database gives it back, without a word of the code's own tables."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).mappings()))
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }


@pytest.mark.parametrize("older", OLDER)
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_an_older_database_with_data_becomes_a_new_one(new_place, older):
    folder, database = new_place()
    folder.mkdir()
    engine = engine_for(database or folder / "registry.db")
    upgrade(engine, older)
    person, rows = rows_of(older)
    person_id = person.id
    with writing(engine) as connection, Session(connection) as session:
        for row in rows:
            if isinstance(row, Kept):
                row.recorded_by = person_id
            session.add(row)
            session.flush()
            if isinstance(row, Patient):
                session.add(PatientKey(patient_id=row.id, key=b"k" * 32))
                patient = row.id
        add_entries(session, person_id, Action.RECORDED, [r for r in rows if r.__tablename__ not in NOT_AUDITED])
        anchor = head(session)
    assert revision(engine) == older
    before = content(engine)
    with pytest.raises(RegistryError, match="older revision"):
        Registry.open(folder, database=database)
    again = Registry.open(folder, database=database, upgrading=True)
    assert revision(again.engine) == newest()
    after = content(again.engine)
    assert {name: after[name] for name in before} == before  # not a value is another one
    assert again.faults(anchor) == []
    with pytest.raises(DBAPIError, match="never changed"), again.engine.begin() as connection:
        connection.execute(text("UPDATE visit SET held_on = NULL"))
    with again.writing(person_id) as writer:  # and it goes on
        (visit,) = writer.session.scalars(current(Visit)).all()
        writer.replace(visit, "wrong day", held_on=date(2025, 1, 4))
        who = principal_of(writer.session, writer.session.get(Person, person_id))
        assert [p.code for p in patients(writer.session, who, word="42")[0]] == ["P-0042"]
        assert [r.value for r in writer.session.scalars(current(PatientReport))] == [7.5]
    assert again.faults(anchor) == []
    with again.writing(person_id) as writer:
        writer.erase(patient, "asked for")
    assert again.faults(anchor) == []
    engine.dispose()
    again.close()


def test_every_older_revision_is_tried():
    assert sorted(OLDER) == [f"{n:04}" for n in range(1, int(newest()))]
