"""A registry with a person in it, on both databases, and studies that wait."""

import io
import sys
from itertools import count

import pytest
from PIL import Image

from ovcf.jobs import queue
from ovcf.jobs.process import Limits
from ovcf.jobs.worker import Worker
from ovcf.registry.access import Principal
from ovcf.registry.clinic import intake
from ovcf.registry.tables import WorkItem
from ovcf.registry.words import Role
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.registry.conftest import new_place, new_registry, pg_server, ready_database, registry  # noqa: F401  # fixtures

_SHADES = count(1)


def who(registry):  # noqa: F811
    """The administrator, as the service knows them."""
    return Principal(registry.admin.id, registry.admin.code, registry.admin.site_id, Role.ADMIN)


def film(folder, name="film.png"):
    """A small film that is like no other."""
    out, shade = io.BytesIO(), next(_SHADES)
    Image.new("L", (8, 8), shade % 256).resize((8 + shade // 256, 8)).save(out, "PNG")
    path = folder / f"{shade}-{name}"
    path.write_bytes(out.getvalue())
    return intake.Sent(name, path)


def state_of(registry, study):  # noqa: F811
    """The study's status, its job's state, and why."""
    with registry.reading() as session:
        item = session.get(WorkItem, study)
        job = queue.newest_job(session, item)
        return item.status, job.state, job.why


@pytest.fixture
def send(registry, tmp_path):  # noqa: F811
    """``send()``: a study of one film that waits for its assessment; (study, job)."""

    def sent(*files, assess=True):
        with registry.writing(registry.admin.id) as writer:
            kept = intake.store_files(writer, registry, files or (film(tmp_path),))
            item = intake.receive(writer, who(registry), kept, name="film.png")
            job = queue.enqueue(writer.session, item, registry.admin.id) if assess else None
            return item.id, job and job.id

    return sent


@pytest.fixture
def worker(registry):  # noqa: F811
    """``worker("crash")``: one whose jobs end so."""

    def made(how="good", **options):
        limits = options.pop("limits", Limits(seconds=30))
        return Worker(registry, child=(sys.executable, "-m", "tests.jobs.child", how), limits=limits, **options)

    return made
