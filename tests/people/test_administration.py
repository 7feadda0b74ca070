"""Administration: people, sites and audit, and who may open which door; as on the command line, and audited."""

import json
import re
from datetime import UTC, datetime

import pytest

from ovcf.errors import SignedOutError
from ovcf.registry.people import accounts, sign_in
from ovcf.registry.tables import WorkItem
from ovcf.registry.words import Action, Role, WorkStatus
from tests.people.administered import Administered
from tests.people.conftest import ADDRESS, PASSWORD, browser


@pytest.fixture
def administered(place, tmp_path):
    return Administered(place, tmp_path / "data")


@pytest.fixture(scope="module")
def shared(shared_place, tmp_path_factory):
    return Administered(shared_place, tmp_path_factory.mktemp("administered"))


ONLY_ADMIN = {"admin"}
AUDITORS = {"admin", "monitor-A"}
EVERYBODY = {"admin", "reader-A", "researcher-A", "coordinator-A", "monitor-A"}
GETS = {
    "people": ONLY_ADMIN,
    "people/00000000-0000-0000-0000-000000000000/history": ONLY_ADMIN,
    "sites": ONLY_ADMIN,
    "sign-in": ONLY_ADMIN,
    "audit": AUDITORS,
    "audit.csv": AUDITORS,
    "audit/choices": AUDITORS,
    "audit/head": AUDITORS,
    "audit/head.txt": AUDITORS,
    "chores": AUDITORS,
    "backups": ONLY_ADMIN,
    "backups/ovcf-2026-01-01-000000.zip/file": ONLY_ADMIN,
    "jobs": ONLY_ADMIN,
    "storage": ONLY_ADMIN,
    "models": EVERYBODY,
    "health": ONLY_ADMIN,
}
"""Who may look where: the rest are refused."""
NOBODY = "00000000-0000-0000-0000-000000000000"
CHANGES = {
    ("POST", "people"): {"code": "new", "name": "New", "role": "admin", "site": "A"},
    ("PATCH", f"people/{NOBODY}"): {"role": "admin", "reason": "because"},
    ("POST", f"people/{NOBODY}/link"): None,
    ("POST", f"people/{NOBODY}/sign-out"): None,
    ("POST", f"people/{NOBODY}/move"): {"site": "B", "code": "new", "reason": "because"},
    ("POST", "sites"): {"code": "C", "name": "Third"},
    ("POST", "backups"): None,
    ("POST", "backups/ovcf-2026-01-01-000000.zip/check"): None,
    ("POST", f"jobs/{NOBODY}/retry"): None,
    ("POST", "storage/check"): None,
}
"""What an administrator alone may do."""


def test_every_door_of_administration_is_in_the_table(shared):
    told = shared.app.openapi()["paths"]
    doors = {(m.upper(), p.removeprefix("/api/v1/admin/")) for p, ops in told.items() for m in ops if "/admin/" in p}

    def filled(path):
        return (
            path.replace("{person}", NOBODY).replace("{job}", NOBODY).replace("{backup}", "ovcf-2026-01-01-000000.zip")
        )

    known = {("GET", path) for path in GETS} | set(CHANGES) | {("POST", "audit/check")}
    assert {(method, filled(path)) for method, path in doors} == known


@pytest.mark.parametrize("code", sorted(EVERYBODY))
def test_each_role_opens_its_doors_and_no_other(shared, code):
    for path, those in GETS.items():
        status = shared.ask(code, "GET", path).status_code
        assert (status != 403) == (code in those), (path, status)
    head = shared.place.registry.head()
    for (method, path), body in CHANGES.items():
        if code != "admin":
            assert shared.ask(code, method, path, json=body).status_code == 403, path
    assert shared.place.registry.head() == head


def test_another_page_cannot_make_a_browser_do_it(shared):
    page = browser(shared.app, secret=shared.place.session("admin"))
    for (method, path), body in CHANGES.items():
        answer = page.request(
            method, f"/api/v1/admin/{path}", json=body, headers={"Origin": "https://elsewhere.example"}
        )
        assert answer.status_code == 403, path
        assert "another page" in answer.json()["problem"]


def test_from_an_invitation_to_a_session(administered):
    added = administered.does(
        "POST", "people", json={"code": "jdoe", "name": "Jane Doe", "role": "reader", "site": "B", "all_sites": False}
    )
    secret = re.fullmatch(re.escape(f"{ADDRESS}/set-password#") + r"([\w-]{43})", added["link"]["address"]).group(1)
    accounts.use_link(administered.place.registry, secret, PASSWORD)
    person = accounts.proven(administered.place.registry, "jdoe", PASSWORD)
    sign_in.begin(administered.place.registry, person)
    seen = administered.person("jdoe")
    assert (seen["site"], seen["role"], seen["ways"], seen["sessions"]) == ("B", "reader", ["password"], 1)
    assert (administered.place.admin.id, "person", str(person.id)) in administered.audited(Action.LINK_GIVEN)
    assert administered.place.registry.faults() == []


