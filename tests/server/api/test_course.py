"""Patients, visits, what they answered, what was done, and what is due; corrected with a reason, never overwritten."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.server.api.conftest import upload
from tests.server.api.test_uploads import png

TODAY = date.today()  # noqa: DTZ011  # a local day, as visits have


@pytest.fixture
def ok(api):
    """``ok("POST", "patients", json)``: what a door that must open answers."""

    def ask(method, path, body=None, **options):
        answer = api(method, path, json=body, **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    return ask


@pytest.fixture
def patient(ok):
    return ok("POST", "patients", {"sex": "female", "birth_year": 1950, "episode": {"levels": ["L1"]}})


def test_a_patient_gets_the_next_free_pseudonym(ok):
    assert ok("POST", "patients", {"code": "AKH-099"})["code"] == "AKH-099"
    assert ok("POST", "patients", {})["code"] == "AKH-100"


@pytest.mark.parametrize(
    "body",
    [
        {"code": ""},
        {"code": "a\x00b"},
        {"code": "x" * 61},
        {"birth_year": 12},
        {"name": "Anna"},
        {"episode": {"levels": ["Q9"]}},
    ],
)
def test_what_is_no_patient_is_refused(api, body):
    answer = api("POST", "patients", json=body)
    assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert answer.json()["remedy"]


def test_a_pseudonym_is_taken_once(api, ok):
    ok("POST", "patients", {"code": "P-1"})
    assert "already" in api("POST", "patients", json={"code": "P-1"}).json()["problem"]


def test_patients_are_found_by_the_beginning_of_the_pseudonym_page_by_page(ok):
    for n in range(7):
        ok("POST", "patients", {"code": f"P-{n}"})
    ok("POST", "patients", {"code": "Q_9"})
    found, cursor = [], None
    while True:
        page = ok("GET", "patients", params={"q": "p-", "limit": 3, **({"cursor": cursor} if cursor else {})})
        found += [p["code"] for p in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [f"P-{n}" for n in range(7)]
    assert [p["code"] for p in ok("GET", "patients", params={"q": "q_"})["items"]] == ["Q_9"]
    assert [p["code"] for p in ok("GET", "patients", params={"q": "9"})["items"]] == ["Q_9"]  # the number at its end
    assert ok("GET", "patients", params={"q": "%"})["items"] == []


def test_a_visit_is_planned_held_and_corrected_with_the_reason(api, ok, patient):
    planned = ok("POST", f"patients/{patient['id']}/visits", {"window": "1 month", "planned_on": "2025-02-07"})
    assert planned["status"] == "planned"
    held = ok("PATCH", f"visits/{planned['id']}", {"held_on": "2025-02-09", "reason": "came two days later"})
    assert (held["id"], held["status"], held["held_on"]) == (planned["id"], "held", "2025-02-09")
    assert api("PATCH", f"visits/{planned['id']}", json={"held_on": "2025-02-10"}).status_code == 422
    assert ok("GET", f"patients/{patient['id']}")["visits"] == [held]


def test_answers_are_entered_once_corrected_with_a_reason_and_taken_back(api, ok, patient, registry):
    visit = ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": "2025-01-07"})
    fact = ok("POST", f"visits/{visit['id']}/answers", {"instrument": "VAS", "value": 8})
    again = api("POST", f"visits/{visit['id']}/answers", json={"instrument": "VAS", "value": 7})
    assert (again.status_code, "already" in again.json()["problem"]) == (422, True)
    for value in (11, -1, None):
        beyond = {"instrument": "ODI", "value": value and value * 20}
        assert api("POST", f"visits/{visit['id']}/answers", json=beyond).status_code == 422
    change = {"changes": {"value": 7}, "reason": "misheard"}
    right = ok("PATCH", f"facts/answers/{fact['id']}", change)
    assert (right["id"], right["values"]["value"], right["reason"]) == (fact["id"], 7, "misheard")
    for changes in ({"value": 70}, {"patient_id": "x"}):
        wrong = api("PATCH", f"facts/answers/{fact['id']}", json={"changes": changes, "reason": "x"})
        assert wrong.status_code == 422
    ok("POST", f"facts/answers/{fact['id']}/retraction", {"reason": "another patient"})
    assert ok("GET", f"patients/{patient['id']}/facts/answers") == []
    from ovcf.registry.tables import PatientReport

    with registry.reading() as session:
        rows = session.query(PatientReport).order_by(PatientReport.recorded_at).all()
        assert [(r.value, r.retracted) for r in rows] == [(8, False), (7, False), (7, True)]  # all of it is kept
    assert registry.faults() == []


def test_what_was_done_measured_and_what_happened(api, ok, patient):
    visit = ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": "2025-01-07"})
    episode = patient["episodes"][0]["id"]
    ok("POST", f"visits/{visit['id']}/densitometry", {"site": "L2", "t_score": -3.1})
    ok("POST", f"episodes/{episode}/treatments", {"kind": "kyphoplasty", "started_on": "2025-01-10", "levels": ["L1"]})
    ok("POST", f"episodes/{episode}/events", {"kind": "secondary fracture", "on": "2025-03-01", "level": "L2"})
    for kind, field, value in (
        ("densitometry", "t_score", -3.1),
        ("treatments", "kind", "kyphoplasty"),
        ("events", "level", "L2"),
    ):
        (fact,) = ok("GET", f"patients/{patient['id']}/facts/{kind}")
        assert fact["values"][field] == value
    wrong = {"kind": "drug", "started_on": "2025-02-01", "ended_on": "2025-01-01"}
    assert api("POST", f"episodes/{episode}/treatments", json=wrong).status_code == 422


def test_what_is_known_of_a_visit_stands_in_the_case_of_its_reading(ok, patient, registry):
    from uuid import UUID

    from ovcf.registry.clinic.patients import facts_at

    visit = ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": "2025-01-07"})
    ok("POST", f"visits/{visit['id']}/answers", {"instrument": "VAS", "value": 8})
    ok("POST", f"visits/{visit['id']}/densitometry", {"site": "L2", "t_score": -3.1})
    with registry.reading() as session:
        facts = facts_at(session, UUID(patient["id"]), UUID(visit["id"]))
    assert facts == {
        "sex": "female",
        "age_years": 75,
        "visit_date": "2025-01-07",
        "index_level": "L1",
        "vas": 8,
        "t_score_l2": -3.1,
    }


def test_a_course_over_two_visits_as_data_page_and_print(ok, api, kept):
    patient = kept[0]
    second = ok("POST", f"patients/{patient}/visits", {"window": "1 month", "held_on": "2025-02-05"})
    for visit, vas in ((kept[1], 8), (second["id"], 3)):
        ok("POST", f"visits/{visit}/answers", {"instrument": "VAS", "value": vas})
    told = ok("GET", f"patients/{patient}/timeline")
    assert [v["name"] for v in told["visits"]] == ["pretreatment", "1 month"]
    (pain,) = (c for c in told["courses"] if c["quantity"] == "pain (VAS)")
    assert [v["value"] for v in pain["values"]] == [8, 3]
    assert "P-0007" in api("GET", f"patients/{patient}/timeline.html").text
    assert api("GET", f"patients/{patient}/timeline.pdf").content.startswith(b"%PDF")


def test_a_course_that_cannot_be_told_says_why(api, ok, patient):
    answer = api("GET", f"patients/{patient['id']}/timeline")
    assert (answer.status_code, "two visits" in answer.json()["problem"]) == (422, True)


def test_a_visit_that_is_overdue_is_listed_until_it_is_held(ok, patient):
    first = TODAY - timedelta(days=40)
    ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": first.isoformat()})
    (due,) = ok("GET", "worklist/due")["items"]
    assert (due["code"], due["window"], due["due"]) == (patient["code"], "1 month", "overdue")
    ok("POST", f"patients/{patient['id']}/visits", {"window": "1 month", "held_on": TODAY.isoformat()})
    assert ok("GET", "worklist/due")["items"] == []


@pytest.fixture
def fractured(ok):
    """``fractured(weeks)``: a woman of 1950 with a fracture of L1 so many weeks ago (None: not known when)."""

    def admit(weeks, code=None, born=1950):
        day = None if weeks is None else (datetime.now(UTC).date() - timedelta(weeks=weeks)).isoformat()
        about = {"sex": "female", "birth_year": born, "episode": {"levels": ["L1"], "fractured_on": day}}
        return ok("POST", "patients", about | ({"code": code} if code else {}))

    return admit


def test_prevention_that_is_overdue_is_listed_and_who_got_no_drug_apart(ok, fractured):
    """IOF: risk and DXA within 12 weeks; exercise, follow-up and the drug within 16; on a drug at 52."""
    late, recent = fractured(53, "P-1"), fractured(13, "P-2")
    fractured(11, "P-3")
    fractured(60, "P-4", born=date.today().year - 40)  # noqa: DTZ011
    fractured(None, "P-5")
    page = ok("GET", "worklist/prevention")
    assert [(one["code"], one["weeks"], one["untreated"]) for one in page["items"]] == [
        ("P-1", 53, True),
        ("P-2", 13, False),
    ]
    assert (page["next"], page["undated"]) == (None, 1)
    first, second = page["items"]
    assert (first["patient"], second["patient"]) == (late["id"], recent["id"])
    assert [one["said"] for one in second["overdue"]] == [
        "fracture risk assessed, within 12 weeks",
        "DXA done, within 12 weeks",
    ]
    assert "osteoporosis drug started, within 16 weeks" in [one["said"] for one in first["overdue"]]
    assert len(first["overdue"]) == 6
    assert [one["code"] for one in ok("GET", "worklist/prevention", params={"untreated": True})["items"]] == ["P-1"]
    drug = {"kind": "drug", "levels": [], "started_on": TODAY.isoformat(), "detail": {"drug": "zoledronic acid"}}
    episode = late["episodes"][0]["id"]
    ok("POST", f"episodes/{episode}/treatments", drug)
    assert ok("GET", "worklist/prevention", params={"untreated": True})["items"] == []
    assert ok("GET", "worklist/prevention")["items"][0]["untreated"] is False


def test_prevention_is_listed_page_by_page(ok, fractured):
    for weeks in (20, 40, 30):
        fractured(weeks, f"P-{weeks}")
    first = ok("GET", "worklist/prevention", params={"limit": 2})
    assert [one["code"] for one in first["items"]] == ["P-40", "P-30"]
    second = ok("GET", "worklist/prevention", params={"limit": 2, "cursor": first["next"]})
    assert ([one["code"] for one in second["items"]], second["next"]) == (["P-20"], None)


def rows_of(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


def test_both_lists_are_tables_for_a_spreadsheet_in_the_language_of_the_page(api, ok, fractured):
    patient = fractured(17, "-P-1")
    seen = TODAY - timedelta(days=40)
    ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": seen.isoformat()})
    heads, row = rows_of(api("GET", "worklist/prevention.csv"))
    assert heads[:4] == ["Patient", "Fractured level", "Day of the fracture", "Weeks since"]
    fractured_on = patient["episodes"][0]["fractured_on"]
    assert row[:4] == ["'-P-1", "L1", fractured_on, "17"]  # no spreadsheet takes it for a formula
    states = dict(zip(heads[4:], row[4:], strict=True))
    assert states["osteoporosis drug started, within 16 weeks"] == "overdue: nothing is recorded"
    assert states["osteoporosis drug prescribed at 52 weeks"] == "open"
    (_, visit) = rows_of(api("GET", "worklist/due.csv"))
    assert (visit[0], visit[1], visit[4]) == ("'-P-1", "1 month", "overdue")
    chinese = {"Accept-Language": "zh-CN"}
    heads, row = rows_of(api("GET", "worklist/prevention.csv", headers=chinese))
    assert heads[:4] == ["患者", "骨折节段", "骨折日期", "至今周数"]
    assert row[:4] == ["'-P-1", "L1", fractured_on, "17"]
    assert dict(zip(heads[4:], row[4:], strict=True))["已开始抗骨质疏松药物，16周内"] == "逾期：无记录"
    (_, visit) = rows_of(api("GET", "worklist/due.csv", headers=chinese))
    assert visit[4] == "逾期"


def test_a_study_is_given_a_patient_once_and_a_reader(api, ok, browser, patient):
    study = ok("POST", "studies", {"uploads": [upload(browser, png())], "assess": False})["study"]
    at = {"patient": patient["id"], "window": "pretreatment", "held_on": "2025-01-07"}
    given = ok("POST", f"studies/{study}/visit", at)
    assert (given["code"], given["held_on"]) == (patient["code"], "2025-01-07")
    assert api("POST", f"studies/{study}/visit", json=at).status_code == 409
    assert api("DELETE", f"studies/{study}").status_code == 422  # it is a patient's now
    assert ok("POST", f"studies/{study}/reader", {"reader": "admin"})["assigned_to"] == "admin"
    assert [line["id"] for line in ok("GET", "worklist", params={"reader": "admin"})["items"]] == [study]
    assert api("POST", f"studies/{study}/reader", json={"reader": "nobody"}).status_code == 404
    visit = given["visit"]
    taken = api("POST", f"visits/{visit}/retraction", json={"reason": "wrong day"})
    assert (taken.status_code, "images" in taken.json()["problem"]) == (422, True)


def test_an_assessment_is_taken_on_watched_and_cancelled(api, ok, browser):
    study = ok("POST", "studies", {"uploads": [upload(browser, png())], "assess": False})["study"]
    taken = api("POST", "assessments", json={"study": study, "options": {"pixel_mm": 0.2, "fracture": "L1"}})
    assert taken.status_code == 202
    job = ok("GET", taken.headers["location"].removeprefix("/api/v1/"))
    assert (job["state"], job["study"]) == ("queued", study)
    assert api("POST", "assessments", json={"study": study}).status_code == 409
    assert [j["id"] for j in ok("GET", "jobs", params={"state": "queued"})["items"]] == [job["id"]]
    assert ok("POST", f"jobs/{job['id']}/cancel")["state"] == "cancelled"
    assert api("POST", f"jobs/{job['id']}/cancel").status_code == 422
    assert ok("GET", f"studies/{study}")["status"] == "not assessed"
    assert api("GET", f"studies/{study}/series").json()["problem"] == "have not been read yet"


def test_the_worklist_is_paged_in_its_order_filtered_and_searched(ok, browser):
    studies = [
        ok("POST", "studies", {"uploads": [upload(browser, png(n))], "name": f"Film {n}", "assess": False})["study"]
        for n in range(5)
    ]
    for sort, expected in (("arrived", studies), ("-arrived", studies[::-1])):
        found, cursor = [], None
        while True:
            page = ok("GET", "worklist", params={"sort": sort, "limit": 2, **({"cursor": cursor} if cursor else {})})
            found += [line["id"] for line in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert found == expected
    assert [line["name"] for line in ok("GET", "worklist", params={"q": "film 3"})["items"]] == ["Film 3"]
    assert len(ok("GET", "worklist", params={"assigned": False})["items"]) == 5
    assert ok("GET", "worklist", params={"status": ["signed", "draft"]})["items"] == []


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", "WzEsIDIsIDNd", "e30", "\u20ac"])
def test_a_cursor_of_somebody_elses_making_is_refused(api, cursor):
    for door in ("worklist", "patients"):
        assert api("GET", door, params={"cursor": cursor}).status_code == 422


@pytest.mark.slow
def test_the_example_is_a_digital_patient_and_says_so(ok):
    made = ok("POST", "example")
    (line,) = ok("GET", "worklist")["items"]
    assert (line["id"], line["patient"], "not a person" in line["name"]) == (made["study"], None, True)
    assert ok("GET", f"jobs/{made['job']}")["state"] == "queued"


def test_the_page_of_a_course_says_what_may_be_entered_and_why_there_is_no_course_yet(api, ok, patient):
    page = ok("GET", f"patients/{patient['id']}/course")
    assert page["why"]["problem"] == "needs at least two visits"
    assert (page["visits"], page["plan"], page["next"]) == ([], [], "")
    forms = {f["instrument"]: f for f in page["forms"]["instruments"]}
    assert (forms["VAS"]["low"], forms["VAS"]["high"]) == (0, 10)
    assert forms["JOABPEQ"]["domains"] == ["pain", "lumbar", "walking", "social", "mental"]
    assert forms["analgesic class"]["words"] == ["none", "non-opioid", "weak opioid", "strong opioid"]
    held = ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": "2020-01-06"})
    ok("POST", f"visits/{held['id']}/answers", {"instrument": "analgesic class", "value": 2})
    page = ok("GET", f"patients/{patient['id']}/course", params={"visits_only": True})
    assert page["why"] is None
    (visit,) = page["visits"]
    assert {a["instrument"]: a["text"] for a in visit["answers"]} == {
        "VAS": "",
        "ODI": "",
        "JOABPEQ": "",
        "analgesic class": "weak opioid",
    }
    assert [p["due"] for p in page["plan"]] == ["missed"] * 4
    assert page["plan"][0]["first_day"] == "2020-01-27"  # 21 days after the first visit


def test_a_visit_that_is_due_is_told_with_the_days_between_which_it_counts(ok, patient):
    first = TODAY - timedelta(days=30)
    ok("POST", f"patients/{patient['id']}/visits", {"window": "pretreatment", "held_on": first.isoformat()})
    page = ok("GET", f"patients/{patient['id']}/course")
    assert page["plan"][0]["due"] in ("open", "overdue")
    assert page["next"].startswith("The visit at 1 month is due now: it counts between")
    on = (TODAY + timedelta(days=3)).isoformat()
    ok("POST", f"patients/{patient['id']}/visits", {"window": "1 month", "planned_on": on})
    assert ok("GET", f"patients/{patient['id']}/course")["next"].endswith(", planned.")


def test_treatment_stands_in_the_course_with_its_days(ok, patient):
    for window, day in (("pretreatment", "2020-01-06"), ("6 months", "2020-07-06")):
        visit = ok("POST", f"patients/{patient['id']}/visits", {"window": window, "held_on": day})
        ok("POST", f"visits/{visit['id']}/answers", {"instrument": "ODI", "value": 60 if day < "2020-02" else 20})
    episode = patient["episodes"][0]["id"]
    ok(
        "POST",
        f"episodes/{episode}/treatments",
        {"kind": "drug", "started_on": "2020-02-01", "ended_on": "2020-05-01", "detail": {"drug": "<teriparatide>"}},
    )
    told = ok("GET", f"patients/{patient['id']}/timeline")
    assert told["treatments"] == [{"name": "<teriparatide>", "began": "2020-02-01", "ended": "2020-05-01"}]
    (course,) = ok("GET", f"patients/{patient['id']}/course")["timeline"]["courses"]
    assert (course["title"], course["said"], course["change"][:10]) == ("Disability (ODI)", "Lower", "−40 points")
    assert "&lt;teriparatide&gt;" in course["chart"]
    assert "style=" not in course["chart"]  # the page forbids inline styles
