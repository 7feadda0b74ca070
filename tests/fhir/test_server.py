"""A bundle sent to a FHIR server that is not ours (@medplum/fhir-router, in memory): once or often, nothing doubles.

It runs under node; `make test-fhir` fetches it into tests/fhir/validators/node_modules.
"""

import base64
import json
import shutil
import subprocess
import urllib.request
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ovcf.errors import FhirError
from ovcf.fhir.out.bundle import of_reading, transaction
from ovcf.fhir.send import send
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.session import Session
from tests.fhir.conftest import bare, coding, signed

HERE = Path(__file__).parent / "validators"
NEEDS_NODE = pytest.mark.skipif(
    not (HERE / "node_modules" / "@medplum" / "fhir-router").is_dir() or shutil.which("node") is None,
    reason="node and the server are not there (make test-fhir)",
)


@pytest.fixture
def server():
    with subprocess.Popen(["node", "server.mjs"], cwd=HERE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}/"
        finally:
            running.kill()


def there(server, kind):
    """All resources of a kind that the server holds."""
    with urllib.request.urlopen(f"{server}{kind}?_count=100", timeout=60) as answer:  # our own server
        return [entry["resource"] for entry in json.load(answer).get("entry", ())]


KINDS = ("Patient", "Practitioner", "Device", "Observation", "Condition", "DiagnosticReport", "QuestionnaireResponse")


@NEEDS_NODE
def test_sent_twice_nothing_doubles_and_an_addendum_takes_the_place_of_what_was_sent(draft, server):
    reading = signed(bare(draft))
    found = of_reading(reading, pdf=False)
    first = send(transaction(found), server)
    assert first == {"made": len(found)}
    held = {kind: len(there(server, kind)) for kind in KINDS}
    assert sum(held.values()) + len(there(server, "Flag")) + len(there(server, "ImagingStudy")) == len(found)
    again = send(transaction(found), server)
    assert "made" not in again
    assert {kind: len(there(server, kind)) for kind in KINDS} == held

    begun = reading.reading.addendum(id_="v2", reader="A. Reader", at="2026-04-01T00:00:00+00:00", reason="T9 is sound")
    session = Session(replace(reading, reading=begun))
    at = "2026-04-01T00:01:00+00:00"
    session.make(EnterFact(id="e1", reader="A. Reader", at=at, field="old_fractures", value=()))
    send(transaction(of_reading(signed(session.file, at="2026-04-01T00:02:00+00:00"), pdf=False)), server)
    (report,) = there(server, "DiagnosticReport")
    assert report["status"] == "amended"
    # What it refers to is what the server holds, by the addresses that it gave.
    (patient,) = there(server, "Patient")
    assert report["subject"]["reference"] == f"Patient/{patient['id']}"
    sure = {c["bodySite"][0]["text"]: coding(c["verificationStatus"])[1] for c in there(server, "Condition")}
    assert sure == {"L1": "confirmed", "T9": "entered-in-error"}
    # With its PDF it is taken, too.
    send(transaction(of_reading(reading)), server)
    (report,) = there(server, "DiagnosticReport")
    assert base64.b64decode(report["presentedForm"][0]["data"]).startswith(b"%PDF-")


@pytest.fixture
def answering():
    """``answering(status, body)``: the address of a server that always answers so, and what it was sent."""
    opened = []

    def start(status, body):
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        one = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=one.serve_forever, daemon=True).start()
        opened.append(one)
        return f"http://127.0.0.1:{one.server_address[1]}/fhir", seen

    yield start
    for one in opened:
        one.shutdown()
        one.server_close()


BUNDLE = {"resourceType": "Bundle", "type": "transaction", "entry": [{}]}


def test_a_refusal_says_why(answering):
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "no such profile"}]}
    address, _ = answering(422, outcome)
    with pytest.raises(FhirError, match=r"refused the bundle \(422: no such profile\)"):
        send(BUNDLE, address)


def test_a_refused_bundle_with_a_large_pdf_says_how_large_and_one_with_a_small_one_does_not(answering):
    address, _ = answering(413, b"")
    for size, told in ((2**20 + 1, True), (2**20, False)):
        report = {"resource": {"resourceType": "DiagnosticReport", "presentedForm": [{"data": "A" * size}]}}
        with pytest.raises(FhirError) as caught:
            send(BUNDLE | {"entry": [report]}, address)
        assert ("1.0 MB" in str(caught.value)) is told


def test_a_redirect_is_not_followed(answering):
    address, seen = answering(302, b"")
    with pytest.raises(FhirError, match=r"refused the bundle \(302\)"):
        send(BUNDLE, address)
    assert len(seen) == 1


@pytest.mark.parametrize("body", [b"<html>welcome</html>", {"resourceType": "Bundle"}, {"entry": [{}, {}]}])
def test_what_answers_otherwise_is_no_fhir_server(answering, body):
    address, _ = answering(200, body)
    with pytest.raises(FhirError, match="did not answer as a FHIR server"):
        send(BUNDLE, address)


def test_a_resource_that_was_not_stored_is_an_error(answering):
    address, _ = answering(200, {"entry": [{"response": {"status": "409 Conflict"}}]})
    with pytest.raises(FhirError, match=r"did not store 1 resources \(409\)"):
        send(BUNDLE, address)


def test_the_token_goes_along(answering):
    address, seen = answering(200, {"entry": [{"response": {"status": "201 Created"}}]})
    assert send(BUNDLE, address, token="secret") == {"made": 1}
    assert seen[0][0]["Authorization"] == "Bearer secret"
    assert seen[0][0]["Content-Type"] == "application/fhir+json"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://fhir.example.org/r4", "unencrypted"),
        ("fhir.example.org", "not the address"),
        ("https://user:pass@fhir.example.org/", "not the address"),
        ("http://127.0.0.1:9/fhir", "does not answer"),
    ],
)
def test_nothing_is_sent_where_it_should_not_go(address, why):
    with pytest.raises(FhirError, match=why):
        send(BUNDLE, address)
