"""Signing in by an OpenID provider: a real one in a process of its own, and tokens that must not be believed."""

import base64
import hmac
import os
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from ovcf.errors import OvcfError, RegistryError
from ovcf.registry.people.providers import Newcomers
from ovcf.registry.tables import Person, ProviderLink
from ovcf.registry.words import Role
from ovcf.server.people.address import Address
from ovcf.server.people.oidc import BACK, Provider
from ovcf.server.people.oidc_settings import ProviderSettings
from tests.people.conftest import ADDRESS, browser, small_service
from tests.people.test_accounts import change

HERE = Path(__file__).parent / "provider"
INSTALLED = Path(__file__).parents[2] / "build" / "oidc-provider"
SECRET = "kept by both sides, 32 characters"


@pytest.fixture(scope="session")
def installed():
    """The folder of the provider with its packages, as its lock file pins them."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("no Node on this machine, which the provider runs on")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copy(HERE / name, INSTALLED / name)
    if not (INSTALLED / "node_modules" / "oidc-provider").is_dir():
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=INSTALLED, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"the provider cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return INSTALLED


@pytest.fixture(scope="session")
def issuer(installed):
    with subprocess.Popen(
        ["node", "provider.mjs", ADDRESS + BACK],
        cwd=installed,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "NODE_ENV": "test"},
    ) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(10)


def settings(issuer, **more):
    return ProviderSettings(issuer, "ovcf", SECRET, **more)


def at_provider(url, login):
    """What a person does there: log in, agree; the address that the provider sends the browser back to."""
    with httpx2.Client(follow_redirects=False) as client:
        answer = client.get(url)
        for _ in range(12):
            if "location" in answer.headers:
                url = str(httpx2.URL(str(answer.request.url)).join(answer.headers["location"]))
                if url.startswith(ADDRESS):
                    return url
                answer = client.get(url)
                continue
            form = {"prompt": "login", "login": login, "password": "any"}
            answer = client.post(
                str(answer.request.url), data=form if 'value="login"' in answer.text else {"prompt": "consent"}
            )
    raise AssertionError(f"the provider does not send back: {answer.status_code} {answer.text[:300]}")


def go(service, login):
    """From the service to the provider and back; the browser, and the last answer."""
    page = browser(service)
    away = page.get("/sign-in/provider")
    assert away.status_code == 303
    return page, page.get(at_provider(away.headers["location"], login))


def people(place):
    with place.registry.reading() as session:
        return {p.code for p in session.scalars(select(Person))}


def test_somebody_known_signs_in(place, issuer):
    service = small_service(place, provider=Provider(settings(issuer)))
    page, answer = go(service, "reader-A")
    assert answer.status_code == 200
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert page.get("/api/v1/session").json()["code"] == "reader-A"
    assert page.get("/api/v1/patients").json() == ["P-A"]
    assert place.registry.faults() == []


def test_the_request_proves_that_it_is_ours(place, issuer):
    """PKCE, state and nonce, each new every time."""
    service = small_service(place, provider=Provider(settings(issuer)))
    asked = [parse_qs(urlsplit(browser(service).get("/sign-in/provider").headers["location"]).query) for _ in range(2)]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name][0]) >= 43
        assert asked[0][name] != asked[1][name]


def test_somebody_unknown_is_refused(place, issuer):
    before = people(place)
    page, answer = go(small_service(place, provider=Provider(settings(issuer))), "stranger")
    assert answer.headers["location"] == "/sign-in#provider"
    assert page.get("/api/v1/session").status_code == 401
    assert people(place) == before


def test_newcomers_become_what_the_rule_says(place, issuer):
    rule = settings(issuer, newcomers=Newcomers("B", Role.RESEARCHER), needed=("groups", "spine"))
    service = small_service(place, provider=Provider(rule))
    page, _ = go(service, "spine-new")
    told = page.get("/api/v1/session").json()
    assert (told["code"], told["role"], told["site"]) == ("spine-new", "researcher", str(place.sites["B"].id))
    assert page.get("/api/v1/patients").json() == ["P-B"]
    page, answer = go(service, "heart-new")  # of another group
    assert answer.headers["location"] == "/sign-in#provider"
    assert "heart-new" not in people(place)


def test_who_is_disabled_stays_out(place, issuer):
    service = small_service(place, provider=Provider(settings(issuer)))
    go(service, "reader-A")
    change(place, "reader-A", active=False)
    page, answer = go(service, "reader-A")
    assert answer.headers["location"] == "/sign-in#provider"
    assert page.get("/api/v1/session").status_code == 401


def test_a_code_given_anew_lets_nobody_else_in(place, issuer):
    """The provider's subject is what counts: the first who came by a code keeps it."""
    with place.registry.writing(place.admin.id) as writer:
        person = place.people["reader-A"].id
        writer.add(ProviderLink(issuer=issuer, subject="of an earlier reader-A", person_id=person))
    _, answer = go(small_service(place, provider=Provider(settings(issuer))), "reader-A")
    assert answer.headers["location"] == "/sign-in#provider"


