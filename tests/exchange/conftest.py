"""What every test of the exchange needs: registries on both databases, and simulated ones."""

import csv

import pytest

from ovcf.exchange.export import KIND, Format, export
from ovcf.exchange.incoming.bring_in import bring_in
from ovcf.exchange.incoming.redcap import read_redcap
from ovcf.exchange.incoming.sheet import read_sheet
from ovcf.exchange.simulated.make import SITE_CODES, Plan, simulate
from ovcf.files.result_folder import ResultFolder
from ovcf.registry.people.accounts import change
from ovcf.registry.store import Registry
from ovcf.registry.tables import Simulation, Site
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.registry.conftest import new_place, new_registry, pg_server, ready_database, registry  # noqa: F401


@pytest.fixture
def simulated(new_registry):  # noqa: F811
    """40 simulated patients."""
    one = new_registry()
    simulate(one, Plan(patients=40, seed=3))
    return one


@pytest.fixture
def empty_twin(new_registry):  # noqa: F811
    """An empty registry with the sites of a simulated one, and its administrator as ``admin``."""
    one = new_registry()
    one.admin = one.begin("HUB", "Coordination", "admin", "Ada Min")
    with one.writing(one.admin.id) as writer:
        for code in SITE_CODES:
            site = writer.add(Site(code=code, name=code))
            writer.add(Simulation(site_id=site.id, seed=0, software="test"))
        change(writer, one.admin, "imports for all sites", all_sites=True)
    return one


@pytest.fixture
def exported(tmp_path):
    """``exported(registry, **options)``: the folder of an export."""
    made = []

    def write(one, person=None, **options):
        from sqlalchemy import select

        from ovcf.registry.tables import Person

        with one.reading() as session:
            actor = person or session.scalars(select(Person.id).order_by(Person.code)).first()
        folder = ResultFolder.at(tmp_path / f"export-{len(made)}", KIND)
        made.append(folder)
        export(one, actor, folder, **options)
        return folder.path

    return write


@pytest.fixture
def on_sqlite(tmp_path):
    """A registry for what does not depend on the database."""
    one = Registry.open(tmp_path / "data", create=True)
    one.admin = one.begin("S1", "Site one", "admin", "Ada Min")
    yield one
    one.close()


def table_of(folder):
    with (folder / "registry.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def imported(one, path, **options):
    """Import a REDCap table as the administrator of a registry."""
    return bring_in(one, one.admin, read_redcap(read_sheet(path)), source=path.name, **options)


__all__ = ["Format", "imported", "table_of"]
