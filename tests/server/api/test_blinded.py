"""A blinded case through the service: nothing of the patient, nobody else's, once, and closed to whoever may not."""

import csv
import re

import pytest
from sqlalchemy import select

from ovcf.registry import service as registry_service
from ovcf.registry.tables import Adjudication, AuditEntry, JudgementBlinding
from ovcf.registry.words import Decision, Window
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from ovcf.study.conduct import studies
from ovcf.study.conduct.form_values import visit_of
from tests.people.conftest import ADDRESS
from tests.people.conftest import browser as page_of
from tests.study.conftest import hold
from tests.study.served import CODE, StudyPlace, wedged


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


OUTCOMES = f"/api/v1/clinical-studies/{CODE}/outcomes"
ONE = f"{OUTCOMES}/A-001/non-union"


@pytest.fixture(scope="module")
def followed_up(place):
    """The reading of A-001 at 6 months, which the coordinator kept; r3 recorded a visit of the same patient."""
    with place.registry.writing(place.people["coordinator-A"].id) as writer:
        one = studies.enrolment_of(writer.session, place.study, "A-001")
        file = wedged(9.0)
        registry_service.keep_reading(writer, place.registry, visit_of(writer.session, one, Window.MONTH_6), file)
    with place.registry.writing(place.people["r3"].id) as writer:
        hold(writer, studies.enrolment_of(writer.session, place.study, "A-001"), "3 months", 90, VAS=3)
    return file


def test_a_judge_is_given_the_bare_images_of_the_visit_that_the_outcome_needs(as_, place, followed_up):
    listed = next(j for j in as_("r1").get(OUTCOMES).json() if j["patient"] == "A-001")
    assert (listed["turn"], listed["held_on"], listed["level"]) == (True, None, "L1")
    assert "reading" not in listed  # the ordinary reading holds name, score and verdict
    answer = as_("r1").get(f"{ONE}/images")
    (visit,) = answer.json()  # union is seen at its own visit; the one before treatment holds the index test
    assert visit["window"] == "6 months"
    film, *slices = visit["pictures"]
    assert set(film) == {"at", "series", "role", "posture", "spacing", "calibrated", "offset_mm", "size"}
    assert (film["role"], film["posture"], film["calibrated"]) == ("lateral radiograph", "standing", False)
    assert [s["offset_mm"] for s in slices] == [-4.0, 0.0, 4.0]
    assert {(s["role"], tuple(s["spacing"]), s["calibrated"]) for s in slices} == {("sagittal T2", (1.0, 1.0), True)}
    for word in ("P-1", "2026", followed_up.reading.id, "1.2.3", "LAT", "vhl", "score", "points", "non-union", "T12"):
        assert word not in answer.text, word
    pictures = {as_("r1").get(f"{ONE}/{p['at']}").content for p in visit["pictures"]}
    assert pictures == {p.png for p in followed_up.pictures}
    assert as_("r1").get(f"{ONE}/images/0/99").status_code == 404
    assert as_("r1").get(f"{OUTCOMES}/A-002/non-union/images").json() == [{"window": "6 months", "pictures": []}]


def test_the_images_of_an_outcome_are_for_its_judges_alone(as_, followed_up):
    for code, status in {"coordinator-A": 403, "monitor-A": 403, "coordinator-B": 403, "reader-B": 404}.items():
        for at in ("images", "images/0/0"):
            assert as_(code).get(f"{ONE}/{at}").status_code == status, (code, at)
    assert as_("r1").get(f"{OUTCOMES}/A-001/progressive-kyphosis/images").status_code == 404  # nobody judges that


def test_how_blind_each_judge_was_is_kept_and_reported_and_no_more(as_, place, followed_up):
    """One blinded, one who does not say so, one who had recorded a visit of the patient, one without images."""
    said = {"answer": "yes", "because": "fluid cleft", "blinded": True}
    assert as_("r1").post(ONE, json=said).status_code == 201
    assert as_("r1").get(f"{ONE}/images").status_code == 403  # judged: no longer theirs
    second = {**said, "answer": "no"}
    del second["blinded"]
    assert as_("r2").post(ONE, json=second).status_code == 201
    seen = as_("r3").get(OUTCOMES).json()
    assert [(j["patient"], j["turn"], j["worked_on_record"]) for j in seen] == [
        ("A-001", True, True),
        ("A-002", True, False),
    ]
    assert as_("r3").post(ONE, json=said).json()["stage"] == "settled"
    assert as_("r1").post(ONE.replace("A-001", "A-002"), json=said).status_code == 201
    with place.registry.reading() as session:
        asked = select(Adjudication.place, JudgementBlinding).join(
            JudgementBlinding, JudgementBlinding.adjudication_id == Adjudication.id
        )
        kept = sorted((p, b.pictures, b.declared, b.worked_on_record, b.blinded) for p, b in session.execute(asked))
        audited = session.scalars(select(AuditEntry).where(AuditEntry.table == "judgement_blinding")).all()
    assert kept == [
        (1, 0, True, False, False),
        (1, 4, True, False, True),
        (2, 4, False, False, False),
        (3, 4, True, True, False),
    ]
    assert len(audited) == 4
    assert place.registry.faults() == []
    items = {}
    for which, item in (("stard", "13b"), ("tripod-ai", "8c")):
        told = as_("admin").get(f"/api/v1/clinical-studies/{CODE}/checklists/{which}.csv")
        items[item] = {row[0]: row[2] for row in csv.reader(told.text.splitlines())}[item]
    assert items["13b"] == items["8c"]
    assert items["13b"].startswith("judgements of the primary outcome: 1 by judges who were offered images under")
    assert items["13b"].endswith("; 3 where one of these was not so, and so not blinded")
