"""Access tokens: what a program may do with one, and every attempt to do more."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from ovcf.errors import RegistryError, SignedOutError
from ovcf.registry.access import MAY, SCOPES, Act
from ovcf.registry.columns import now
from ovcf.registry.people import accounts, tokens
from ovcf.registry.safekeeping.backup import restore, write_backup
from ovcf.registry.store import Registry
from ovcf.registry.tables import AccessToken, AccessTokenEnd, AuditEntry, TokenSecret
from ovcf.registry.words import Role, TokenScope
from ovcf.server.people.limits import OF_A_SESSION, STRANGERS
from tests.cli.conftest import command  # noqa: F401
from tests.people.conftest import PASSWORD, browser
from tests.people.test_every_door import asking, doors, filled, whole  # noqa: F401  # fixtures

VISIT = "POST /api/v1/patients/{own}/visits"
ELSEWHERE = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}


def given(place, code, scope, **more):
    """A token of a person: its row and its text."""
    with place.registry.writing(place.people[code].id) as writer:
        row, secret = tokens.make(
            writer, place.people[code], name=f"{scope} {now():%f}", scope=TokenScope(scope), **more
        )
        return row.id, secret


def program(app, secret, **headers):
    """A program with a token: no page, no cookie."""
    made = browser(app)
    del made.headers["Origin"]
    made.headers.update({"Authorization": f"Bearer {secret}", **headers})
    return made


def attempt(place, who):
    """The text that a program sends: ``code/scope``, or what became of such a token."""
    whose, _, what = who.partition(" ")
    code, scope = whose.split("/")
    made_at = now() - timedelta(days=2) if what == "expired" else now()
    token, secret = given(place, code, scope, days=1, at=made_at)
    if what == "revoked":
        with place.registry.writing(place.admin.id) as writer:
            tokens.revoke(writer, token, "lost")
    return {
        "forged": tokens.PREFIX + "A" * 43,
        "digest": tokens.PREFIX + accounts.digest(secret),
        "bare digest": accounts.digest(secret),
        "id": tokens.PREFIX + str(token),
        "cut": secret[:-1],
        "longer": secret + "A",
        "capitals": secret.upper(),
        "SQL": tokens.PREFIX + "' OR 1=1 --",
        "endless": tokens.PREFIX + "A" * 20000,
        "twice": f"{secret}, Bearer {secret}",
    }.get(what, secret)


# whose token and what became of it, what is sent, the answer. {own} and {other} are patients of site A and B.
REFUSED = {
    "expired": ("reader-A/read expired", "GET /api/v1/patients", 401),
    "revoked": ("reader-A/read revoked", "GET /api/v1/patients", 401),
    "forged": ("reader-A/read forged", "GET /api/v1/patients", 401),
    "the digest from the database": ("reader-A/read digest", "GET /api/v1/patients", 401),
    "the digest alone": ("reader-A/read bare digest", "GET /api/v1/patients", 401),
    "the id that lists show": ("reader-A/read id", "GET /api/v1/patients", 401),
    "cut": ("reader-A/read cut", "GET /api/v1/patients", 401),
    "longer": ("reader-A/read longer", "GET /api/v1/patients", 401),
    "capitals": ("reader-A/read capitals", "GET /api/v1/patients", 401),
    "SQL": ("reader-A/read SQL", "GET /api/v1/patients", 401),
    "endless": ("reader-A/read endless", "GET /api/v1/patients", 401),
    "two in one": ("reader-A/read twice", "GET /api/v1/patients", 401),
    "other site: read": ("reader-A/write", "GET /api/v1/patients/{other}", 404),
    "other site: write": ("coordinator-A/write", "POST /api/v1/patients/{other}/visits", 404),
    "scope images: patients": ("admin/images", "GET /api/v1/patients", 403),
    "scope images: a path that begins alike": ("admin/images", "GET /api/v1/dicom-web/../patients", 403),
    "scope images: write": ("admin/images", VISIT, 403),
    "scope read: write": ("coordinator-A/read", VISIT, 403),
    "scope read: identity": ("reader-A/read", "GET /api/v1/patients/{own}/identity", 403),
    "no program sees an identity": ("admin/write", "GET /api/v1/patients/{own}/identity", 403),
    "no program signs": ("reader-A/write", "POST /api/v1/patients/{own}/sign", 403),
    "no program erases": ("admin/write", "DELETE /api/v1/patients/{own}", 403),
    "no program reads the audit": ("admin/write", "GET /api/v1/audit", 403),
    "a scope gives no right that the role has not": ("researcher-A/write", VISIT, 403),
    "no program makes tokens": ("admin/write", "POST /api/v1/tokens", 401),
    "no program lists tokens": ("admin/write", "GET /api/v1/tokens", 401),
    "no program sets a password": ("admin/write", "PUT /api/v1/password", 401),
    "no program ends sessions": ("admin/write", "DELETE /api/v1/session", 401),
}


@pytest.mark.parametrize(("who", "what", "status"), REFUSED.values(), ids=REFUSED)
def test_refused(shared_place, shared_service, who, what, status):
    method, path = what.split(" ", 1)
    names = {"own": shared_place.patients["A"], "other": shared_place.patients["B"]}
    bodies = {"/api/v1/tokens": {"name": "more", "scope": "read"}, "/api/v1/password": {"password": PASSWORD}}
    secret = attempt(shared_place, who)
    before = shared_place.registry.head()
    answer = program(shared_service, secret).request(method, path.format(**names), json=bodies.get(path))
    assert answer.status_code == status, answer.text
    assert shared_place.registry.head() == before  # nothing was written
    for told in ("P-B", "Winkelhofer", "Traceback", tokens.PREFIX):
        assert told not in answer.text
    assert answer.json()["remedy"]


def test_what_a_token_is_for_is_answered(shared_place, shared_service):
    """The table above would also pass on a service that refuses every token."""
    own = shared_place.patients["A"]
    for code, scope, what, status in (
        ("reader-A", "read", "GET /api/v1/patients", 200),
        ("reader-A", "read", f"GET /api/v1/patients/{own}", 200),
        ("coordinator-A", "write", VISIT.format(own=own), 201),
        ("researcher-A", "write", "GET /api/v1/patients", 200),
    ):
        _, secret = given(shared_place, code, scope)
        answer = program(shared_service, secret).request(*what.split())
        assert answer.status_code == status, (what, answer.text)
    seen = program(shared_service, given(shared_place, "reader-B", "read")[1]).get("/api/v1/patients")
    assert seen.json() == ["P-B"]


def test_a_token_in_the_address_or_a_cookie_is_none(shared_place, shared_service):
    _, secret = given(shared_place, "reader-A", "read")
    assert browser(shared_service).get(f"/api/v1/patients?access_token={secret}").status_code == 401
    assert browser(shared_service, secret=secret).get("/api/v1/patients").status_code == 401
    assert program(shared_service, secret).get("/").status_code == 303  # pages are for people


def test_a_page_of_somebody_else_can_use_no_token(shared_place, shared_service):
    """A browser asks before it sends such a header elsewhere, and is told no; a change from elsewhere is refused even
    with the right token."""
    _, secret = given(shared_place, "coordinator-A", "write")
    asked = {**ELSEWHERE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    preflight = browser(shared_service).options("/api/v1/patients", headers=asked)
    assert preflight.status_code >= 400
    assert not [name for name in preflight.headers if name.startswith("access-control")]
    change = VISIT.format(own=shared_place.patients["A"]).split()
    assert program(shared_service, secret, **ELSEWHERE).request(*change).status_code == 403


def test_a_bad_token_is_not_covered_by_a_session(shared_place, shared_service):
    """What a program sends decides; a session beside it does not help it. A proxy's own credentials are no matter."""
    session = shared_place.session("reader-A")
    for sent, status in ((f"Bearer {tokens.PREFIX}{'A' * 43}", 401), ("Basic YTpi", 200), ("Bearer eyJhbGciOi", 200)):
        page = browser(shared_service, secret=session)
        assert page.get("/api/v1/patients", headers={"Authorization": sent}).status_code == status, sent