def test_what_a_code_may_be_and_that_it_is_taken_once(administered):
    for body, problem in (
        ({"code": "ADMIN", "name": "x", "role": "reader", "site": "A"}, "is there already"),
        ({"code": "two words", "name": "x", "role": "reader", "site": "A"}, "match"),
        ({"code": "new", "name": "x", "role": "reader", "site": "nowhere"}, "is not known"),
        ({"code": "new", "name": "x", "role": "king", "site": "A"}, "should be"),
    ):
        answer = administered.ask("admin", "POST", "people", json=body)
        assert answer.status_code == 422
        assert problem in answer.json()["problem"]
    assert administered.ask("admin", "POST", "sites", json={"code": "a", "name": "Again"}).status_code == 422


def test_a_role_changes_with_its_reason_and_ends_every_session(administered):
    place, one = administered.place, administered.person("reader-A")
    secret = place.session("reader-A")
    changed = administered.does("PATCH", f"people/{one['id']}", json={"role": "coordinator", "reason": "studies only"})
    assert changed["role"] == "coordinator"
    with pytest.raises(SignedOutError):
        sign_in.who(place.registry, secret)
    (said,) = administered.get(f"people/{one['id']}/history")
    assert (said["by"], said["role"], said["reason"]) == ("admin", "coordinator", "studies only")
    assert administered.ask("admin", "PATCH", f"people/{one['id']}", json={"role": "reader"}).status_code == 422
    assert administered.ask("admin", "PATCH", f"people/{one['id']}", json={"reason": "why"}).status_code == 422


def test_who_is_disabled_is_out_and_gets_no_link_until_enabled(administered):
    place, one = administered.place, administered.person("reader-A")
    place.password("reader-A")
    administered.does("PATCH", f"people/{one['id']}", json={"active": False, "reason": "left"})
    assert accounts.proven(place.registry, "reader-A", PASSWORD) is None
    assert administered.ask("admin", "POST", f"people/{one['id']}/link").status_code == 422
    administered.does("PATCH", f"people/{one['id']}", json={"active": True, "reason": "back"})
    assert accounts.proven(place.registry, "reader-A", PASSWORD) is not None


def test_who_moves_gets_an_account_at_the_other_site_in_one_step_and_what_they_did_stays(administered):
    place, old = administered.place, administered.person("reader-A")
    place.password("reader-A")
    secret = place.session("reader-A")
    with place.registry.working() as session:
        of = {"site_id": place.sites["A"].id, "received_by": place.admin.id, "assigned_to": place.people["reader-A"].id}
        session.add_all(WorkItem(status=status, **of) for status in (WorkStatus.DRAFT, WorkStatus.SIGNED))
    waiting = administered.person("reader-A")
    assert (waiting["unread"], waiting["unread_blinded"], waiting["now"]) == (1, 0, None)
    asked = {"site": "B", "code": "reader-at-B", "reason": "new post", "cases_to": "admin"}
    made = administered.does("POST", f"people/{old['id']}/move", json=asked)
    new, left = administered.person("reader-at-B"), administered.person("reader-A")
    assert (new["id"], new["site"], new["role"], new["name"]) == (made["person"], "B", old["role"], old["name"])
    assert (left["site"], left["active"], left["unread"], left["now"]) == ("A", False, 0, "reader-at-B")
    assert administered.person("admin")["unread"] == 1
    (line,) = administered.get("audit?action=handed%20over")["items"]
    assert (line["by"], line["kind"]) == ("admin", "work_item")
    with pytest.raises(SignedOutError):
        sign_in.who(place.registry, secret)
    assert accounts.proven(place.registry, "reader-A", PASSWORD) is None
    accounts.use_link(place.registry, made["link"]["address"].rpartition("#")[2], PASSWORD)
    assert accounts.proven(place.registry, "reader-at-B", PASSWORD) is not None
    told = [administered.get(f"people/{one}/history")[0]["reason"] for one in (old["id"], made["person"])]
    assert told == ["moved to B, now reader-at-B: new post", "moved here, before reader-A: new post"]
    assert place.registry.faults() == []  # the chain of the audit holds


def test_a_move_that_cannot_be_changes_nothing(administered):
    one, me = administered.person("reader-A"), administered.person("admin")
    head = administered.place.registry.head()
    for person, body, problem in (
        (one, {"site": "A", "code": "new"}, "of A already"),
        (one, {"site": "B", "code": "admin"}, "is there already"),
        (one, {"site": "nowhere", "code": "new"}, "is not known"),
        (me, {"site": "B", "code": "new"}, "of yourself"),
    ):
        answer = administered.ask("admin", "POST", f"people/{person['id']}/move", json={**body, "reason": "because"})
        assert answer.status_code == 422
        assert problem in answer.json()["problem"]
    assert administered.place.registry.head() == head


def test_the_last_administrator_stays_one(administered):
    one = administered.person("admin")
    for change in ({"role": "reader"}, {"active": False}):
        answer = administered.ask("admin", "PATCH", f"people/{one['id']}", json={**change, "reason": "because"})
        assert answer.status_code == 422
        assert "last administrator" in answer.json()["problem"]


