"""Administration: who may open which door of it, and what each one does; the same as the command line, and audited."""

import json
import re
import shutil
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ovcf.errors import SignedOutError
from ovcf.registry.people import accounts, sign_in
from ovcf.registry.safekeeping.backup import restore
from ovcf.registry.store import Registry
from ovcf.registry.tables import AuditEntry, Job, Patient, StoredFile, WorkItem
from ovcf.registry.words import Action, JobKind, JobState, Role, WorkStatus
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS, PASSWORD, Place, browser

UNTIL_DONE_S = 60
KEY = bytes(range(32))


class Administered:
    """A place with a service, and browsers of its people: ``doors("admin").get("people")``."""

    def __init__(self, place, folder):
        self.place = place
        people = People(place.registry, Address.parse(ADDRESS))
        self.app = make_service(place.registry, people=people, data=folder, hosts=(people.address.host,))
        self.app.state.people = people
        self.service, self.folder = self.app.state.service, folder

    def ask(self, code, method, path, **options):
        page = browser(self.app, secret=self.place.session(code))
        return page.request(method, f"/api/v1/admin/{path}", **options)

    def get(self, path, code="admin"):
        answer = self.ask(code, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def does(self, method, path, code="admin", **options):
        answer = self.ask(code, method, path, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def chore(self, kind):
        """The outcome of what was begun, once it is done."""
        self.service.chores.wait(UNTIL_DONE_S)
        return next(one for one in self.get("chores") if one["kind"] == kind)

    def person(self, code):
        return next(one for one in self.get("people") if one["code"] == code)

    def audited(self, action):
        """Who did it to which rows."""
        with self.place.registry.reading() as session:
            rows = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq))
            return [(row.actor, row.table, row.row) for row in rows]


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


@pytest.fixture
def sealed(tmp_path):
    """A place whose files are sealed, with one file in it."""
    made = Place(tmp_path / "sealed")
    made.registry.close()
    made.registry = Registry.open(tmp_path / "sealed", key=KEY)
    with made.registry.writing(made.admin.id) as writer:
        name = made.registry.files.put(b"an image")
        writer.new_files.append(name)
        writer.session.add(StoredFile(sha256=name, size=8, sealed=True))
    yield Administered(made, tmp_path / "sealed"), name
    made.registry.close()


def test_a_backup_is_made_listed_checked_taken_and_restored(sealed, tmp_path):
    administered, name = sealed
    place = administered.place
    assert administered.get("backups")["items"] == []
    administered.does("POST", "backups")
    made = administered.chore("backup")
    assert made["state"] == "done", made
    (kept,) = administered.get("backups")["items"]
    assert (kept["name"], kept["files"], kept["fits"]) == (made["about"], 1, True)
    assert kept["rows"] == made["counted"]
    assert len(administered.audited(Action.BACKED_UP)) == 2  # both sites lie in it
    administered.does("POST", f"backups/{kept['name']}/check")
    assert administered.chore("backup check")["found"] == []
    of_one_site = administered.ask("admin", "GET", f"backups/{kept['name']}/file")
    assert (of_one_site.status_code, administered.audited(Action.EXPORTED)) == (403, [])  # the patients of B are in it
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, place.admin, "sees all", all_sites=True)
    taken = administered.ask("admin", "GET", f"backups/{kept['name']}/file")
    assert (tmp_path / "taken.zip").write_bytes(taken.content) == kept["size"]
    assert {actor for actor, _, _ in administered.audited(Action.EXPORTED)} == {place.admin.id}
    other = Registry.open(tmp_path / "other", key=KEY, create=True)
    assert restore(tmp_path / "taken.zip", other) == []
    assert other.files.get(name) == b"an image"
    with other.reading() as session:
        assert set(session.scalars(select(Patient.code))) == {"P-A", "P-B"}
    other.close()