def test_a_disabled_person_has_no_programs_and_gets_none_back(place, service):
    _, secret = given(place, "reader-A", "read")
    assert program(service, secret).get("/api/v1/patients").status_code == 200
    for active in (False, True):
        with place.registry.writing(place.admin.id) as writer:
            accounts.change(writer, place.people["reader-A"], "on leave", active=active)
        assert program(service, secret).get("/api/v1/patients").status_code == 401


def test_the_role_of_now_counts(place, service):
    _, secret = given(place, "reader-A", "write")
    visit = VISIT.format(own=place.patients["A"]).split()
    assert program(service, secret).request(*visit).status_code == 201
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, place.people["reader-A"], "studies only", role=Role.RESEARCHER)
    assert program(service, secret).request(*visit).status_code == 403


def test_requests_are_counted(place, service, monkeypatch):
    monkeypatch.setattr("ovcf.server.people.limits.OF_A_SESSION", type(OF_A_SESSION)(3))
    monkeypatch.setattr("ovcf.server.people.limits.STRANGERS", type(STRANGERS)(3))
    _, secret = given(place, "reader-A", "read")
    for sent, usual in ((secret, 200), (tokens.PREFIX + "B" * 43, 401)):
        answers = [program(service, sent).get("/api/v1/patients").status_code for _ in range(5)]
        assert answers == [usual] * 3 + [429] * 2


