"""The service of a registry with a patient and a reading in it, and a browser that was let in."""

import base64
import shutil
import uuid
from dataclasses import replace
from datetime import date

import pytest

from ovcf.registry.access import Principal
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.store import Registry
from ovcf.registry.words import Role
from tests.server.small_reading import small_reading

pytest.importorskip("fastapi", reason="needs the extra `serve`")
pytest.importorskip("httpx2", reason="needs httpx2, which FastAPI's test client is made of")

HOST = "127.0.0.1:8321"
VISIT_DAY = date(2025, 1, 7)
TUS = {"Tus-Resumable": "1.0.0"}


def as_admin(registry):
    """The administrator, as the service knows them."""
    return Principal(registry.admin.id, registry.admin.code, registry.admin.site_id, Role.ADMIN)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A registry with its administrator, and a copy with a patient, a visit and a reading; the ids of the three."""
    root = tmp_path_factory.mktemp("registries")
    registry = Registry.open(root / "empty", create=True)
    registry.admin = registry.begin("S1", "Site one", "admin", "Ada Min")
    registry.close()
    shutil.copytree(root / "empty", root / "kept")
    filled = Registry.open(root / "kept")
    with filled.writing(registry.admin.id) as writer:
        patient, _ = clinic.admit(writer, as_admin(registry), "P-0007", sex="female", birth_year=1950, levels=["L1"])
        visit = clinic.visit_on(writer, patient, window="pretreatment", on=VISIT_DAY)
        file = small_reading()
        file = replace(file, reading=replace(file.reading, id=uuid.uuid4().hex))
        row = keep_reading(writer, filled, visit, begun_for(file, patient.code, {}))
        ids = str(patient.id), str(visit.entity_id), row.reading
    filled.close()
    return root, registry.admin, ids


@pytest.fixture
def registry(made_once, request, tmp_path):
    """A registry with its administrator; with what ``kept`` tells of where that is asked for."""
    root, admin, _ = made_once
    shutil.copytree(root / ("kept" if "kept" in request.fixturenames else "empty"), tmp_path / "data")
    one = Registry.open(tmp_path / "data")
    one.admin = admin
    yield one
    one.close()


@pytest.fixture
def kept(made_once):
    """(patient, visit, reading)."""
    return made_once[2]


@pytest.fixture
def who(registry):
    """The administrator, as the service knows them."""
    return as_admin(registry)


@pytest.fixture
def serve(registry, tmp_path):
    """``serve()``: a browser that has not been let in; its service is ``.app``, its keeper ``.people``."""
    from fastapi.testclient import TestClient

    from ovcf.server.api.app import make_service
    from ovcf.server.api.one_user import OneUser

    page, data = tmp_path / "page", tmp_path / "of-the-service"
    page.mkdir()
    data.mkdir()
    for name in ("index.html", "worklist.html"):
        (page / name).write_text(f"<!doctype html><title>{name}</title>")

    def served(people=None, over=registry, **options):
        keeper = people or OneUser(over, data)
        app = make_service(over, people=keeper, data=data, hosts=(HOST,), page=page, **options)
        browser = TestClient(app, base_url=f"http://{HOST}")
        browser.people = keeper
        return browser

    return served


def let_in(browser):
    """Open the printed address."""
    answer = browser.get("/enter", params={"token": browser.people.token}, follow_redirects=False)
    assert answer.status_code == 303
    return browser


@pytest.fixture
def browser(serve):
    """A browser that was let in."""
    return let_in(serve())


@pytest.fixture
def api(browser):
    """``api("GET", "patients", ...)``: the answer of a door below /api/v1."""

    def ask(method, path, **options):
        return browser.request(method, f"/api/v1/{path}", **options)

    return ask


def upload(browser, content, name="film.png"):
    """Send a file whole; the id of the upload."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    begun = browser.post(
        "/api/v1/uploads", headers={**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    )
    assert begun.status_code == 201, begun.text
    address = begun.headers["location"]
    sent = browser.patch(address, content=content, headers=go_on(0))
    assert sent.status_code == 204, sent.text
    return address.rsplit("/", 1)[1]


def go_on(offset):
    """The headers of bytes that go on from an offset."""
    return {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