def test_a_damaged_backup_is_found_by_the_check(sealed):
    administered, name = sealed
    administered.does("POST", "backups")
    kept = administered.chore("backup")["about"]
    path = administered.service.backups.folder / kept

    def rewritten(change):
        with zipfile.ZipFile(path) as old:
            members = {info.filename: old.read(info) for info in old.infolist()}
        change(members)
        with zipfile.ZipFile(path, "w") as new:
            for member, content in members.items():
                new.writestr(member, content)
        administered.does("POST", f"backups/{kept}/check")
        return administered.chore("backup check")["found"]

    whole = path.read_bytes()
    of_file = f"files/{name}.sealed"
    assert rewritten(
        lambda m: m.update({"tables/patient.jsonl": m["tables/patient.jsonl"].replace(b"P-A", b"P-X")})
    ) == ["table patient was changed or is cut off"]
    path.write_bytes(whole)
    assert "was changed" in rewritten(lambda m: m.update({of_file: m[of_file][:-1] + b"?"}))[0]
    path.write_bytes(whole)
    assert rewritten(lambda m: m.pop(of_file)) == [f"file {name[:12]} is missing"]
    path.write_bytes(whole[: len(whole) // 2])
    administered.does("POST", f"backups/{kept}/check")
    assert "is no whole backup" in administered.chore("backup check")["found"][0]
    assert administered.get("backups")["items"][0]["rows"] is None


@pytest.mark.parametrize("name", ["..%2Fregistry.db", "registry.db", "%2e%2e%2fx.zip", "none.zip", "a%00.zip"])
def test_no_name_leads_out_of_the_folder_of_backups(administered, name):
    assert administered.ask("admin", "GET", f"backups/{name}/file").status_code in (404, 422)


def job_of(place, state, why=None):
    """A study of site A with a job in a state; its id."""
    with place.registry.writing(place.admin.id) as writer:
        item = WorkItem(
            site_id=place.sites["A"].id, status=WorkStatus.SET_ASIDE, name="odd study", received_by=place.admin.id
        )
        writer.session.add(item)
        writer.session.flush()
        job = Job(
            kind=JobKind.ASSESS,
            state=state,
            site_id=item.site_id,
            work_item_id=item.id,
            enqueued_by=place.admin.id,
            options={"fracture": "L2"},
            why=why,
        )
        writer.session.add(job)
        writer.session.flush()
        return str(job.id)


POISON = {"where": "this study", "problem": "ended the worker", "remedy": "Look.", "code": "as said", "arguments": {}}


def test_a_poison_study_is_seen_with_its_reason_and_tried_again(administered):
    job = job_of(administered.place, JobState.SET_ASIDE, POISON)
    work = administered.get("jobs?state=set aside")
    assert work["counts"]["set aside"] == 1
    assert [(one["id"], one["name"], one["why"]["problem"]) for one in work["items"]] == [
        (job, "odd study", "ended the worker")
    ]
    made = administered.does("POST", f"jobs/{job}/retry")
    assert (made["state"], made["study"]) == ("queued", work["items"][0]["study"])
    with administered.place.registry.reading() as session:
        options = {str(one.id): one.options for one in session.scalars(select(Job))}
    assert options[made["id"]] == options[job]
    assert administered.audited(Action.TRIED_AGAIN) == [(administered.place.admin.id, "job", made["id"])]
    assert administered.ask("admin", "POST", f"jobs/{job}/retry").status_code == 409  # it waits already
    assert administered.ask("admin", "POST", f"jobs/{made['id']}/retry").status_code == 409
    page = browser(administered.app, secret=administered.place.session("admin"))
    assert page.post(f"/api/v1/jobs/{made['id']}/cancel").json()["state"] == "cancelled"
    assert administered.audited(Action.CANCELLED) == [(administered.place.admin.id, "job", made["id"])]
    assert administered.place.registry.faults() == []


def test_room_is_told_by_kind_and_strays_are_found(sealed):
    administered, name = sealed
    told = administered.get("storage")
    assert told["taken"] == [{"kind": "unlisted", "files": 1, "bytes": 8}]
    assert (told["files"], told["sealed"], told["seals"]) == (1, 1, True)
    assert told["free"] <= told["whole"] == shutil.disk_usage(administered.folder).total
    store = administered.place.registry.files
    stray = store.put(b"listed nowhere")
    administered.does("POST", "storage/check")
    assert administered.chore("files")["found"] == [f"file {stray[:12]} is listed nowhere: it goes at the next start"]
    store.remove(stray)
    store.remove(name)
    administered.does("POST", "storage/check")
    (found,) = administered.chore("files")["found"]
    assert "is not in the file store" in found


def test_the_model_cards_are_those_that_are_shipped(shared):
    from ovcf.segmentation.network.model_files import folder

    told = shared.get("models", "researcher-A")["items"]
    assert [one["file"] for one in told] == ["spine.onnx", "radiograph.onnx"]
    for one, card in zip(told, ("model_card.json", "radiograph_card.json"), strict=True):
        assert one["card"] == json.loads(folder().joinpath(card).read_text())
        assert one["released"]
        assert one["sha256"] == one["card"]["sha256"]


def test_health_names_what_should_be_looked_at(administered):
    job_of(administered.place, JobState.SET_ASIDE, POISON)
    told = administered.get("health")
    assert told["revision"] == told["newest"]
    good = {one["what"]: one["good"] for one in told["findings"]}
    assert good["set aside"] is False
    assert good["backup"] is False  # there is none
    assert (good["worker"], good["models"], good["audit"]) == (True, True, None)
    administered.does("POST", "backups")
    administered.chore("backup")
    assert {one["what"]: one["good"] for one in administered.get("health")["findings"]}["backup"] is True


def test_one_of_a_kind_goes_on_at_a_time(administered):
    from threading import Event

    from ovcf.server.chores import ChoreKind, Outcome

    go = Event()

    def slow():
        go.wait(UNTIL_DONE_S)
        return Outcome()

    administered.service.chores.begin(ChoreKind.FILES, administered.place.admin.id, slow)
    assert administered.ask("admin", "POST", "storage/check").status_code == 409
    go.set()
    assert administered.chore("files")["state"] == "done"


def test_roles_are_all_known_to_the_table_above():
    assert {code.removesuffix("-A") for code in EVERYBODY} == {str(role) for role in Role}