def test_every_door_but_dicomweb_is_shut_to_a_token_for_images(filled, whole):  # noqa: F811
    _, secret = given(filled, "admin", "images")
    tried = 0
    for door, operation in doors(whole):
        method, path = door.split()
        if door == "post /api/v1/session":  # a door for strangers
            continue
        answer = program(whole, secret).request(method, path.format(**filled.names), **asking(whole, operation))
        assert answer.status_code in {401, 403}, (door, answer.status_code, answer.text[:200])
        tried += 1
    assert tried > 40
    assert program(whole, secret).get("/api/v1/dicom-web/studies").status_code == 200


def test_a_token_for_reading_changes_nothing_behind_any_door(filled, whole):  # noqa: F811
    """Not even one of the administrator, who may everything."""
    _, secret = given(filled, "admin", "read")
    before = filled.registry.head()
    for door, operation in doors(whole):
        method, path = door.split()
        if method in ("get", "head", "options") or path.startswith("/api/v1/cohort") or path.endswith("/preview"):
            continue
        if door == "post /api/v1/session":
            continue
        answer = program(whole, secret).request(method, path.format(**filled.names), **asking(whole, operation))
        assert answer.status_code in {401, 403, 404}, (door, answer.status_code, answer.text[:200])
    assert filled.registry.head() == before


def test_what_no_scope_holds():
    """Things that only people do, whatever comes to be added to roles."""
    never = {Act.SIGN, Act.SEE_IDENTITY, Act.ERASE, Act.READ_AUDIT, Act.MANAGE_PEOPLE, Act.MANAGE_REGISTRY}
    assert not never & frozenset().union(*SCOPES.values())
    assert never <= MAY[Role.ADMIN]
    assert SCOPES[TokenScope.IMAGES] < SCOPES[TokenScope.READ] < SCOPES[TokenScope.WRITE]


# --- on the page ------------------------------------------------------------------------------------------------------


def test_a_person_makes_sees_and_revokes_their_own(place, service):
    place.password("reader-A")
    page = browser(service, secret=place.session("reader-A"))
    asked_for = {"name": " 3D  Slicer", "scope": "read", "days": 30}
    assert page.post("/api/v1/tokens", json=asked_for).status_code == 401  # not without the password
    made = page.post("/api/v1/tokens", json={**asked_for, "password": PASSWORD})
    assert made.status_code == 201, made.text
    secret = made.json()["token"]
    assert re.fullmatch(r"ovcf_[\w-]{43}", secret)
    assert program(service, secret).get("/api/v1/patients").json() == ["P-A"]
    listed = page.get("/api/v1/tokens")
    assert secret not in listed.text
    (told,) = listed.json()["tokens"]
    assert told["scope"] == "read"
    assert told["seen_at"]
    other = browser(service, secret=place.session("reader-B"))
    assert other.get("/api/v1/tokens").json()["tokens"] == []
    assert other.delete(f"/api/v1/tokens/{told['id']}").status_code == 404
    assert program(service, secret).get("/api/v1/patients").status_code == 200
    assert page.delete(f"/api/v1/tokens/{told['id']}").status_code == 204
    assert program(service, secret).get("/api/v1/patients").status_code == 401
    assert page.get("/api/v1/tokens").json()["tokens"][0]["ended"] == "revoked on the page"


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "n" * 65}, {"days": 0}, {"days": 400}, {"scope": "sign"}])
def test_a_token_that_cannot_be_is_refused(place, service, wrong):
    page = browser(service, secret=place.session("reader-A"))
    answer = page.post("/api/v1/tokens", json={"name": "x", "scope": "read", "days": 5, **wrong})
    assert answer.status_code == 422
    assert answer.json()["remedy"]


