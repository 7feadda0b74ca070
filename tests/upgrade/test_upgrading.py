"""Bringing a registry of release 0.2.0 up to date: whole or not at all, once, and never unasked."""

import json
import multiprocessing
import os
import signal
import zipfile
from uuid import UUID

import pytest
from sqlalchemy import event, text

from ovcf.cli.registry.serve import serve
from ovcf.errors import RegistryError
from ovcf.registry.audit import Anchor
from ovcf.registry.database import engine_for
from ovcf.registry.migrate import newest, revision, upgrade
from ovcf.registry.safekeeping.backup import restore, revision_of, write_backup
from ovcf.registry.store import DATABASE, Registry
from ovcf.registry.tables import Patient
from tests.registry.test_migrate import content
from tests.upgrade.conftest import OLD

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
FORK = multiprocessing.get_context("fork")


def engine_of(place):
    folder, database = place
    return engine_for(database or folder / DATABASE)


def rows(place):
    """Every row of every table there is, and the revision."""
    engine = engine_of(place)
    try:
        return revision(engine), content(engine)
    finally:
        engine.dispose()


def test_nothing_is_upgraded_unasked(old, monkeypatch):
    folder, database = old
    before = rows(old)
    for options in ({}, {"create": True}):
        with pytest.raises(RegistryError, match="older revision") as refused:
            Registry.open(folder, database=database, **options)
        assert "ovcf db backup" in str(refused.value)
        assert "ovcf db upgrade" in str(refused.value)
    monkeypatch.setenv("OVCF_DATA", str(folder))
    monkeypatch.setenv("OVCF_DATABASE_URL", database or "")
    with pytest.raises(RegistryError, match="older revision"):
        serve(port=0)
    assert rows(old) == before


def test_not_a_value_is_another_one(old, told):
    before = rows(old)
    assert before[0] == OLD
    registry = Registry.open(old[0], database=old[1], upgrading=True)
    after = rows(old)
    assert after[0] == newest()
    assert {name: after[1][name] for name in before[1]} == before[1]
    assert [name for name in after[1] if name not in before[1] and after[1][name]] == []
    assert registry.faults(Anchor.parse(told["head"])) == []  # the audit ends where release 0.2.0 said
    assert str(registry.head()) == told["head"]
    registry.close()


@pytest.mark.parametrize("last", ["access_token", "moved_person", "judgement_blinding", "alembic_version"])
def test_killed_in_the_middle_it_is_as_it_was(old, last):
    """Killed right after the statement that makes a table of each revision, or the last that notes the revision."""
    before = rows(old)
    child = FORK.Process(target=_killed, args=(old, last))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert rows(old) == before
    upgrade(engine := engine_of(old))
    assert revision(engine) == newest()
    engine.dispose()


def _killed(place, last):
    engine = engine_of(place)

    @event.listens_for(engine, "after_cursor_execute")
    def kill(_connection, _cursor, statement, *_more):
        if f"CREATE TABLE {last}" in statement or ("UPDATE" in statement and last in statement):
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade(engine)


def test_two_at_once_both_end_well(old):
    two = [FORK.Process(target=_upgraded, args=(old,)) for _ in range(2)]
    for one in two:
        one.start()
    for one in two:
        one.join(120)
    assert [one.exitcode for one in two] == [0, 0]
    assert rows(old)[0] == newest()


def _upgraded(place):
    engine = engine_of(place)
    upgrade(engine)
    engine.dispose()


def test_on_a_full_disk_it_is_as_it_was(old):
    if old[1] is not None:
        pytest.skip("how full the disk of a database server is, is the server's own")
    before, engine = rows(old), engine_of(old)

    @event.listens_for(engine, "connect")
    def full(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(RegistryError, match="disk is full") as refused:
        upgrade(engine)
    engine.dispose()
    assert "Nothing of it was changed" in str(refused.value)
    assert rows(old) == before


def test_a_newer_one_is_refused_and_left_alone(old):
    engine = engine_of(old)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = rows(old)
    for options in ({}, {"create": True}, {"upgrading": True}, {"older": True}):
        with pytest.raises(RegistryError, match="made by a newer ovcf") as refused:
            Registry.open(old[0], database=old[1], **options)
        assert "backup" in str(refused.value)
    assert rows(old) == before


def test_a_backup_of_the_old_one_is_what_it_would_have_written_itself(old, backup_of_then, tmp_path):
    registry = Registry.open(old[0], database=old[1], older=True)
    write_backup(registry, tmp_path / "now.zip")
    registry.close()
    with zipfile.ZipFile(backup_of_then) as then, zipfile.ZipFile(tmp_path / "now.zip") as now:
        assert json.loads(now.read("manifest.json")) == json.loads(then.read("manifest.json"))
        assert {i.filename: i.CRC for i in now.infolist()} == {i.filename: i.CRC for i in then.infolist()}


def test_a_backup_of_then_is_restored_and_brought_up_to_date(old, new_place, backup_of_then, told):
    Registry.open(old[0], database=old[1], upgrading=True).close()
    folder, database = new_place()
    registry = Registry.open(folder, database=database, create=True, made_at=revision_of(backup_of_then))
    assert restore(backup_of_then, registry) == []
    assert revision(registry.engine) == newest()
    assert str(registry.head()) == told["head"]
    registry.close()
    upgraded, restored = rows(old)[1], rows((folder, database))[1]
    passing = {name for name in upgraded if restored[name] != upgraded[name]}
    assert passing <= {"sign_in", "password_link"}  # sessions are in no backup
    again = Registry.open(folder, database=database)
    with pytest.raises(RegistryError, match="not empty"):
        restore(backup_of_then, again)
    again.close()


def test_who_was_erased_since_is_erased_from_a_backup_of_then(old, new_place, backup_of_then, told):
    patient = told["ward"]["amended"]["patient"]
    registry = Registry.open(old[0], database=old[1], upgrading=True)
    with registry.reading() as session:
        (erased,) = [p.id for p in session.query(Patient) if str(p.id) == patient]
    with registry.writing(UUID(told["people"]["admin"])) as writer:
        writer.erase(erased, "asked for")
    registry.close()
    folder, database = new_place()
    folder.mkdir()
    (folder / "erasures.jsonl").write_bytes((old[0] / "erasures.jsonl").read_bytes())
    again = Registry.open(folder, database=database, create=True, made_at=OLD)
    assert restore(backup_of_then, again) == []
    with again.reading() as session:
        assert session.get(Patient, erased) is None
    again.close()
