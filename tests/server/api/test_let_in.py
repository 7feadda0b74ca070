"""The printed address lets one browser in, once; nobody else is told anything."""

import json

import pytest

from tests.server.api.conftest import HOST, let_in

DOORS = [
    "me",
    "patients",
    "worklist",
    "worklist/due",
    "worklist/due.csv",
    "worklist/prevention",
    "worklist/prevention.csv",
    "jobs",
    "events",
    "openapi.json",
    "patients/00000000-0000-4000-8000-000000000000",
    "readings/r1",
]


def test_without_a_session_nothing_is_told(serve):
    browser = serve()
    for door in DOORS:
        answer = browser.get(f"/api/v1/{door}")
        assert answer.status_code == 401, door
        assert answer.headers["content-type"] == "application/problem+json"
        assert "ovcf serve" in answer.json()["remedy"]


def test_the_address_is_good_once(serve):
    browser = let_in(serve())
    assert browser.get("/api/v1/me").json()["name"] == "Ada Min"
    browser.cookies.clear()
    again = browser.get("/enter", params={"token": browser.people.token})
    assert again.status_code == 401
    assert "used already" in again.json()["problem"]


def test_a_wrong_token_does_not_use_it_up(serve):
    browser = serve()
    assert browser.get("/enter", params={"token": "wrong"}).status_code == 401
    let_in(browser)


def test_a_page_that_is_open_goes_on_after_a_restart(serve):
    browser = let_in(serve())
    again = serve()
    again.cookies = browser.cookies
    assert again.get("/api/v1/me").status_code == 200


def test_what_lies_on_the_disk_lets_nobody_in(serve, tmp_path):
    browser = let_in(serve())
    (cookie,) = browser.cookies.values()
    file = tmp_path / "of-the-service" / "sessions.json"
    assert file.stat().st_mode & 0o077 == 0
    assert cookie not in file.read_text()
    stolen = serve()
    (digest,) = json.loads(file.read_text())
    stolen.cookies.set(next(iter(browser.cookies)), digest)
    assert stolen.get("/api/v1/me").status_code == 401


def test_a_session_ends(serve, tmp_path):
    browser = let_in(serve())
    file = tmp_path / "of-the-service" / "sessions.json"
    file.write_text(json.dumps(dict.fromkeys(json.loads(file.read_text()), 1.0)))
    assert browser.get("/api/v1/me").status_code == 401


def test_the_address_leads_to_no_other_machine(serve):
    for to in ("//evil.example", "/\\evil.example", "https://evil.example"):
        browser = serve()
        answer = browser.get("/enter", params={"token": browser.people.token, "to": to}, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_the_cookie_is_for_this_page_alone(serve):
    browser = serve()
    answer = browser.get("/enter", params={"token": browser.people.token}, follow_redirects=False)
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}, 201),
    ],
)
def test_another_page_can_change_nothing_though_the_browser_sends_the_cookie(browser, headers, status):
    assert browser.post("/api/v1/patients", json={}, headers=headers).status_code == status


def test_no_answer_is_kept_by_the_browser_and_no_script_of_others_runs(api):
    answer = api("GET", "patients")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/readings/r1/..%2f..%2fsecret", "//etc/passwd"])
def test_nothing_beside_the_page_is_served(browser, path):
    assert browser.get(path).status_code == 404


def test_a_body_that_no_form_has_is_not_read(api):
    answer = api("POST", "patients", content=b" " * 5_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    chunked = api("POST", "patients", content=iter([b"{}"]), headers={"Content-Type": "application/json"})
    assert chunked.status_code == 413