def test_names_are_taken_once_and_there_are_not_too_many(place):
    person = place.people["reader-A"]
    with place.registry.writing(person.id) as writer:
        for k in range(tokens.MAX_TOKENS - 1):
            tokens.make(writer, person, name=f"n{k}", scope=TokenScope.READ)
        with pytest.raises(RegistryError, match="there already"):
            tokens.make(writer, person, name="n1", scope=TokenScope.READ)
        tokens.make(writer, person, name="the last", scope=TokenScope.READ)
        with pytest.raises(RegistryError, match="already"):
            tokens.make(writer, person, name="one more", scope=TokenScope.READ)


# --- how they are kept ------------------------------------------------------------------------------------------------


def test_making_and_revoking_are_in_the_audit_and_the_secret_is_nowhere(place, tmp_path):
    token, secret = given(place, "reader-A", "write")
    tokens.who(place.registry, secret)
    with place.registry.writing(place.admin.id) as writer:
        tokens.revoke(writer, token, "laptop stolen")
    with place.registry.reading() as session:
        entries = {(e.table, e.actor) for e in session.scalars(select(AuditEntry))}
        assert session.scalars(select(AccessTokenEnd.reason)).all() == ["laptop stolen"]
        assert session.scalars(select(TokenSecret)).all() == []
    assert ("access_token", place.people["reader-A"].id) in entries
    assert ("access_token_end", place.admin.id) in entries
    assert place.registry.faults() == []
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file


def test_nobody_makes_a_token_hold_longer(place):
    given(place, "reader-A", "read")
    with pytest.raises(Exception, match="never changed"), place.registry.working() as session:
        session.execute(text("UPDATE access_token SET expires_at = '2099-01-01'"))


def test_a_backup_brings_back_no_token(place, tmp_path):
    """Else one that was revoked since would let in again."""
    _, secret = given(place, "reader-A", "read")
    write_backup(place.registry, tmp_path / "backup.zip")
    other = Registry.open(tmp_path / "other", create=True)
    restore(tmp_path / "backup.zip", other)
    with pytest.raises(SignedOutError):
        tokens.who(other, secret)
    with other.reading() as session:
        assert session.scalars(select(AccessToken.name)).all()  # that there was one is told
        assert {told.ended for told in tokens.of_person(session)} == {"lost by a restore"}
    other.close()


# --- on the command line ----------------------------------------------------------------------------------------------


def test_on_the_command_line(command, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    for name in ("OVCF_DATABASE_URL", "OVCF_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        code, said, error = command("person", "token", *arguments)
        return code, said + error

    command("db", "upgrade", "--site", "AKH=General Hospital", "--person", "mm=Maria Muster")
    assert run("list") == (0, "There are none.\n")
    code, said = run("add", "3D Slicer", "--scope", "images", "--days", "30")
    assert code == 0, said
    secret = said.splitlines()[0]
    registry = Registry.open(tmp_path / "data")
    assert tokens.who(registry, secret).scope is TokenScope.IMAGES
    code, listed = run("list")
    assert re.match(r"[0-9a-f]{8}  mm: 3D Slicer, images, until \d{4}-\d\d-\d\d, last used ", listed)
    assert secret not in listed
    assert run("revoke", "zzz", "--reason", "lost")[0] == 2
    assert run("revoke", listed[:8], "--reason", "lost") == (0, "mm: 3D Slicer lets no program in any more\n")
    with pytest.raises(SignedOutError):
        tokens.who(registry, secret)
    assert "ended: lost" in run("list")[1]
    registry.close()
    command("person", "add", "jd", "--name", "J D", "--role", "reader", "--site", "AKH")
    assert "--person" in run("add", "x")[1]  # for whom is not guessed
    assert run("add", "x", "--person", "jd", "--scope", "everything")[0] == 2
    assert run("add", "x", "--person", "jd", "--scope", "write")[0] == 0