def test_an_email_that_nobody_vouches_for_is_no_proof(place, issuer):
    with place.registry.writing(place.admin.id) as writer:
        writer.add(Person(site_id=place.admin.site_id, code="x@example.org", name="X", role=Role.READER))
    by_email = settings(issuer, person="email", scopes="openid email")
    _, answer = go(small_service(place, provider=Provider(by_email)), "x")
    assert answer.headers["location"] == "/sign-in#provider"


def test_a_provider_that_cannot_be_reached_leads_back_to_the_page(place):
    away = browser(small_service(place, provider=Provider(settings("http://127.0.0.1:9")))).get("/sign-in/provider")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in#provider")


def test_another_issuer_is_not_believed(place, issuer):
    """The same provider under another name: what it calls itself is not what the settings say."""
    other = Provider(settings(issuer.replace("127.0.0.1", "localhost")))
    with pytest.raises(RegistryError, match="another issuer"):
        other.away(Address.parse(ADDRESS))


class TestComingBack:
    """Ways back that were not begun by this browser, just now."""

    @pytest.fixture
    def service(self, place, issuer):
        return small_service(place, provider=Provider(settings(issuer)))

    @pytest.fixture
    def way(self, service):
        page = browser(service)
        return page, at_provider(page.get("/sign-in/provider").headers["location"], "reader-A")

    def refused(self, answer):
        return answer.headers.get("location") == "/sign-in#provider" and "__Host-ovcf=" not in str(answer.headers)

    def test_as_it_should_be(self, way):
        page, back = way
        assert page.get(back).status_code == 200

    def test_twice(self, way):
        page, back = way
        page.get(back)
        assert self.refused(page.get(back))

    def test_twice_with_the_cookie_kept(self, service, way):
        page, back = way
        thief = browser(service)
        for cookie in page.cookies.jar:
            thief.cookies.set(cookie.name, cookie.value)
        page.get(back)
        assert self.refused(thief.get(back))  # the provider gives a token for a code once

    def test_in_another_browser(self, service, way):
        assert self.refused(browser(service).get(way[1]))

    def test_in_another_browser_that_began_a_way_of_its_own(self, service, way):
        victim = browser(service)
        victim.get("/sign-in/provider")
        assert self.refused(victim.get(way[1]))

    @pytest.mark.parametrize(
        "change_",
        [
            lambda url: url.replace("state=", "state=x"),
            lambda url: url.replace("code=", "kode="),
            lambda url: url.replace("code=", "code=x"),
            lambda url: url.split("?")[0],
            lambda url: url.split("?")[0] + "?error=access_denied",
            lambda url: url.replace("iss=http", "iss=https"),
        ],
    )
    def test_changed(self, way, change_):
        page, back = way
        assert change_(back) != back
        assert self.refused(page.get(change_(back)))


KEY, OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
ISSUER = "https://id.example.org"


def claims(**changed):
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": "ovcf",
        "sub": "s",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
        "preferred_username": "reader-A",
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(content, key=KEY, algorithm="RS256"):
    return jwt.encode({"alg": algorithm, "kid": "1"}, content, key, algorithms=[algorithm])


