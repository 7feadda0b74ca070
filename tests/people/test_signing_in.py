"""Signing in through the service: cookies, limits, and answers that say nothing of who has an account."""

import logging

import pytest

from ovcf.errors import RegistryError
from ovcf.server.people.address import Address
from ovcf.server.people.limits import ATTEMPTS_OF_ONE, FAILURES_FROM_ONE, OF_A_SESSION, STRANGERS
from tests.people.conftest import NAME_OF_PATIENT, PASSWORD, browser, small_service

NEW_PASSWORD = "seven quiet rivers meet"
HTTPS = "https://ovcf.example.org"


def enter(client, code, password=PASSWORD):
    return client.post("/api/v1/session", json={"code": code, "password": password})


def test_in_and_out(place, service):
    place.password("reader-A")
    page = browser(service)
    entered = enter(page, "reader-A")
    assert entered.status_code == 200
    assert entered.json() == page.get("/api/v1/session").json()
    assert entered.json()["code"] == "reader-A"
    assert "sign a reading" in entered.json()["may"]
    assert page.get("/api/v1/patients").json() == ["P-A"]
    held = page.cookies[service.state.people.address.cookie]
    assert page.delete("/api/v1/session").status_code == 204
    assert page.get("/api/v1/patients").status_code == 401
    assert browser(service, secret=held).get("/api/v1/patients").status_code == 401  # not the cookie alone is gone


def test_the_cookie_is_out_of_reach(place):
    place.password("reader-A")
    service = small_service(place, HTTPS)
    given = enter(browser(service, HTTPS), "reader-A")
    cookie = given.headers["set-cookie"]
    assert cookie.startswith("__Host-ovcf=")  # the browser takes it only with Secure, Path=/ and no Domain
    for word in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert given.headers["strict-transport-security"].startswith("max-age=")


def test_a_session_given_beforehand_is_not_taken(place, service):
    place.password("reader-A")
    page = browser(service, secret="chosen by somebody else")
    enter(page, "reader-A")
    held = [c.value for c in page.cookies.jar]
    assert "chosen by somebody else" not in held[-1]
    assert browser(service, secret="chosen by somebody else").get("/api/v1/patients").status_code == 401


def test_signing_in_anew_changes_the_secret(place, service):
    place.password("reader-A")
    old = place.session("reader-A")
    page = browser(service, secret=old)
    assert enter(page, "reader-A").status_code == 200
    assert browser(service, secret=old).get("/api/v1/patients").status_code == 401


def test_whether_there_is_an_account_is_not_told(place, service):
    """Unknown, without a password, disabled and a wrong password: the same answer; each is checked against a hash."""
    place.password("reader-A")
    place.password("reader-B")
    from tests.people.test_accounts import change

    change(place, "reader-B", active=False)
    answers = [
        enter(browser(service), code, password)
        for code, password in (
            ("nobody", PASSWORD),
            ("monitor-A", PASSWORD),
            ("reader-B", PASSWORD),
            ("reader-A", "wrong"),
            ("", ""),
        )
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1
    assert all("set-cookie" not in a.headers for a in answers)


def test_every_refusal_takes_one_check_of_a_password(place, service, monkeypatch):
    from argon2 import PasswordHasher

    place.password("reader-A")
    checked = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: checked.append(1) or verify(*given))
    for code in ("nobody", "monitor-A", "reader-A"):
        before = len(checked)
        enter(browser(service), code, "a wrong password altogether")
        assert len(checked) == before + 1, code


@pytest.mark.parametrize("code", ["reader-A", "nobody"])
def test_too_many_attempts_lock_a_person_out(place, service, code):
    place.password("reader-A")
    for k in range(ATTEMPTS_OF_ONE.amount):
        assert enter(browser(service, client=(f"10.0.0.{k}", 1)), code, "wrong").status_code == 401
    locked = enter(browser(service, client=("10.0.1.1", 1)), code)
    assert locked.status_code == 429  # even with the right password, from any address
    assert 0 < int(locked.headers["retry-after"]) <= 15 * 60
    place.password("reader-B")
    assert enter(browser(service), "reader-B").status_code == 200


