"""``ovcf serve --people`` as a process of its own: from the link to a session, and what its log says."""

import os
import re
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from ovcf.registry.people import accounts
from tests.people.conftest import PASSWORD, Place


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def served(tmp_path, port):
    """(the place, its address, everything that was printed) of a service that runs."""
    place = Place(tmp_path / "data")
    log = tmp_path / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "ovcf", "serve", "--people", "--port", str(port), "--workers", "0"],
            env={**os.environ, "OVCF_DATA": str(tmp_path / "data")},
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                if address in log.read_text():
                    break
                time.sleep(0.1)
            yield place, address, log
        finally:
            process.terminate()
            process.wait(20)
            place.registry.close()


def test_a_day_of_work(served):
    place, address, log = served
    with place.registry.writing(place.admin.id) as writer:
        link = accounts.new_link(writer, place.people["coordinator-A"])
    with httpx2.Client(base_url=address, headers={"Origin": address}) as page:
        assert page.get("/", follow_redirects=True).url.path == "/sign-in"
        for name in re.findall(r'"(/people/[\w.-]+)"', page.get("/set-password").text):
            assert page.get(name).status_code == 200
        assert page.put("/api/v1/password", json={"link": link, "password": PASSWORD}).status_code == 204
        wrong = {"code": "coordinator-A", "password": "a wrong one"}
        assert page.post("/api/v1/session", json=wrong).status_code == 401
        assert page.post("/api/v1/session", json={**wrong, "password": PASSWORD}).status_code == 200
        admitted = page.post("/api/v1/patients", json={"code": "Winkelhofer-77", "sex": "female"})
        assert admitted.status_code == 201, admitted.text
        assert "Winkelhofer-77" in page.get("/api/v1/patients", params={"q": "Winkelhofer-77"}).text
        assert page.get(f"/api/v1/patients/{place.patients['B']}").status_code == 404
        assert page.get("/api/v1/patients", headers={"Host": "elsewhere.example"}).status_code == 421
        secret = next(iter(page.cookies.jar)).value
        assert page.delete("/api/v1/session").status_code == 204
        assert page.get("/api/v1/patients").status_code == 401
    said = log.read_text()
    assert said.count("signed in") == said.count("signed out") == said.count("refused") == 1
    for private in ("Winkelhofer", "coordinator-A", PASSWORD, "a wrong one", link, secret, "P-A", "?", "Traceback"):
        assert private not in said, private
    assert place.registry.faults() == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--people", "--address", "http://10.0.0.5"], "unencrypted"),
        (["--people", "--oidc", "none.toml"], "is not there"),
        (["--address", "https://ovcf.example.org"], "for several people"),
    ],
)
def test_what_cannot_be_done_says_so(tmp_path, more, words):
    done = subprocess.run(
        [sys.executable, "-m", "ovcf", "serve", *more],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "OVCF_DATA": str(tmp_path / "data")},
    )
    assert done.returncode == 2
    assert words in done.stderr
