"""A registry as release 0.2.0 left it, on SQLite and on PostgreSQL, and what that release said of it."""

import io
import json
import sqlite3
import tarfile
import zipfile
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from ovcf.registry.database import engine_for, writing
from ovcf.registry.safekeeping import backup
from ovcf.registry.store import DATABASE, Registry
from tests.quicker import cheap_passwords, ready_shapes, ready_tables  # noqa: F401
from tests.registry.conftest import new_place, pg_server, ready_database  # noqa: F401

STORE = Path(__file__).with_name("store-0.2.0.tar.xz")
OLD = "0008"
"""The revision of release 0.2.0."""


@cache
def members():
    """Every member of the file that ``make_store.py`` left, by name."""
    with tarfile.open(STORE) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}


@pytest.fixture(scope="session")
def told():
    """What release 0.2.0 said."""
    return json.loads(members()["told.json"])


@pytest.fixture
def backup_of_then(tmp_path):
    """The backup that release 0.2.0 wrote."""
    path = tmp_path / "backup-0.2.0.zip"
    path.write_bytes(members()["backup.zip"])
    return path


@pytest.fixture
def old(new_place, backup_of_then):  # noqa: F811
    """(data folder, address of the database or None) of the registry of release 0.2.0."""
    folder, database = new_place()
    for name, content in members().items():
        if name.startswith("data/"):
            path = folder / name.removeprefix("data/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    if database is None:
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            connection.executescript(members()["registry.sql"].decode())
    else:
        _filled(folder, database, backup_of_then)
    return folder, database


def _filled(folder, database, path):
    """The same rows on PostgreSQL, in the tables of that revision."""
    Registry.open(folder, database=database, create=True, made_at=OLD).close()
    engine = engine_for(database)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive, writing(engine) as connection:
        about = json.loads(archive.read("manifest.json"))
        for table in backup._lasting(connection):
            backup._fill(connection, table, archive, about["tables"][table.name])
    engine.dispose()
