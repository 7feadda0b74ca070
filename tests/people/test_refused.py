"""Attempts to get at what is not one's own. Each is refused, and none says more than that."""

from datetime import timedelta

import pytest

from ovcf.registry.columns import now
from ovcf.registry.people import sign_in
from tests.people.conftest import ADDRESS, browser

OTHER_PAGE = "https://elsewhere.example"
VISIT = "POST /api/v1/patients/{own}/visits"
NOBODY = "00000000-0000-4000-8000-000000000000"

# who, what they send, extra headers, the answer. {own} and {other} are patients of site A and B.
ATTEMPTS = {
    # another site's patient is not there, for any role and any act
    "other site: read": ("reader-A", "GET /api/v1/patients/{other}", {}, 404),
    "other site: identity": ("coordinator-A", "GET /api/v1/patients/{other}/identity", {}, 404),
    "other site: write": ("coordinator-A", "POST /api/v1/patients/{other}/visits", {}, 404),
    "other site: sign": ("reader-A", "POST /api/v1/patients/{other}/sign", {}, 404),
    "other site: monitor": ("monitor-A", "GET /api/v1/patients/{other}", {}, 404),
    "other site: administrator": ("admin", "DELETE /api/v1/patients/{other}", {}, 404),
    "nobody's patient looks the same": ("reader-A", f"GET /api/v1/patients/{NOBODY}", {}, 404),
    # lower role
    "researcher: identity": ("researcher-A", "GET /api/v1/patients/{own}/identity", {}, 403),
    "researcher: write": ("researcher-A", VISIT, {}, 403),
    "researcher: sign": ("researcher-A", "POST /api/v1/patients/{own}/sign", {}, 403),
    "coordinator: sign": ("coordinator-A", "POST /api/v1/patients/{own}/sign", {}, 403),
    "monitor: write": ("monitor-A", VISIT, {}, 403),
    "monitor: identity": ("monitor-A", "GET /api/v1/patients/{own}/identity", {}, 403),
    "reader: erase": ("reader-A", "DELETE /api/v1/patients/{own}", {}, 403),
    "reader: audit": ("reader-A", "GET /api/v1/audit", {}, 403),
    "lower role learns nothing of another site": ("researcher-A", "GET /api/v1/patients/{other}/identity", {}, 403),
    # no session, or one that is none
    "no session": (None, "GET /api/v1/patients", {}, 401),
    "forged session": ("=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "GET /api/v1/patients", {}, 401),
    "the digest from the database as session": ("#reader-A", "GET /api/v1/patients", {}, 401),
    "a person's id as session": ("@reader-A", "GET /api/v1/patients", {}, 401),
    "empty session": ("=", "GET /api/v1/patients", {}, 401),
    "endless session": ("=" + "A" * 20000, "GET /api/v1/patients", {}, 401),
    "session in SQL": ("=' OR 1=1 --", "GET /api/v1/patients", {}, 401),
    "idle session": ("<61 reader-A", "GET /api/v1/patients", {}, 401),
    "session of yesterday, used all along": ("<721 reader-A", "GET /api/v1/patients", {}, 401),
    "session in the address": (None, "GET /api/v1/patients?session={secret}", {}, 401),
    "session as bearer token": (None, "GET /api/v1/patients", {"Authorization": "Bearer {secret}"}, 401),
    "replayed after signing out": ("-reader-A", "GET /api/v1/patients", {}, 401),
    # from another page (CSRF)
    "other origin": ("coordinator-A", VISIT, {"Origin": OTHER_PAGE}, 403),
    "no origin of its own": ("coordinator-A", VISIT, {"Origin": "null"}, 403),
    "same host, other port": ("coordinator-A", VISIT, {"Origin": "http://127.0.0.1:1"}, 403),
    "origin that begins alike": ("coordinator-A", VISIT, {"Origin": ADDRESS + ".example"}, 403),
    "cross-site fetch": ("coordinator-A", VISIT, {"Sec-Fetch-Site": "cross-site"}, 403),
    "same-site fetch": ("coordinator-A", VISIT, {"Sec-Fetch-Site": "same-site"}, 403),
    "erase from elsewhere": ("admin", "DELETE /api/v1/patients/{own}", {"Origin": OTHER_PAGE}, 403),
    "sign in from elsewhere": (None, "POST /api/v1/session", {"Origin": OTHER_PAGE}, 403),
    "sign out from elsewhere": ("reader-A", "DELETE /api/v1/session", {"Origin": OTHER_PAGE}, 403),
    # tricks with the path
    "up and over": ("reader-A", "GET /api/v1/patients/{own}/../{other}", {}, 404),
    "up and over, encoded": ("reader-A", "GET /api/v1/patients/{own}%2f..%2f{other}", {}, 404),
    "two slashes": ("researcher-A", "GET /api/v1//patients/{own}/identity", {}, 404),
    "slash at the end": ("researcher-A", "GET /api/v1/patients/{own}/identity/", {}, 307),
    "semicolon": ("researcher-A", "GET /api/v1/patients/{own}/identity;.css", {}, 404),
    "capitals": ("researcher-A", "GET /api/v1/patients/{own}/IDENTITY", {}, 404),
    "no id": ("reader-A", "GET /api/v1/patients/*", {}, 422),
    "files of the service": (None, "GET /people/..%2froutes.py", {}, 404),
    "files of the machine": (None, "GET /people/%2fetc%2fpasswd", {}, 404),
    # tricks with the method
    "method override": ("reader-A", "POST /api/v1/patients/{own}", {"X-HTTP-Method-Override": "DELETE"}, 405),
    "method override by query": ("reader-A", "GET /api/v1/patients/{other}?_method=DELETE", {}, 404),
    "unknown method": ("reader-A", "FROBNICATE /api/v1/patients/{own}", {}, 405),
    "TRACE": ("reader-A", "TRACE /api/v1/patients", {}, 405),
    "HEAD is no way around": (None, "HEAD /api/v1/patients", {}, 405),
    # tricks with headers
    "another host": ("reader-A", "GET /api/v1/patients", {"Host": "elsewhere.example"}, 421),
    "forwarded host": ("coordinator-A", VISIT, {"X-Forwarded-Host": "elsewhere.example", "Origin": OTHER_PAGE}, 403),
    "a proxy's user": (None, "GET /api/v1/patients", {"X-Forwarded-User": "admin", "Remote-User": "admin"}, 401),
    "another address inside": ("researcher-A", "GET /api/v1/patients", {"X-Original-URL": "/api/v1/audit"}, 200),
    "role in a header": ("researcher-A", "GET /api/v1/patients/{own}/identity", {"X-Role": "admin"}, 403),
    "role in a cookie": ("researcher-A", "GET /api/v1/patients/{own}/identity", {"X-Cookie": "role=admin"}, 403),
    "basic authentication": (None, "GET /api/v1/patients", {"Authorization": "Basic YWRtaW46YWRtaW4="}, 401),
}


@pytest.mark.parametrize(("who", "what", "headers", "status"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_refused(shared_place, shared_service, who, what, headers, status):
    method, path = what.split(" ", 1)
    secret = held_by(shared_place, who)
    names = {
        "own": shared_place.patients["A"],
        "other": shared_place.patients["B"],
        "secret": shared_place.session("reader-A") if "{secret}" in what + str(headers) else "",
    }
    before = shared_place.registry.head()
    answer = browser(shared_service, secret=secret).request(
        method, path.format(**names), headers={k: v.format(**names) for k, v in headers.items()}
    )
    assert answer.status_code == status
    assert shared_place.registry.head() == before  # nothing was written
    for told in ("P-B", "Winkelhofer", "Traceback"):
        assert told not in answer.text
    if status in (401, 403):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["remedy"]


def held_by(place, who):
    """What the browser holds: a session, made up (=), its digest (#), the person's id (@), old (<), given back (-)."""
    if who is None or who[0] == "=":
        return (who or "=")[1:]
    if who[0] == "#":
        from ovcf.registry.people.accounts import digest

        return digest(place.session(who[1:]))
    if who[0] == "@":
        return str(place.people[who[1:]].id)
    if who[0] == "<":
        minutes, code = who[1:].split()
        began = now() - timedelta(minutes=int(minutes))
        secret = place.session(code, at=began)
        if int(minutes) > 61:  # used every half hour since
            for k in range(1, 24):
                sign_in.who(place.registry, secret, at=began + timedelta(minutes=30 * k))
        return secret
    if who[0] == "-":
        secret = place.session(who[1:])
        sign_in.end(place.registry, secret, place.principal(who[1:]))
        return secret
    return place.session(who)


def test_what_is_allowed_is_answered(shared_place, shared_service):
    """The table above would also pass on a service that refuses everybody."""
    own, other = shared_place.patients["A"], shared_place.patients["B"]
    for code, what, status in (
        ("reader-A", f"GET /api/v1/patients/{own}", 200),
        ("reader-B", f"GET /api/v1/patients/{other}", 200),
        ("coordinator-A", f"GET /api/v1/patients/{own}/identity", 200),
        ("coordinator-A", VISIT.format(own=own), 201),
        ("reader-A", f"POST /api/v1/patients/{own}/sign", 201),
        ("monitor-A", "GET /api/v1/audit", 200),
    ):
        answer = browser(shared_service, secret=shared_place.session(code)).request(*what.split())
        assert answer.status_code == status, what
    seen = browser(shared_service, secret=shared_place.session("researcher-A")).get("/api/v1/patients")
    assert seen.json() == ["P-A"]
    without_browser = browser(shared_service, secret=shared_place.session("coordinator-A"))
    del without_browser.headers["Origin"]  # a program says nothing of pages
    assert without_browser.post(f"/api/v1/patients/{own}/visits").status_code == 201


def test_every_answer_keeps_the_browser_on_this_page(shared_service):
    for path in ("/sign-in", "/people/sign-in.js", "/api/v1/session", "/nowhere"):
        headers = browser(shared_service).get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    foreign = browser(shared_service).get("/sign-in", headers={"Host": "elsewhere.example"})
    assert "content-security-policy" in foreign.headers


def test_a_web_socket_is_not_spoken(shared_service):
    with pytest.raises(BaseException), browser(shared_service).websocket_connect("/api/v1/session"):  # noqa: B017, PT011
        pass
