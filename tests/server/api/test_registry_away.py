"""While another program holds the database, a request is refused with what to do, and nothing of it is kept."""

import sqlite3

import pytest

from ovcf.registry import database

ASKED = {"code": "P-0100", "sex": "female", "birth_year": 1950}


@pytest.fixture
def held(monkeypatch, registry):
    """The database of a registry, held by another program until it lets go; nobody waits for it."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0)
    registry.engine.dispose()
    other = sqlite3.connect(registry.files.folder.parent / "registry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_it_says_so_and_the_same_request_is_taken_afterwards(api, held):
    refused = api("POST", "patients", json=ASKED)
    told = refused.json()
    assert (refused.status_code, told["remedy"]) == (503, "Try again in a moment.")
    assert "nothing of this was saved" in told["detail"]
    assert refused.headers["retry-after"] == "5"
    held.execute("ROLLBACK")
    assert api("GET", "patients").json()["items"] == []
    assert api("POST", "patients", json=ASKED).status_code == 201