def test_too_many_failures_from_one_address(place, service):
    service.state.people.limits.before_attempt("x", "10.9.9.9")
    for _ in range(FAILURES_FROM_ONE.amount):
        service.state.people.limits.failed("10.9.9.9")
    place.password("reader-A")
    forged = browser(service, client=("10.9.9.9", 1))
    assert enter(forged, "reader-A").status_code == 429
    forged.headers["X-Forwarded-For"] = "10.0.0.1"
    assert enter(forged, "reader-A").status_code == 429
    assert enter(browser(service), "reader-A").status_code == 200
    for _ in range(ATTEMPTS_OF_ONE.amount + 1):  # and it locks nobody out
        assert enter(forged, "reader-A", "wrong").status_code == 429
    assert enter(browser(service), "reader-A").status_code == 200


def test_a_success_forgets_the_failures(place, service):
    place.password("reader-A")
    for _ in range(2):
        for _ in range(ATTEMPTS_OF_ONE.amount - 1):
            enter(browser(service), "reader-A", "wrong")
        assert enter(browser(service), "reader-A").status_code == 200


def test_strangers_are_slowed_down(service):
    answers = [browser(service).get("/api/v1/session").status_code for _ in range(STRANGERS.amount + 1)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_a_session_is_slowed_down_without_slowing_others(place, service):
    busy, calm = (browser(service, secret=place.session(code)) for code in ("reader-A", "reader-B"))
    secret = next(iter(busy.cookies.jar)).value
    for _ in range(OF_A_SESSION.amount):
        service.state.people.limits.session(secret)
    assert busy.get("/api/v1/patients").status_code == 429
    assert calm.get("/api/v1/patients").status_code == 200


def test_another_password(place, service):
    place.password("reader-A")
    page = browser(service)
    enter(page, "reader-A")
    elsewhere = browser(service)
    enter(elsewhere, "reader-A")
    wrong = page.put("/api/v1/password", json={"current": "wrong", "password": NEW_PASSWORD})
    weak = page.put("/api/v1/password", json={"current": PASSWORD, "password": "passwordpassword"})
    assert (wrong.status_code, weak.status_code) == (401, 422)
    assert page.put("/api/v1/password", json={"current": PASSWORD, "password": NEW_PASSWORD}).status_code == 204
    assert page.get("/api/v1/patients").status_code == 200  # goes on under a new secret
    assert elsewhere.get("/api/v1/patients").status_code == 401
    assert enter(browser(service), "reader-A").status_code == 401
    assert enter(browser(service), "reader-A", NEW_PASSWORD).status_code == 200


def test_nothing_private_is_logged(place, service, caplog):
    place.password("coordinator-A")
    with caplog.at_level(logging.DEBUG):
        page = browser(service)
        enter(page, "coordinator-A", "wrong but typed")
        enter(page, "my-password-in-the-wrong-field", PASSWORD)
        enter(page, "coordinator-A")
        patient = place.patients["A"]
        assert page.get(f"/api/v1/patients/{patient}/identity").json()["name"] == NAME_OF_PATIENT
        page.get(f"/api/v1/patients/{place.patients['B']}")
        page.delete("/api/v1/session")
    said = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith(("ovcf", "uvicorn", "sqlalchemy")))
    assert "signed in" in said
    held = [c.value for c in page.cookies.jar]
    for private in (NAME_OF_PATIENT, "Winkelhofer", "P-A", PASSWORD, "wrong but typed", "wrong-field", *held):
        assert private not in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ovcf.example.org",
        "ftp://x",
        "https://x/path",
        "https://u:p@x",
        "http://ovcf.example.org",
        "http://10.0.0.5:8000",
    ],
)
def test_passwords_never_cross_a_network_unencrypted(text):
    with pytest.raises(RegistryError):
        Address.parse(text)


@pytest.mark.parametrize("text", [HTTPS, "http://localhost:8000", "http://127.0.0.1", "http://[::1]:81"])
def test_addresses(text):
    assert Address.parse(text + "/").origin == text


def test_the_usual_port_is_left_out_as_browsers_do():
    assert Address.parse(HTTPS + ":443").origin == HTTPS
    assert Address.parse("http://localhost:80").origin == "http://localhost"