def by_shared_secret():
    """The provider's public key taken for a secret that both share."""
    head, body, _ = signed(claims()).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"1"}').rstrip(b"=").decode()
    mac = hmac.digest(KEY.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


TOKENS = {
    "another key": lambda: signed(claims(), OTHER_KEY),
    "no signature": lambda: signed(claims(), OctKey.import_key("none"), "none"),
    "the public key as a shared secret": by_shared_secret,
    "another issuer": lambda: signed(claims(iss="https://elsewhere.example")),
    "no issuer": lambda: signed(claims(iss=None)),
    "for another client": lambda: signed(claims(aud="another")),
    "for several, given to another": lambda: signed(claims(aud=["ovcf", "another"], azp="another")),
    "no audience": lambda: signed(claims(aud=None)),
    "expired": lambda: signed(claims(exp=int(time.time()) - 120)),
    "no end": lambda: signed(claims(exp=None)),
    "from the future": lambda: signed(claims(iat=int(time.time()) + 3600)),
    "of another way": lambda: signed(claims(nonce="another")),
    "no nonce": lambda: signed(claims(nonce=None)),
    "nobody": lambda: signed(claims(sub=None)),
    "not a token": lambda: "a.b.c",
    "changed": lambda: signed(claims())[:-9] + "AAAAAAAAA",
}


@pytest.fixture
def answering(monkeypatch):
    """``answering(token)``: a provider that gives this token, and publishes KEY."""
    from authlib.integrations.httpx_client import OAuth2Client

    def made(token):
        provider = Provider(ProviderSettings(ISSUER, "ovcf"))
        provider._said = {"issuer": ISSUER, "token_endpoint": ISSUER, "jwks_uri": ISSUER}
        request = httpx2.Request("GET", ISSUER)
        keys = {"keys": [KEY.as_dict(private=False)]}
        monkeypatch.setattr(OAuth2Client, "fetch_token", lambda *_, **__: {"id_token": token})
        monkeypatch.setattr(OAuth2Client, "request", lambda *_, **__: httpx2.Response(200, json=keys, request=request))
        return provider._claims("code", {"nonce": "n", "verifier": "v"}, Address.parse(ADDRESS))

    return made


def test_a_good_token_is_believed(answering):
    assert answering(signed(claims()))["preferred_username"] == "reader-A"


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_is_not_believed(answering, token):
    with pytest.raises(RegistryError, match="does not hold"):
        answering(token())


class TestSettings:
    def read(self, tmp_path, text):
        (tmp_path / "oidc.toml").write_text(text)
        (tmp_path / "secret").write_text("s3cret\n")
        return ProviderSettings.read(tmp_path / "oidc.toml")

    def test_whole(self, tmp_path):
        found = self.read(
            tmp_path,
            """
            issuer = "https://id.example.org/realms/hospital"
            client_id = "ovcf"
            secret_file = "secret"
            name = "the hospital's account"
            [newcomers]
            site = "AKH"
            role = "researcher"
            claim = "groups"
            value = "spine"
        """,
        )
        assert found.secret == "s3cret"
        assert found.newcomers == Newcomers("AKH", Role.RESEARCHER)
        assert found.needed == ("groups", "spine")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            'issuer = "https://x"',
            'client_id = "x"',
            "issuer = ",
            'issuer = "http://id.example.org"\nclient_id = "x"',
            'issuer = "https://x"\nclient_id = "x"\nisuer = "y"',
            'issuer = "https://x"\nclient_id = "x"\n[newcomers]\nsite = "A"\nrole = "admin"',
            'issuer = "https://x"\nclient_id = "x"\n[newcomers]\nsite = "A"\nrole = "king"',
            'issuer = "https://x"\nclient_id = "x"\n[newcomers]\nrole = "reader"',
        ],
    )
    def test_what_is_wrong_is_said(self, tmp_path, text):
        with pytest.raises(OvcfError):
            self.read(tmp_path, text)
