"""Only the browser that was given the token, from the page itself, under the page's own name, is answered."""

import pytest

from tests.server.conftest import HOST, TOKEN

EDIT = {"kind": "accept", "vertebra": "a3"}


def sent(client, **headers):
    revision = client.get("/api/reading").json()["reading"]["revision"]
    return client.post("/api/edits", json=EDIT, headers={"If-Match": revision, **headers})


def test_the_printed_address_lets_in_and_hides_its_token(serve, path):
    client = serve(path)
    answer = client.get("/", params={"token": TOKEN}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/").text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    "where", ["/", "/api/reading", "/api/pictures/0", "/?token=wrong", "/api/reading?token=" + TOKEN]
)
def test_without_the_token_nothing_is_told(serve, path, where):
    answer = serve(path).get(where)
    assert answer.status_code == 403
    assert "ovcf reading open" in answer.json()["remedy"]


def test_a_name_of_somebody_elses_that_leads_here_is_not_answered(client):
    assert client.get("/api/reading", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_page_cannot_edit_though_the_browser_sends_the_cookie(client, headers):
    assert sent(client, **headers).status_code == 403


def test_the_page_itself_can(client):
    assert sent(client, **{"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}).status_code == 200


def test_the_page_may_run_its_own_scripts_only_and_ask_nobody_else(client):
    answer = client.get("/")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("where", ["/api/reading", "/api/pictures/0", "/"])
def test_images_and_names_of_patients_stay_out_of_the_browsers_cache(client, where):
    assert client.get(where).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("where", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd"])
def test_nothing_outside_the_page_is_served(client, where):
    assert client.get(where).status_code == 404


def test_where_the_page_is_not_built_it_says_how_to(serve, path, tmp_path):
    client = serve(path, page=tmp_path / "nothing")
    answer = client.get("/", params={"token": TOKEN})
    assert answer.status_code == 503
    assert "make web" in answer.text