def test_somebody_is_signed_out_and_may_come_back_with_their_password(administered):
    place, one = administered.place, administered.person("reader-A")
    place.password("reader-A")
    secret = place.session("reader-A")
    assert administered.person("reader-A")["sessions"] == 1
    assert administered.does("POST", f"people/{one['id']}/sign-out")["sessions"] == 0
    with pytest.raises(SignedOutError):
        sign_in.who(place.registry, secret)
    assert accounts.proven(place.registry, "reader-A", PASSWORD) is not None
    assert administered.audited(Action.SIGNED_OUT) == [(place.admin.id, "person", one["id"])]


def test_sign_in_is_shown_without_a_secret(administered, tmp_path):
    from ovcf.server.people.oidc import Provider
    from ovcf.server.people.oidc_settings import ProviderSettings

    (tmp_path / "oidc-secret").write_text("nobody may read this")
    (tmp_path / "oidc.toml").write_text(
        'issuer = "https://id.example.org/realms/h"\nclient_id = "ovcf"\nsecret_file = "oidc-secret"\n'
        'name = "hospital account"\n[newcomers]\nsite = "A"\nrole = "researcher"\nclaim = "groups"\nvalue = "spine"\n'
    )
    administered.app.state.people.provider = Provider(ProviderSettings.read(tmp_path / "oidc.toml"))
    told = administered.get("sign-in")
    assert (told["accounts"], told["address"], told["password_characters"]) == (True, ADDRESS, 15)
    assert (told["attempts"], told["locked_minutes"]) == (10, 15)  # as docs/how-to/accounts.md says it
    assert told["provider"]["issuer"] == "https://id.example.org/realms/h"
    assert (told["provider"]["newcomers_role"], told["provider"]["needed"]) == ("researcher", "groups = spine")
    assert "nobody may read this" not in json.dumps(told)


def test_the_audit_is_read_by_person_patient_kind_and_day_page_by_page(administered):
    place = administered.place
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, place.admin, "sees all", all_sites=True)
    every = administered.get("audit?limit=200")["items"]
    assert [line["seq"] for line in every] == list(range(place.registry.head().seq, 0, -1))
    of_patient = administered.get("audit?patient=P-A")["items"]
    assert of_patient
    assert {(line["patient"], line["by"]) for line in of_patient} == {("P-A", "coordinator-A")}
    assert of_patient[-1]["link"] == f"/patients/{place.patients['A']}/"
    assert {line["kind"] for line in administered.get("audit?kind=person")["items"]} == {"person"}
    assert administered.get("audit?person=nobody")["items"] == []
    assert administered.get(f"audit?until={datetime.now(UTC).year - 1}-01-01")["items"] == []
    paged, before = [], ""
    while True:
        page = administered.get(f"audit?limit=3{before}")
        paged += page["items"]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert paged == every


def test_a_monitor_reads_the_audit_of_their_own_site_alone(administered):
    lines = administered.get("audit?limit=200", "monitor-A")["items"]
    assert {line["patient"] for line in lines} == {"P-A", ""}
    assert not {line["by"] for line in lines} & {code for code in administered.place.people if code.endswith("-B")}
    assert administered.get("audit?patient=P-B", "monitor-A")["items"] == []
    assert "reader-B" not in administered.get("audit/choices", "monitor-A")["people"]


def test_an_erased_patient_is_named_no_more(administered):
    place = administered.place
    with place.registry.writing(place.admin.id) as writer:
        writer.erase(place.patients["A"], "asked for")
    told = administered.get("audit?limit=200")["items"]
    gone = [line for line in told if line["patient_id"] == str(place.patients["A"])]
    assert {(line["patient"], line["erased"], line["link"]) for line in gone} == {("", True, "")}


def test_the_chain_is_checked_and_what_was_changed_is_said(administered):
    place = administered.place
    head = administered.get("audit/head")["head"]
    assert head == str(place.registry.head())
    exported = administered.ask("monitor-A", "GET", "audit/head.txt")
    assert exported.text == f"{head}\n"
    assert "attachment" in exported.headers["content-disposition"]
    administered.does("POST", "audit/check", "monitor-A", json={"anchor": head})
    told = administered.chore("audit")
    assert (told["state"], told["found"], told["counted"]) == ("done", [], place.registry.head().seq)
    with place.registry.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER patient_kept")
        connection.exec_driver_sql("UPDATE patient SET birth_year = 1900 WHERE code = 'P-A'")
    administered.does("POST", "audit/check", json={})
    assert administered.chore("audit")["found"] == [f"patient {place.patients['A']} was changed"]
    audit = next(one for one in administered.get("health")["findings"] if one["what"] == "audit")
    assert (audit["good"], audit["number"]) == (False, 1)
    assert administered.ask("admin", "POST", "audit/check", json={"anchor": "1:x"}).status_code == 422


def test_roles_are_all_known_to_the_table_above():
    assert {code.removesuffix("-A") for code in EVERYBODY} == {str(role) for role in Role}
