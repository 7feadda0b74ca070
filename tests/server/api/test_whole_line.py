"""A study in at one end, a signed report out at the other: a real service, its worker, a real assessment, and kills."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import httpx2
import pytest

from tests.made import made_patient
from tests.server.api.conftest import TUS, go_on

SECONDS = 240


class Running:
    """``ovcf serve`` on a data folder and a port, and a browser that was let in."""

    def __init__(self, data, port=0, browser=None):
        command = [sys.executable, "-m", "ovcf", "serve", "--folder", str(data), "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.root = self.address.partition("/enter")[0]
        self.port = int(self.root.rpartition(":")[2])
        self.browser = browser or httpx2.Client(base_url=f"{self.root}/api/v1/", timeout=60)

    def enter(self):
        assert self.browser.get(self.address).status_code == 303
        return self

    def wait_for(self, study, *states):
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            told = self.browser.get(f"studies/{study}").json()
            if told["newest_job"]["state"] in states:
                return told
            time.sleep(0.1)
        raise AssertionError(f"the job is still {told['newest_job']}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The zip of a digital patient: one lateral radiograph and sagittal T1, STIR and T2."""
    from ovcf.phantom.recipe import read_recipe
    from tests.documents import ROOT

    (visit,) = made_patient(read_recipe(ROOT / "examples" / "phantom.toml"), tmp_path_factory)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted((visit / "study").rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(visit))
    return out.getvalue()


def events_of(service, stop, told):
    """What the service tells as it happens, until it is stopped."""
    try:
        with service.browser.stream("GET", "events", timeout=30) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line[6:]))
                if stop.is_set():
                    return
    except httpx2.TransportError:
        pass  # the service was killed


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills processes")
def test_from_a_zip_to_a_signed_report_through_a_kill_of_everything(study, tmp_path):
    data = tmp_path / "data"
    service = Running(data).enter()
    browser = service.browser
    try:
        told, stop = [], threading.Event()
        threading.Thread(target=events_of, args=(service, stop, told), daemon=True).start()

        # An upload that breaks off, and goes on after the service was killed.
        begun = browser.post(
            "uploads", headers={**TUS, "Upload-Length": str(len(study)), "Upload-Metadata": "filename c3R1ZHkuemlw"}
        )
        upload = f"{service.root}{begun.headers['location']}"
        browser.patch(upload, content=study[:300_000], headers=go_on(0))
        service.kill()
        service = Running(data, service.port, browser)  # the same browser, which is still let in
        came = int(browser.head(upload, headers=TUS).headers["upload-offset"])
        assert came == 300_000
        assert browser.patch(upload, content=study[came:], headers=go_on(came)).status_code == 204

        # A study of a patient, assessed by the worker; the service and with it the worker killed in the middle.
        patient = browser.post(
            "patients",
            json={"sex": "female", "birth_year": 1950, "episode": {"levels": ["L1"], "fractured_on": "2025-01-01"}},
        ).json()
        made = browser.post(
            "studies",
            json={
                "uploads": [upload.rsplit("/", 1)[1]],
                "at": {"patient": patient["id"], "window": "pretreatment", "held_on": "2025-01-07"},
            },
        )
        assert made.status_code == 202
        id_ = made.json()["study"]
        service.wait_for(id_, "running")
        service.kill()  # its worker sees that, and lets the job go
        service = Running(data, service.port, browser)
        told_again, stop_again = [], threading.Event()
        threading.Thread(target=events_of, args=(service, stop_again, told_again), daemon=True).start()
        done = service.wait_for(id_, "done", "set aside")
        assert done["newest_job"]["state"] == "done", done["newest_job"]["why"]
        reading = f"readings/{done['reading']}"
        assert done["status"] == "draft"

        # Images as they were sent, with their place in the patient.
        series = browser.get(f"studies/{id_}/series").json()
        assert {s["role"] for s in series} == {"lateral radiograph", "sagittal T1", "sagittal STIR", "sagittal T2"}
        for s in series:
            frame = browser.get(f"studies/{id_}/series/{s['number']}/frames/{s['frames'] // 2}").content
            assert len(frame) == 2 * s["rows"] * s["columns"]
            assert (s["origin"] is None) == (s["role"] == "lateral radiograph")
        assert browser.get(f"studies/{id_}/thumbnail").content.startswith(b"\x89PNG")

        # Read, edited, signed.
        shown = browser.get(reading)
        view = shown.json()
        assert view["patient"]["id"] == "P-0001"
        vertebra = next(k for k, v in view["vertebrae"].items() if v["label"] == "L1" and v["points"])
        x, y = view["vertebrae"][vertebra]["points"][0]
        edit = {"kind": "move point", "vertebra": vertebra, "point": "superior_anterior", "to": [x, y + 6]}
        edited = browser.patch(reading, json=edit, headers={"If-Match": shown.headers["etag"]})
        assert edited.status_code == 200
        assert edited.json()["measurements"] != view["measurements"]
        for urgent in view["urgent"]:
            state = browser.get(reading).headers["etag"]
            browser.patch(reading, json={"kind": "acknowledge", "statement": urgent["id"]}, headers={"If-Match": state})
        signed = browser.post(f"{reading}/confirm", headers={"If-Match": browser.get(reading).headers["etag"]})
        assert signed.status_code == 200, signed.text
        pdf = browser.get(f"{reading}/report.pdf")
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
        (line,) = browser.get("worklist").json()["items"]
        assert (line["status"], line["code"], line["reading"]) == ("signed", "P-0001", done["reading"])
        until = time.monotonic() + 10
        while not any(e.get("status") == "signed" for e in told_again) and time.monotonic() < until:
            time.sleep(0.1)
        assert {"running", "done"} <= {e.get("state") for e in told_again}
        assert any(e.get("status") == "signed" and e.get("reading") == done["reading"] for e in told_again)
        stop.set()
        stop_again.set()
    finally:
        service.stop()
    left = subprocess.run(
        [sys.executable, "-m", "ovcf", "db", "check"],
        capture_output=True,
        text=True,
        env={**os.environ, "OVCF_DATA": str(data)},
        check=False,
    )
    assert left.returncode == 0, left.stderr
    assert list(Path(data / "uploads").iterdir()) == []
