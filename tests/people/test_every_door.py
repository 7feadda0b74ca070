"""Every door of the whole service, one after the other: shut without a session, and to another site."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from ovcf.registry.clinic.readings import keep_reading
from ovcf.registry.tables import Episode, Event, ImagingStudy, Job, Patient, Visit, WorkItem
from ovcf.registry.words import EventKind, EventSource, JobKind, Window, WorkStatus
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from ovcf.study.conduct import queries, screening, studies
from ovcf.study.protocol.read import parse_protocol, shipped
from tests.people.conftest import ADDRESS, Place, browser
from tests.server.small_reading import small_reading
from tests.study.conftest import DAY, FIT

OPEN = {"post /api/v1/session", "put /api/v1/password"}
"""By these one comes in; they have tests of their own."""
NOBODYS = {"options /api/v1/uploads"}
"""Says which version of the upload protocol is spoken."""


ANALYSES = {"post /api/v1/cohort/tables", "post /api/v1/cohort/analyses"}
"""What a researcher sends to be analysed changes nothing in the registry."""


class Filled(Place):
    """With a patient of site A of whom everything is there that has an address."""

    def __init__(self, folder):
        super().__init__(folder)
        with self.registry.writing(self.people["coordinator-A"].id) as writer:
            patient = writer.session.get_one(Patient, self.patients["A"])
            episode = writer.add(Episode(patient_id=patient.id, levels=["L1"]))
            visit = writer.add(Visit(patient_id=patient.id, episode_id=episode.id, window=Window.PRETREATMENT))
            event = writer.add(
                Event(
                    patient_id=patient.id,
                    episode_id=episode.id,
                    kind=EventKind.UNION,
                    on=date(2025, 4, 1),
                    source=EventSource.REPORTED,
                )
            )
            study = writer.add(ImagingStudy(patient_id=patient.id, visit_id=visit.id))
            item = WorkItem(
                id=study.id,
                site_id=patient.site_id,
                patient_id=patient.id,
                visit_id=visit.id,
                status=WorkStatus.DRAFT,
                received_by=writer.actor,
            )
            writer.session.add(item)
            writer.session.flush()
            job = Job(kind=JobKind.ASSESS, site_id=patient.site_id, work_item_id=item.id, enqueued_by=writer.actor)
            writer.session.add(job)
            writer.session.flush()
            reading = keep_reading(writer, self.registry, visit, small_reading(), item=item)
            self.names = {
                "patient": patient.id,
                "episode": episode.id,
                "visit": visit.id,
                "study": study.id,
                "job": job.id,
                "reading": reading.reading,
                "fact": event.id,
                "kind": "events",
                "number": 0,
                "frame": 0,
                "picture": 0,
                "shown": 0,
                "format": "html",
                "upload": "x" * 32,
                "token": uuid4(),
                "vertebra": "v1",
            }
        self._study(coordinator=self.people["coordinator-A"])

    def _study(self, coordinator):
        """A clinical study of site A with the patient enrolled, a query, and a round of blinded readings."""
        protocol = parse_protocol(shipped("han-validation"), "protocol")
        with self.registry.writing(coordinator.id) as writer:
            study = studies.begin(writer, protocol)
            _, judged = screening.screen(writer, study, coordinator, "P-A", FIT, on=DAY)
            assert judged.decision.value == "eligible"
            patient = writer.session.get_one(Patient, self.patients["A"])
            one = screening.enrol(writer, study, patient, on=DAY, consent_on=DAY)
            query = queries.ask(writer, study, one, Window.PRETREATMENT, "baseline", "age_years", "Is it right?")
            writer.session.flush()
            self.names |= {
                "clinical_study": study.code,
                "candidate": "P-A",
                "enrolled": one.number,
                "window": "pretreatment",
                "form": "baseline",
                "outcome": "non-union",
                "query": query.id,
                "round": "main",
                "table": "0" * 32,
                "analysis": "0" * 32,
                "exercise": uuid4(),
                "person": coordinator.id,
                "checklist": "stard",
                "backup": "ovcf-2026-01-01-000000.zip",
            }


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    made = Filled(tmp_path_factory.mktemp("doors") / "data")
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def whole(filled, tmp_path_factory):
    people = People(filled.registry, Address.parse(ADDRESS))
    app = make_service(
        filled.registry, people=people, data=tmp_path_factory.mktemp("uploads"), hosts=(people.address.host,)
    )
    app.state.people = people
    begun = browser(app, secret=filled.session("reader-A")).post(
        "/api/v1/uploads", headers={"Upload-Length": "10", "Tus-Resumable": "1.0.0"}
    )
    filled.names["upload"] = begun.headers["location"].rsplit("/", 1)[1]
    return app


def doors(app):
    """(method and path, operation) of the description of the service."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield f"{method} {path}", operation


