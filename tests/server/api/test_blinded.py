"""A blinded case through the service: nothing of the patient, nobody else's, once, and closed to whoever may not."""

import re

import pytest

from ovcf.registry.words import Decision
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS
from tests.people.conftest import browser as page_of
from tests.study.served import CODE, StudyPlace


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = StudyPlace(tmp_path_factory.mktemp("blinded") / "data", depths=(4.0, 9.0))
    made.tasks = made.assign()
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def service(place, tmp_path_factory):
    people = People(place.registry, Address.parse(ADDRESS))
    app = make_service(
        place.registry, people=people, data=tmp_path_factory.mktemp("files"), hosts=(people.address.host,)
    )
    app.state.people = people
    return app


@pytest.fixture
def as_(place, service):
    def of(code):
        return page_of(service, secret=place.session(code))

    return of


def test_a_case_tells_nothing_of_the_patient(as_, place):
    task = place.tasks["r1"][0]
    told = as_("r1").get(f"/blinded/{task.id}/api/reading")
    assert told.status_code == 200
    assert told.json()["reading"]["id"] == task.label
    for word in ("P-1", "P-2", "A-001", "A-002", str(task.patient_id), str(task.visit_id), "2026", "-3.1"):
        assert word not in told.text, word
    picture = as_("r1").get(f"/blinded/{task.id}/api/pictures/0")
    assert picture.content.startswith(b"\x89PNG")


def test_nobody_else_opens_it(as_, place):
    task = place.tasks["r1"][0]
    for code in ("r2", "admin"):
        for method, path in (("GET", "reading"), ("GET", "pictures/0"), ("GET", "draft"), ("POST", "here")):
            assert as_(code).request(method, f"/blinded/{task.id}/api/{path}").status_code == 404, (code, path)
    for code in ("coordinator-A", "researcher-A", "monitor-A"):
        assert as_(code).get(f"/blinded/{task.id}/api/reading").status_code == 403
    for method, path in (("GET", "reading"), ("POST", "here"), ("POST", "confirm")):
        answer = page_of(as_("r1").app).request(method, f"/blinded/{task.id}/api/{path}", headers={"If-Match": "1"})
        assert answer.status_code == 401, path


def test_progress_is_told_to_who_conducts_and_to_each_reader_their_own(as_, place):
    at = f"/api/v1/clinical-studies/{CODE}/rounds/main"
    boss, mine = as_("coordinator-A").get(at).json(), as_("r1").get(at).json()
    assert [p["reader"] for p in boss["progress"]] == ["r1", "r2"]
    assert boss["mine"] == []
    assert [p["reader"] for p in mine["progress"]] == ["r1"]
    assert mine["seed"] is None
    assert re.fullmatch(r"main-1\d{3}", mine["mine"][0]["label"])
    assert "repeat" not in str(mine["mine"])  # that it is one would tell


def test_readers_may_not_assign_close_or_see_results(as_):
    at = f"/api/v1/clinical-studies/{CODE}/rounds"
    reader = as_("r1")
    new = {"name": "mine", "readers": ["r1", "r2"], "seed": 1}
    assert reader.post(at, json=new).status_code == 403
    assert reader.post(f"{at}/main/close", json={"because": "I want to see"}).status_code == 403
    open_ = reader.get(f"{at}/main/results")
    assert (open_.status_code, "still open" in open_.json()["problem"]) == (422, True)
    unable = as_("coordinator-A").post(at, json={**new, "readers": ["r1", "monitor-A"]})
    assert (unable.status_code, unable.json()["problem"]) == (422, "may not read here")


def test_a_case_is_signed_once_and_then_closed(as_, place):
    task, page = place.tasks["r1"][0], as_("r1")
    at = f"/blinded/{task.id}/api"
    assert page.post(f"{at}/here").status_code == 204
    state = page.get(f"{at}/reading").json()["reading"]["revision"]
    fact = {"kind": "enter fact", "field": "t2_pattern", "value": "diffuse low"}
    edited = page.post(f"{at}/edits", json=fact, headers={"If-Match": state})
    assert edited.status_code == 200, edited.text
    stale = page.post(f"{at}/edits", json=fact, headers={"If-Match": state})
    assert stale.status_code == 412
    done = page.post(f"{at}/confirm", headers={"If-Match": edited.json()["reading"]["revision"]})
    assert done.json()["reading"]["status"] == "confirmed", done.text
    again = page.get(f"{at}/reading")
    assert (again.status_code, "given once" in again.json()["problem"]) == (422, True)
    late = page.post(f"{at}/addendum", json={"reason": "x"}, headers={"If-Match": "1"})
    assert late.status_code == 422
    labels = [c["label"] for c in page.get("/api/v1/my-cases").json()]
    assert task.label not in labels
    assert labels == [place.tasks["r1"][1].label]  # the repeat waits for its washout


def test_the_screening_log_is_of_ones_own_site(as_):
    at = f"/api/v1/clinical-studies/{CODE}/candidates"
    decided = {c["code"]: c["decision"] for c in as_("coordinator-A").get(at).json()}
    assert decided["P-young"] == Decision.NOT_ELIGIBLE.value
    assert as_("coordinator-B").get(at).status_code == 404
    assert as_("coordinator-B").get("/api/v1/clinical-studies").json() == []
