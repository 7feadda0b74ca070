"""What is recorded stays: a correction is a row of its own, two of the same are a conflict, nothing is half done."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from ovcf.errors import ConflictError, RegistryError
from ovcf.registry import database
from ovcf.registry.clinic.derived import keep_file
from ovcf.registry.people import sign_in
from ovcf.registry.store import Registry, current
from ovcf.registry.tables import AuditEntry, Base, Patient, PatientReport, SignIn, Visit
from ovcf.registry.words import VisitStatus, Window
from tests.registry.conftest import admit


def stands(registry, kind):
    with registry.reading() as session:
        return list(session.scalars(current(kind)))


def test_a_correction_leaves_what_was_there(registry):
    _, _, visit_id = admit(registry, "P1")
    with registry.writing(registry.admin.id) as writer:
        old = writer.session.get(Visit, visit_id)
        writer.replace(old, "the date was misread", held_on=date(2025, 1, 4))
    (now,) = stands(registry, Visit)
    assert (now.held_on, now.reason, now.entity_id) == (date(2025, 1, 4), "the date was misread", visit_id)
    with registry.reading() as session:
        assert session.get(Visit, visit_id).held_on == date(2025, 1, 3)


def test_a_correction_of_a_correction_is_still_the_same_fact(registry):
    _, _, visit_id = admit(registry, "P1")
    for day in (4, 5, 6):
        with registry.writing(registry.admin.id) as writer:
            (now,) = writer.session.scalars(current(Visit))
            writer.replace(now, "again", held_on=date(2025, 1, day))
    (now,) = stands(registry, Visit)
    assert (now.held_on.day, now.entity_id) == (6, visit_id)


def test_what_is_taken_back_no_longer_stands(registry):
    admit(registry, "P1")
    with registry.writing(registry.admin.id) as writer:
        (report,) = writer.session.scalars(current(PatientReport))
        writer.retract(report, "another patient's form")
    assert stands(registry, PatientReport) == []


def test_of_two_corrections_of_the_same_one_is_refused(registry):
    _, _, visit_id = admit(registry, "P1")
    with registry.reading() as session:
        seen = session.get(Visit, visit_id)
    with registry.writing(registry.admin.id) as writer:
        writer.replace(seen, "first", status=VisitStatus.MISSED)
    with pytest.raises(ConflictError), registry.writing(registry.admin.id) as writer:
        writer.replace(seen, "second", window=Window.MONTH_1)
    (now,) = stands(registry, Visit)
    assert now.reason == "first"
    assert registry.faults() == []


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_correction_says_why(registry, reason):
    _, _, visit_id = admit(registry, "P1")
    with pytest.raises(RegistryError, match="reason"), registry.writing(registry.admin.id) as writer:
        writer.replace(writer.session.get(Visit, visit_id), reason, held_on=None)


def test_a_transaction_that_fails_leaves_nothing(registry):
    before = registry.head()
    with pytest.raises(ZeroDivisionError), registry.writing(registry.admin.id) as writer:
        writer.add(Patient(site_id=registry.admin.site_id, code=f"P{1 / len(writer.erased)}"))
    assert stands_patients(registry) == []
    assert registry.head() == before


def stands_patients(registry):
    with registry.reading() as session:
        return list(session.scalars(select(Patient)))


def test_one_pseudonym_is_one_patient_of_a_site(registry):
    admit(registry, "P1")
    with pytest.raises(RegistryError):
        admit(registry, "P1")


GUARDED = sorted({t.name for t in Base.metadata.sorted_tables} - {"stored_file"})


@pytest.mark.parametrize("table", ["visit", "patient", "patient_report", "audit", "person", "site", "patient_key"])
def test_no_row_is_changed_or_deleted_past_the_registry(registry, table):
    admit(registry, "P1")
    rows = Base.metadata.tables[table]
    name = next(c for c in rows.c if not c.primary_key and not c.foreign_keys)
    for statement in (update(rows).values({name: None if name.nullable else rows.c[name.name]}), delete(rows)):
        with pytest.raises(DBAPIError), registry.engine.begin() as connection:
            connection.execute(statement)


def test_instants_come_back_in_utc_and_a_naive_one_is_refused(registry):
    admit(registry, "P1")
    with registry.reading() as session:
        at = session.scalars(select(AuditEntry)).first().at
    assert at.tzinfo is UTC
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
    tokyo = datetime(2025, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    with registry.writing(registry.admin.id) as writer:
        writer.add(Patient(site_id=registry.admin.site_id, code="P2", recorded_at=tokyo))
    with registry.reading() as session:
        kept = session.scalars(select(Patient).where(Patient.code == "P2")).one()
        assert kept.recorded_at == datetime(2025, 1, 1, tzinfo=UTC)
    with pytest.raises(Exception, match="time zone"), registry.writing(registry.admin.id) as writer:
        writer.add(Patient(site_id=registry.admin.site_id, code="P3", recorded_at=datetime(2025, 1, 1)))  # noqa: DTZ001


def test_a_file_lies_in_the_store_before_it_is_its_writers_turn_and_goes_where_it_is_not_listed(registry):
    name = hashlib.sha256(b"a state").hexdigest()

    def fail():
        with registry.writing(registry.admin.id, [b"a state"]):
            assert name in registry.files
            raise ConflictError("a state", "is not wanted", "Nothing is to be done.")

    with pytest.raises(ConflictError):
        fail()
    assert name not in registry.files
    with registry.writing(registry.admin.id, [b"a state"]) as writer:
        registry.files.remove(name)  # as a sweep might that was at work before
        assert keep_file(writer, registry, b"a state") == name
        assert keep_file(writer, registry, b"a state") == name  # listed once
    assert registry.files.get(name) == b"a state"
    assert registry.sweep(older_than_s=-1.0) == 0


def test_who_was_last_here_is_noted_without_waiting_for_whoever_writes(registry):
    if registry.engine.dialect.name == "sqlite":
        pytest.skip("in SQLite one writes at a time")
    secret = sign_in.begin(registry, registry.admin)
    later = datetime.now(UTC) + timedelta(minutes=30)
    with registry.writing(registry.admin.id):
        assert sign_in.who(registry, secret, at=later).person == registry.admin.id
        with registry.reading() as session:
            assert session.scalars(select(SignIn.seen_at)).one() == later
    with registry.reading() as session:
        assert session.scalars(select(SignIn.seen_at)).one() == later


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(registry, monkeypatch):
    if registry.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    monkeypatch.setattr(database, "_TRUSTED_S", 0.0)
    with registry.glance() as first, registry.glance() as second:  # two that wait in the pool
        own = [one.execute(text("SELECT pg_backend_pid()")).scalar() for one in (first, second)]
    with psycopg.connect(
        registry.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as other:
        for pid in own:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with registry.glance() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() not in own
    with registry.writing(registry.admin.id) as writer:
        assert writer.session.execute(text("SELECT pg_backend_pid()")).scalar() not in own


def test_a_word_that_is_not_in_its_list_is_refused(registry):
    with pytest.raises(Exception, match="femal"), registry.writing(registry.admin.id) as writer:
        writer.add(Patient(site_id=registry.admin.site_id, code="P1", sex="femal"))


def test_what_does_not_fit_is_refused(registry):
    patient, _, _ = admit(registry, "P1")
    with pytest.raises(RegistryError), registry.writing(registry.admin.id) as writer:
        writer.add(Visit(patient_id=patient, episode_id=patient, window=Window.MONTH_1))


def test_only_an_empty_registry_gets_its_first_people(registry):
    with pytest.raises(RegistryError, match="people already"):
        registry.begin("S2", "Site two", "x", "X")


def test_a_folder_without_a_registry_says_so(tmp_path):
    with pytest.raises(RegistryError, match="holds no registry"):
        Registry.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_database_of_a_newer_version_is_left_alone(new_place):
    folder, database = new_place()
    one = Registry.open(folder, database=database, create=True)
    with one.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    one.close()
    with pytest.raises(RegistryError, match="newer ovcf"):
        Registry.open(folder, database=database)
