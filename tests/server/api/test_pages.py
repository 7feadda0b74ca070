"""The pages of a registry: which are open to whom, and what lies at their addresses."""

import json
import re

import pytest

from ovcf.registry.access import MAY, Act, Principal
from ovcf.registry.words import Role
from ovcf.server.api.app import make_service
from ovcf.server.pages import PAGES, open_to
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS, PASSWORD, Place, browser
from tests.server.api.conftest import let_in


@pytest.fixture
def built(tmp_path):
    """A built page with every file that a page of the registry may have."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    for file in {"index.html", *(page.file for page in PAGES)}:
        (folder / file).write_text(f"this is {file}")
    (folder / "assets" / "one.js").write_text("a script")
    return folder


@pytest.fixture
def accounts(tmp_path, built):
    place = Place(tmp_path / "people")
    people = People(place.registry, Address.parse(ADDRESS))
    service = make_service(
        place.registry, people=people, data=tmp_path / "files", hosts=(people.address.host,), page=built
    )
    service.state.people = people
    yield place, service
    place.registry.close()


def some(role):
    return Principal(person=None, code="x", site=None, role=role)


def test_only_pages_that_were_built_and_that_the_role_may_open_are_told(built):
    everything = ["worklist", "patients", "studies", "cohort", "calculator", "admin"]
    assert open_to(some(Role.ADMIN), built) == everything
    assert "admin" not in open_to(some(Role.READER), built)
    assert "admin" in open_to(some(Role.MONITOR), built)  # who reads the audit
    assert {role for role in Role if "cohort" in open_to(some(role), built)} == {
        role for role in Role if Act.EXPORT in MAY[role]
    }
    (built / "cohort.html").unlink()
    assert open_to(some(Role.ADMIN), built) == [name for name in everything if name != "cohort"]


def test_one_learns_who_one_is_and_that_there_is_no_signing_out_of_ones_own_machine(serve):
    me = let_in(serve()).get("/api/v1/me").json()
    assert (me["code"], me["role"], me["accounts"]) == ("admin", "admin", False)
    assert set(me["may"]) == {str(act) for act in Act}


def test_with_accounts_one_is_told_what_the_role_may(accounts):
    place, service = accounts
    me = browser(service, secret=place.session("monitor-A")).get("/api/v1/me").json()
    assert (me["role"], me["accounts"]) == ("monitor", True)
    assert set(me["may"]) == {str(act) for act in MAY[Role.MONITOR]}
    assert me["pages"] == ["worklist", "patients", "studies", "calculator", "admin"]


def test_a_page_lies_at_its_address_with_its_parts_however_deep(accounts):
    place, service = accounts
    page = browser(service, secret=place.session("reader-A"))
    for address in ("/patients/", "/patients/0b9f/", "/studies/1/forms/"):
        assert page.get(address).text == f"this is {address.split('/')[1]}.html"
    for deep in ("/patients/", "/patients/0b9f/", "/studies/1/forms/"):
        assert page.get(f"{deep}assets/one.js").text == "a script"
    assert page.get("/patients/assets/../../other").status_code == 404
    assert page.get("/patients/assets/none.js").status_code == 404


def test_who_is_not_signed_in_is_led_to_the_door_and_back(accounts):
    place, service = accounts
    place.password("reader-A")
    stranger = browser(service)
    answer = stranger.get("/patients/0b9f/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/patients/0b9f/")
    assert stranger.get("/sign-in?to=/patients/0b9f/").status_code == 200
    entered = stranger.post("/api/v1/session", json={"code": "reader-A", "password": PASSWORD})
    assert entered.status_code == 200
    assert stranger.get("/patients/0b9f/").text == "this is patients.html"


def test_the_calculator_needs_nobody_and_may_ask_for_nothing(serve):
    answer = serve().get("/calculator/")
    if answer.status_code == 503:
        pytest.skip("needs the built page: make web")
    (text,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', answer.text, re.DOTALL)
    data = json.loads(text)
    assert data["served"] is True
    assert "nasovcf" in data["scores"]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
