"""Every test of the registry runs on SQLite and on PostgreSQL."""

from datetime import date
from itertools import count

import pytest

from ovcf.registry.store import Registry
from ovcf.registry.tables import Episode, Patient, PatientReport, Visit
from ovcf.registry.words import Instrument, Window
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.registry import postgres

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def pg_server():
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed: `make test-postgres` installs it")
    with postgres.server() as folder:
        yield folder


@pytest.fixture(scope="session")
def ready_database(pg_server):
    """The name of a database with its tables, to be copied."""
    Registry.open(pg_server / "ready", database=postgres.new_database(pg_server, "ready"), create=True).close()
    return "ready"


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request, tmp_path):
    """``new_place()``: (data folder, address of the database or None) of a registry that is not there yet.

    With ``ready`` the tables may be there, so that nobody waits for them.
    """
    server = request.getfixturevalue("pg_server") if request.param == "postgresql" else None

    def make(*, ready=False):
        number = next(_NUMBERS)
        template = request.getfixturevalue("ready_database") if server and ready else "template1"
        return tmp_path / f"data-{number}", server and postgres.new_database(server, f"ovcf_{number}", template)

    return make


@pytest.fixture
def new_registry(new_place):
    """``new_registry()``: an empty one."""
    opened = []

    def make(**options):
        folder, database = new_place(ready=True)
        opened.append(Registry.open(folder, database=database, create=True, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def registry(new_registry):
    """A registry with a site and its administrator, who is ``registry.admin``."""
    one = new_registry()
    one.admin = one.begin("S1", "Site one", "admin", "Ada Min")
    return one


def admit(registry, code, levels=("L1",), vas=8.0, born=1950):
    """A patient with an episode, a visit and a pain score; the ids of patient, episode and visit."""
    with registry.writing(registry.admin.id) as writer:
        patient = writer.add(Patient(site_id=registry.admin.site_id, code=code, sex="female", birth_year=born))
        episode = writer.add(Episode(patient_id=patient.id, levels=list(levels), fractured_on=date(2025, 1, 1)))
        visit = writer.add(
            Visit(patient_id=patient.id, episode_id=episode.id, window=Window.PRETREATMENT, held_on=date(2025, 1, 3))
        )
        writer.add(PatientReport(patient_id=patient.id, visit_id=visit.id, instrument=Instrument.VAS, value=vas))
        return patient.id, episode.id, visit.id
