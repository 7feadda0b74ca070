"""A server with one small reading, and a browser's way of speaking to it. Skipped where the extra is missing."""

import pytest

from ovcf.reading.file import write_reading
from tests.cli.conftest import command  # noqa: F401  # a fixture
from tests.quicker import cheap_passwords, ready_shapes, ready_tables  # noqa: F401
from tests.server.small_reading import small_reading

pytest.importorskip("fastapi", reason="needs the extra `server`")
pytest.importorskip("httpx2", reason="needs httpx2, which FastAPI's test client is made of")

HOST = "127.0.0.1:8123"
TOKEN = "a-token-of-the-test"


@pytest.fixture
def path(tmp_path):
    """The file of the reading."""
    write_reading(small_reading(), tmp_path / "reading.ovcf")
    return tmp_path / "reading.ovcf"


@pytest.fixture
def serve(tmp_path):
    """``serve(path)``: a client that has not shown the token yet."""
    from fastapi.testclient import TestClient

    from ovcf.server.app import make_app
    from ovcf.server.open_reading import OpenReading

    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "secret.txt").write_text("not for the page")

    def served(path, page=page):
        app = make_app(OpenReading(path, "A. Reader"), token=TOKEN, hosts=(HOST,), page=page)
        return TestClient(app, base_url=f"http://{HOST}")

    return served


@pytest.fixture
def client(serve, path):
    """A client that the printed address has let in."""
    client = serve(path)
    client.get("/", params={"token": TOKEN})
    return client


@pytest.fixture
def post(client):
    """``post("edits", kind=…)``: what the page sends, for the newest revision unless told otherwise."""

    def send(door, revision=None, /, **body):
        headers = {"If-Match": revision or client.get("/api/reading").json()["reading"]["revision"]}
        return client.post(f"/api/{door}", json=body or None, headers=headers)

    return send
