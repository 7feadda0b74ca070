"""What makes tests quick, and is tested itself elsewhere: tables, passwords, the shapes of what doors take and give.

Imported into the ``conftest.py`` of a folder it holds for that folder's tests.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ovcf.registry import store
from ovcf.registry.database import engine_for
from ovcf.registry.migrate import revision
from ovcf.registry.people import passwords

real_hasher = passwords._hasher
"""As people's passwords are kept; ``tests/people/test_accounts.py`` looks at it."""


_upgrade = store.upgrade


@cache
def _ready():
    """A registry without a row, as the file that holds it."""
    with TemporaryDirectory() as folder:
        engine = engine_for(Path(folder) / store.DATABASE)
        _upgrade(engine)
        engine.dispose()  # the log is written back into the file
        return (Path(folder) / store.DATABASE).read_bytes()


def _copied(engine, to="head"):
    if engine.dialect.name == "sqlite" and to == "head" and revision(engine) is None:
        engine.dispose()  # else a connection would go on with the file that was there
        Path(engine.url.database).write_bytes(_ready())
    _upgrade(engine, to)


@pytest.fixture(scope="session", autouse=True)
def ready_tables():
    """A new SQLite registry is a copy of one that is made once; test_migrate.py goes through the revisions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "upgrade", _copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords():
    """argon2id with the least memory and one pass."""

    @cache
    def hasher():
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        yield


@pytest.fixture(scope="session", autouse=True)
def ready_shapes():
    """What a door takes and gives is worked out once for all services of a process: it is nearly all that making a
    service costs."""
    v2 = pytest.importorskip("fastapi._compat.v2")
    make, made = v2.TypeAdapter, {}

    def adapter(of, *, config=None):
        known = (of.__origin__, repr(of.__metadata__), repr(config))
        if known not in made:
            made[known] = make(of, config=config), of  # ``of`` is kept, so that no other object gets its address
        return made[known][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(v2, "TypeAdapter", adapter)
        yield