def test_without_a_session_every_door_is_shut(filled, whole):
    people = whole.state.people
    tried = 0
    for door, operation in doors(whole):
        if door in OPEN | NOBODYS:
            continue
        people.limits = type(people.limits)()
        method, path = door.split()
        answer = browser(whole).request(method, path.format(**filled.names), **asking(whole, operation))
        assert answer.status_code == 401, door
        tried += 1
    assert tried > 40


REFUSED = {403, 404}


@pytest.mark.parametrize("code", ["reader-B", "coordinator-B", "monitor-B", "researcher-B"])
def test_another_sites_patient_is_behind_no_door(filled, whole, code):
    secret = filled.session(code)
    before = filled.registry.head()
    tried = 0
    for door, operation in doors(whole):
        method, path = door.split()
        if "{" not in path or door in NOBODYS:
            continue
        answer = browser(whole, secret=secret).request(method, path.format(**filled.names), **asking(whole, operation))
        assert answer.status_code in REFUSED, (door, answer.status_code, answer.text[:300])
        tried += 1
    assert tried > 30
    for path in ("/api/v1/patients", "/api/v1/worklist", "/api/v1/jobs", "/api/v1/worklist/due"):
        told = browser(whole, secret=secret).get(path)
        for name in ("P-A", str(filled.names["patient"]), str(filled.names["study"]), filled.names["reading"]):
            assert name not in told.text, path
    assert filled.registry.head() == before
    with filled.registry.reading() as session:
        assert session.scalars(select(Patient).where(Patient.code == "P-A")).one()


def test_of_ones_own_site_they_open(filled, whole):
    """Else the tests above would pass on a service that is shut to everybody."""
    reader = browser(whole, secret=filled.session("reader-A"))
    names = filled.names
    for path in (
        "/api/v1/patients/{patient}",
        "/api/v1/visits/{visit}",
        "/api/v1/studies/{study}",
        "/api/v1/readings/{reading}",
        "/api/v1/jobs/{job}",
        "/api/v1/me",
    ):
        answer = reader.get(path.format(**names))
        assert answer.status_code == 200, (path, answer.text)
    assert "P-A" in reader.get("/api/v1/patients").text


def test_a_researcher_changes_nothing(filled, whole):
    """Whatever the door: with the method of a change it is refused."""
    page = browser(whole, secret=filled.session("researcher-A"))
    before = filled.registry.head()
    for door, operation in doors(whole):
        method, path = door.split()
        if method in ("get", "head", "options") or door in OPEN | ANALYSES:
            continue
        if "/session" in path or path == "/api/v1/tokens" or path.endswith("/preview"):
            continue
        answer = page.request(method, path.format(**filled.names), **asking(whole, operation))
        assert answer.status_code in REFUSED, (door, answer.status_code, answer.text[:300])
    assert filled.registry.head() == before


def test_who_has_no_session_is_led_to_the_door(whole):
    for path in ("/", "/readings/some/"):
        answer = browser(whole).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    page = browser(whole).get("/sign-in")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]


def asking(app, operation):
    """A body that fits the description, and the state of a reading: so that nothing else is a reason to refuse."""
    content = operation.get("requestBody", {}).get("content", {})
    schemas = app.openapi().get("components", {}).get("schemas", {})
    asked = {"headers": {"If-Match": '"1"', "Tus-Resumable": "1.0.0"}}
    if "Upload-Offset" in str(operation):
        asked["headers"]["Content-Type"] = "application/offset+octet-stream"
    if (kind := next((name for name in content if name.endswith("json")), None)) is not None:
        asked["json"] = example(content[kind]["schema"], schemas)
        asked["headers"]["Content-Type"] = kind
    elif "application/fhir+json" in content:
        asked["json"] = {"resourceType": "Bundle", "type": "collection"}
    elif "application/octet-stream" in content:
        asked["content"] = b"some"
        asked["headers"]["Content-Type"] = "application/octet-stream"
    for place, name in (("query", "params"), ("header", "headers")):
        required = [p for p in operation.get("parameters", []) if p.get("required") and p["in"] == place]
        told = {p["name"]: str(example(p["schema"], schemas)) for p in required if p["name"].lower() != "if-match"}
        asked[name] = asked.get(name, {}) | told
    return asked


def example(schema, schemas):
    """The least that a schema takes."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].split("/")[-1]], schemas)
    for key in ("const", "default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], schemas)
    kind = schema.get("type")
    if kind == "object":
        if schema.get("minProperties"):
            return {"level": "L1"}
        wanted = schema.get("required", [])
        return {name: example(schema["properties"][name], schemas) for name in wanted if name in schema["properties"]}
    if kind == "array":
        return [example(schema["items"], schemas)] * schema.get("minItems", 0)
    if kind == "string":
        return {"date": "2025-01-07", "uuid": str(UUID(int=uuid4().int))}.get(schema.get("format"), "because")
    return {"integer": 1, "number": 1.0, "boolean": True, "null": None}.get(kind, {})
