"""The service behind nginx with https, as docs/how-to/server.md sets it up: deploy/nginx.conf, word for word.

Only names, ports and places of files are others, so that it runs beside whatever this machine serves.
"""

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from ovcf.registry.people import accounts
from tests.documents import ROOT
from tests.people.conftest import PASSWORD, Place
from tests.registry import postgres

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: `make test-nginx` installs it"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def configuration(folder, https, http, service):
    """deploy/nginx.conf with other names, and what Debian's nginx.conf has around it."""
    text = (DEPLOY / "nginx.conf").read_text()
    others = {
        "ovcf.example.org": "localhost",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl": f"listen 127.0.0.1:{https} ssl",
        "127.0.0.1:8321": f"127.0.0.1:{service}",
        "/etc/ssl/ovcf": f"{folder}/ovcf",
        "/var/log/nginx/ovcf.log": f"{folder}/nginx.log",
    }
    for one, other in others.items():
        assert one in text, one
        text = text.replace(one, other)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return f"{user}pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n{places}{text}}}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(place, https address, http address, folder, what the service printed) of everything at work together."""
    folder = tmp_path_factory.mktemp("server")
    https, http, port = free_port(), free_port(), free_port()
    of_localhost = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "ovcf.key"), "-out", str(folder / "ovcf.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *of_localhost, *files],
        check=True,
        capture_output=True,
    )
    (folder / "nginx.conf").write_text(configuration(folder, https, http, port))
    address = f"https://localhost:{https}"
    if postgres.programs() is None:
        place, url, stop = Place(folder / "data"), "", None
    else:
        stop = postgres.server()
        url = postgres.new_database(stop.__enter__(), "behind_nginx")
        place = Place(folder / "data", url)
    command = ["serve", "--people", "--address", address, "--port", str(port), "--workers", "0"]
    environment = {**os.environ, "OVCF_DATA": str(folder / "data"), "OVCF_DATABASE_URL": url}
    log = folder / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "ovcf", *command], env=environment, stdout=file, stderr=subprocess.STDOUT
        ) as service,
        subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"]) as nginx,
    ):
        try:
            for _ in range(600):
                if address in log.read_text():
                    break
                assert service.poll() is None, log.read_text()
                time.sleep(0.1)
            assert nginx.poll() is None, (folder / "error.log").read_text()
            yield place, address, f"http://127.0.0.1:{http}", folder, log
        finally:
            nginx.terminate()
            service.terminate()
            nginx.wait(20)
            service.wait(60)
            place.registry.close()
            if stop is not None:
                stop.__exit__(None, None, None)


@pytest.fixture(scope="module")
def page(server):
    """A browser that trusts the certificate and is signed in."""
    place, address, _, folder, _ = server
    with place.registry.writing(place.admin.id) as writer:
        link = accounts.new_link(writer, place.people["coordinator-A"])
    with httpx2.Client(
        base_url=address, headers={"Origin": address}, verify=str(folder / "ovcf.pem"), timeout=120
    ) as browser:
        assert browser.put("/api/v1/password", json={"link": link, "password": PASSWORD}).status_code == 204
        entered = browser.post("/api/v1/session", json={"code": "coordinator-A", "password": PASSWORD})
        assert entered.status_code == 200, entered.text
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith("__Host-ovcf=")
        assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(re.split(r";\s*", cookie))
        yield browser


def test_http_leads_to_https(server):
    _, _, plain, _, _ = server
    answer = httpx2.get(f"{plain}/sign-in", headers={"Host": "localhost"})
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/sign-in")


def test_answers_stay_on_https_and_on_this_page(page):
    answer = page.get("/api/v1/patients")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.post("/api/v1/patients", json={}, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_an_upload_larger_than_a_body_of_nginx_arrives_whole_and_goes_on(page):
    tus = {"Tus-Resumable": "1.0.0"}
    content = os.urandom(3 * 2**20)  # nginx alone takes 1 MiB
    name = base64.b64encode(b"film.png").decode()
    begun = page.post(
        "/api/v1/uploads", headers={**tus, "Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
    )
    where = begun.headers["location"]
    part = {**tus, "Content-Type": "application/offset+octet-stream"}
    half = len(content) // 2
    assert page.patch(where, content=content[:half], headers={**part, "Upload-Offset": "0"}).status_code == 204
    assert page.head(where, headers=tus).headers["upload-offset"] == str(half)
    done = page.patch(where, content=content[half:], headers={**part, "Upload-Offset": str(half)})
    assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(content)))


def test_events_are_told_while_the_stream_is_open(server, page):
    place = server[0]
    told, arrived = [], threading.Event()

    def listen():
        with page.stream("GET", "/api/v1/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                told.append(line)
                arrived.set()
                if line.startswith("event: study"):
                    return

    listener = threading.Thread(target=listen)
    listener.start()
    assert arrived.wait(30)  # the first line came though the stream has not ended
    from ovcf.registry.tables import WorkItem
    from ovcf.registry.words import WorkStatus

    with place.registry.writing(place.admin.id) as writer:
        writer.session.add(WorkItem(site_id=place.sites["A"].id, received_by=place.admin.id, status=WorkStatus.WAITING))
    listener.join(30)
    assert not listener.is_alive()
    assert "event: study" in told


def test_where_somebody_comes_from_is_not_theirs_to_say(server, page):
    page.post(
        "/api/v1/session",
        json={"code": "coordinator-A", "password": "a wrong one"},
        headers={"X-Forwarded-For": "203.0.113.9"},
    )
    log = server[4].read_text()
    assert "sign-in refused, from 127.0.0.1" in log
    assert "203.0.113.9" not in log


def test_the_log_of_nginx_tells_nothing_that_was_searched_for(server, page):
    page.get("/api/v1/patients", params={"q": "Winkelhofer"})
    log = (server[3] / "nginx.log").read_text()
    assert "GET /api/v1/patients" in log
    assert "Winkelhofer" not in log


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["ovcf.service", "ovcf-backup.service", "ovcf-backup.timer"])
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path, name):
    for unit in DEPLOY.glob("ovcf*.*"):
        text = unit.read_text().replace("/opt/ovcf/bin/ovcf", sys.executable)  # it must be there to be looked at
        (tmp_path / unit.name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")


def test_the_page_shows_what_the_files_hold():
    page = (ROOT / "docs" / "how-to" / "server.md").read_text("utf-8")
    for name in sorted(path.name for path in Path(DEPLOY).iterdir()):
        assert f"deploy/{name}" in page, name
