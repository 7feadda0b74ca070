"""Whatever is sent to any door, the service answers with what its description says, and never breaks."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import select

schemathesis = pytest.importorskip("schemathesis")

from ovcf.registry.tables import Patient, Person  # noqa: E402
from ovcf.registry.words import Role, Window  # noqa: E402
from ovcf.study.conduct import queries, screening, studies  # noqa: E402
from ovcf.study.protocol.read import parse_protocol, shipped  # noqa: E402
from ovcf.study.readers import rounds  # noqa: E402
from tests.registry import postgres  # noqa: E402
from tests.registry.conftest import pg_server  # noqa: E402, F401  # a fixture
from tests.server.api.conftest import HOST  # noqa: E402
from tests.study.conftest import DAY, FIT  # noqa: E402

EXAMPLES = int(os.environ.get("OVCF_EXAMPLES", "4"))
SLOW = {"POST /api/v1/example", "POST /api/v1/cohort/analyses", "POST /api/v1/training"}
"""They take seconds each: one draws a patient (``test_the_example_is_a_digital_patient_and_says_so``), one starts a
process for each question (``test_cohort``), one draws an exercise (``tests/study/test_training``)."""
KNOWN = {"reading", "patient", "visit", "clinical_study", "enrolled", "candidate", "form", "outcome", "query", "round"}
"""Names in addresses for which ids that are there are tried too: a random one leads nowhere but to 404."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request, made_once, tmp_path_factory):
    """A service whose registry holds a patient and a reading, a browser that was let in, and the ids by name."""
    import shutil

    from fastapi.testclient import TestClient

    from ovcf.registry.safekeeping.backup import restore, write_backup
    from ovcf.registry.store import Registry
    from ovcf.server.api.app import make_service
    from ovcf.server.api.one_user import OneUser

    root, _, ids = made_once
    data = tmp_path_factory.mktemp("openapi") / "data"
    if request.param == "sqlite":
        shutil.copytree(root / "kept", data)
        registry = Registry.open(data)
    else:
        address = postgres.new_database(request.getfixturevalue("pg_server"), "ovcf_openapi")
        registry = Registry.open(data, database=address, create=True)
        filled = Registry.open(root / "kept")
        write_backup(filled, data / "backup.zip")
        filled.close()
        assert restore(data / "backup.zip", registry) == []
    more = with_a_study(registry, made_once[1])
    people = OneUser(registry, data)
    app = make_service(registry, people=people, data=data, hosts=(HOST,), event_seconds=0.0)
    browser = TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False)
    browser.get("/enter", params={"token": people.token}, follow_redirects=False)
    yield app, browser, dict(zip(("patient", "visit", "reading"), ids, strict=True)) | more
    registry.close()


def with_a_study(registry, admin):
    """Take the patient into a study with a query and a round of blinded readings; what its doors call them."""
    with registry.writing(admin.id) as writer:
        reader = writer.add(Person(site_id=admin.site_id, code="second", name="Second", role=Role.READER))
        study = studies.begin(writer, parse_protocol(shipped("han-validation"), "protocol"))
        screening.screen(writer, study, admin, "P-0007", FIT, on=DAY)
        patient = writer.session.scalars(select(Patient).where(Patient.code == "P-0007")).one()
        one = screening.enrol(writer, study, patient, on=DAY, consent_on=DAY)
        query = queries.ask(writer, study, one, Window.PRETREATMENT, "baseline", "age_years", "Is it right?")
        rounds.open_round(writer, study, "main", [admin.code, reader.code], seed=1)
        named = {"clinical_study": study.code, "enrolled": one.number, "candidate": "P-0007", "form": "baseline"}
        return named | {"outcome": "non-union", "query": str(query.id), "round": "main"}


def test_its_description_is_openapi_3_1_and_names_the_problems_of_every_door(served):
    app, *_ = served
    told = app.openapi()
    assert told["openapi"].startswith("3.1")
    for path, doors in told["paths"].items():
        assert path.startswith("/api/v1/")
        for method, door in doors.items():
            assert {"401", "403", "404"} <= door["responses"].keys(), (method, path)
            assert door.get("summary"), (method, path)
            assert door.get("description"), f"{method} {path} does not say what it does"


@schemathesis.serializer("application/offset+octet-stream")
def as_they_are(_, value):
    """Bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


def send(browser, case):
    """One case, as it is, to the service."""
    headers = {name: str(value).encode("latin-1", "replace") for name, value in (case.headers or {}).items()}
    body = case.body
    if isinstance(body, bytes | str):
        options = {"content": body}
    elif type(body).__name__ == "NotSet":
        options = {}
    else:
        options = {"content": json.dumps(body).encode()}
    if case.media_type and "content" in options:
        headers["Content-Type"] = case.media_type.encode()
    return browser.request(
        case.method, case.formatted_path, params=case.query or None, headers=headers, follow_redirects=False, **options
    )


@pytest.mark.slow
def test_no_door_breaks_whatever_is_sent(served):
    app, browser, ids = served
    schema = schemathesis.openapi.from_dict(app.openapi())
    seen, broken = set(), []

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(data=strategies.data())
    def ask(operation, data):
        case = data.draw(operation.as_strategy())
        for known in (False, True):
            for name in KNOWN & case.path_parameters.keys() if known else ():
                case.path_parameters[name] = ids[name]
            answer = send(browser, case)
            seen.add((operation.label, answer.status_code))
            if answer.status_code >= 500:
                broken.append((operation.label, answer.status_code, str(case.body)[:200], answer.text[:300]))

    for found in schema.get_all_operations():
        if found.ok().label not in SLOW:
            ask(found.ok())
    assert broken == []
    reached = {label for label, status in seen if status < 400}
    assert len(reached) >= 15, sorted(reached)  # else nothing behind the first check was tried
