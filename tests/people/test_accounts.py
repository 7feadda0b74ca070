"""Accounts: roles, passwords, links that work once, sessions that end when they must."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from ovcf.errors import ForbiddenError, RegistryError, SignedOutError
from ovcf.registry.access import MAY, Act, Principal, require, within
from ovcf.registry.columns import now
from ovcf.registry.people import accounts, passwords, sign_in
from ovcf.registry.safekeeping.backup import restore, write_backup
from ovcf.registry.service import person_named
from ovcf.registry.store import Registry
from ovcf.registry.tables import Base, Credential, PasswordLink, Patient, SignIn, StoredFile
from ovcf.registry.words import Role
from tests.people.conftest import PASSWORD, Place
from tests.quicker import real_hasher
from tests.registry.conftest import new_place, pg_server, ready_database  # noqa: F401


@pytest.fixture
def place(new_place):  # noqa: F811
    """On SQLite and on PostgreSQL."""
    made = Place(*new_place(ready=True))
    yield made
    made.registry.close()


NEW_PASSWORD = "seven quiet rivers meet"


def change(place, code, **said):
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, place.people[code], "because", **said)


class TestRoles:
    def test_every_role_has_its_rights_in_the_table(self):
        assert set(MAY) == set(Role)

    def test_a_researcher_sees_no_identity_and_changes_nothing(self):
        assert MAY[Role.RESEARCHER] == {Act.READ_CASES, Act.READ_IMAGES, Act.EXPORT}

    def test_only_a_reader_and_an_administrator_sign(self):
        assert {role for role in Role if Act.SIGN in MAY[role]} == {Role.READER, Role.ADMIN}

    def test_a_refusal_says_who_may(self, place):
        with pytest.raises(ForbiddenError, match="reader, admin"):
            require(place.principal("monitor-A"), Act.SIGN)

    def test_the_role_is_the_one_that_was_given_last(self, place):
        change(place, "reader-A", role=Role.MONITOR)
        change(place, "reader-A", role=Role.COORDINATOR)
        assert place.principal("reader-A").role is Role.COORDINATOR
        assert place.registry.faults() == []

    def test_a_role_cannot_be_rewritten_in_the_database(self, place):
        change(place, "reader-A", role=Role.MONITOR)
        with pytest.raises(Exception, match="never changed"), place.registry.engine.begin() as connection:
            connection.execute(text("UPDATE standing SET role = 'admin'"))

    def test_nobody_acts_as_somebody_who_was_disabled(self, place):
        change(place, "reader-A", active=False)
        with place.registry.reading() as session, pytest.raises(RegistryError, match="not clear who acts"):
            person_named(session, "reader-A")

    def test_the_last_administrator_stays(self, place):
        for said in ({"active": False}, {"role": Role.READER}):
            with pytest.raises(RegistryError, match="last administrator"):
                change(place, "admin", **said)
        change(place, "reader-B", role=Role.ADMIN)
        change(place, "admin", role=Role.READER)


class TestSites:
    def test_rows_of_another_site_are_not_selected(self, place):
        with place.registry.reading() as session:
            for site in "AB":
                mine = place.principal(f"reader-{site}")
                assert [p.code for p in session.scalars(within(select(Patient), mine, Patient))] == [f"P-{site}"]

    def test_who_is_for_all_sites_sees_all(self, place):
        change(place, "monitor-A", all_sites=True)
        with place.registry.reading() as session:
            found = session.scalars(within(select(Patient), place.principal("monitor-A"), Patient))
            assert {p.code for p in found} == {"P-A", "P-B"}

    def test_what_belongs_to_no_site_cannot_be_asked_for(self, place):
        with pytest.raises(TypeError):
            within(select(StoredFile), place.principal("reader-A"), StoredFile)

    def test_a_new_principal_is_for_one_site(self, place):
        admin = place.admin
        assert not Principal(admin.id, "x", admin.site_id, Role.READER).all_sites


class TestPasswords:
    @pytest.mark.parametrize(
        "word",
        [
            "",
            "short",
            "fourteen chars",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "passwordpassword",
            "PasswordPassword2026!",
            "1234567890123456",
            "qwertyuiopasdfghjkl",
            "janedoejanedoe1",
            "Jane Doe 123456 Doe",
            "abcabcabcabcabcabc",
            "correct horse battery staple",
            "x" * 257,
        ],
    )
    def test_easily_guessed(self, word):
        with pytest.raises(RegistryError):
            passwords.hashed(word, ("janedoe", "Jane Doe"))

    @pytest.mark.parametrize(
        "word", [PASSWORD, "größere Gänse über Wien", "犬も歩けば棒に当たるとは言うけれど本当", "x9!" + "kfjQ" * 60]
    )
    def test_taken_whatever_it_is_composed_of(self, word):
        kept = passwords.hashed(word, ("janedoe", "Jane Doe"))
        assert passwords.matches(kept, word)
        assert not passwords.matches(kept, word + "x")
        assert not passwords.matches(kept, "")

    def test_they_are_kept_as_rfc_9106_recommends(self, monkeypatch):
        monkeypatch.setattr(passwords, "_hasher", real_hasher)
        kept = passwords.hashed(PASSWORD)
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # section 4: the second recommended option
        assert passwords.matches(kept, PASSWORD)

    def test_two_ways_to_type_the_same_letter_are_the_same(self):
        kept = passwords.hashed("gro\u0308ßere Gänse über Wien")
        assert passwords.matches(kept, "gr\u00f6ßere Gänse über Wien")

    def test_nobody_has_the_password_of_nobody(self):
        assert not passwords.matches(None, "nobody has this password")

    def test_the_database_holds_no_secret_as_it_is(self, place):
        with place.registry.writing(place.admin.id) as writer:
            link = accounts.new_link(writer, place.people["reader-B"])
        place.password("reader-A")
        secret = place.session("reader-A")
        with place.registry.reading() as session:
            rows = [row for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
        held = str(rows)
        assert "$argon2id$" in held
        for told in (link, secret, PASSWORD):
            assert told not in held


class TestLinks:
    def test_works_once(self, place):
        with place.registry.writing(place.admin.id) as writer:
            link = accounts.new_link(writer, place.people["reader-A"])
        accounts.use_link(place.registry, link, PASSWORD)
        assert accounts.proven(place.registry, "reader-A", PASSWORD).code == "reader-A"
        with pytest.raises(SignedOutError):
            accounts.use_link(place.registry, link, NEW_PASSWORD)
        assert accounts.proven(place.registry, "reader-A", NEW_PASSWORD) is None

    def test_a_refused_password_leaves_it_usable(self, place):
        with place.registry.writing(place.admin.id) as writer:
            link = accounts.new_link(writer, place.people["reader-A"])
        with pytest.raises(RegistryError):
            accounts.use_link(place.registry, link, "short")
        accounts.use_link(place.registry, link, PASSWORD)

    def test_ends_after_three_days_and_when_another_is_made(self, place):
        with place.registry.writing(place.admin.id) as writer:
            old = accounts.new_link(writer, place.people["reader-A"])
            link = accounts.new_link(writer, place.people["reader-A"])
        for secret, at in ((old, now()), (link, now() + timedelta(days=3)), ("made up", now()), ("", now())):
            with pytest.raises(SignedOutError):
                accounts.use_link(place.registry, secret, PASSWORD, at=at)

    def test_ends_with_the_account(self, place):
        with place.registry.writing(place.admin.id) as writer:
            link = accounts.new_link(writer, place.people["reader-A"])
        change(place, "reader-A", active=False)
        with pytest.raises(SignedOutError):
            accounts.use_link(place.registry, link, PASSWORD)


class TestSessions:
    def test_goes_on_while_it_is_used_and_no_longer_than_a_day_of_work(self, place):
        began = now()
        secret = place.session("reader-A", at=began)
        for minutes in range(0, 12 * 60, 50):
            assert sign_in.who(place.registry, secret, at=began + timedelta(minutes=minutes)).code == "reader-A"
        with pytest.raises(SignedOutError):
            sign_in.who(place.registry, secret, at=began + sign_in.MAX_SESSION)

    def test_ends_when_it_lies_idle(self, place):
        began = now()
        secret = place.session("reader-A", at=began)
        with pytest.raises(SignedOutError):
            sign_in.who(place.registry, secret, at=began + sign_in.MAX_IDLE)

    @pytest.mark.parametrize("event", ["password", "disabled", "role", "reset by link", "signed in again"])
    def test_ends_at_once(self, place, event):
        person, secret = place.people["reader-A"], place.session("reader-A")
        other = place.session("reader-B")
        if event == "password":
            accounts.set_password(place.registry, person, NEW_PASSWORD)
        elif event == "disabled":
            change(place, "reader-A", active=False)
        elif event == "role":
            change(place, "reader-A", role=Role.MONITOR)
        elif event == "reset by link":
            place.password("reader-A", NEW_PASSWORD)
        else:
            sign_in.begin(place.registry, person, instead_of=secret)
        with pytest.raises(SignedOutError):
            sign_in.who(place.registry, secret)
        assert sign_in.who(place.registry, other).code == "reader-B"

    def test_those_overdue_are_cleared_away(self, place):
        place.session("reader-A", at=now() - timedelta(days=2))
        place.session("reader-A")
        with place.registry.reading() as session:
            assert len(list(session.scalars(select(SignIn)))) == 1


def test_a_backup_signs_nobody_in(place, tmp_path):
    place.password("reader-A")
    place.session("reader-A")
    with place.registry.writing(place.admin.id) as writer:
        accounts.new_link(writer, place.people["reader-B"])
    write_backup(place.registry, tmp_path / "backup.zip")
    again = Registry.open(tmp_path / "again", create=True)
    try:
        assert restore(tmp_path / "backup.zip", again) == []
        with again.reading() as session:
            counts = [len(list(session.scalars(select(kind)))) for kind in (Credential, SignIn, PasswordLink)]
        assert counts == [1, 0, 0]
        assert accounts.proven(again, "reader-A", PASSWORD) is not None
    finally:
        again.close()
