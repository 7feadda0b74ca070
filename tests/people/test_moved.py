"""Somebody goes to another hospital, or leaves: nobody's case is forgotten, and they are the same human as before."""

import pytest
from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.people import accounts
from ovcf.registry.people.everybody import everybody
from ovcf.registry.people.providers import person_meant
from ovcf.registry.tables import AuditEntry, WorkItem
from ovcf.registry.words import Action, Role, WorkStatus

ISSUER, SUBJECT = "https://id.example.org", "the human"


@pytest.fixture
def cases(place):
    """Of reader A: two drafts and a signed case; of the coordinator: one. By name, with their ids."""
    of = {"first": "reader-A", "second": "reader-A", "signed": "reader-A", "other": "coordinator-A"}
    with place.registry.working() as session:
        made = {
            name: WorkItem(
                site_id=place.sites["A"].id,
                name=name,
                status=WorkStatus.SIGNED if name == "signed" else WorkStatus.DRAFT,
                received_by=place.admin.id,
                assigned_to=place.people[reader].id,
            )
            for name, reader in of.items()
        }
        session.add_all(made.values())
        session.flush()
        return {name: item.id for name, item in made.items()}


def readers(place):
    """Who each case is for, by the codes."""
    with place.registry.reading() as session:
        codes = {one.person.id: one.person.code for one in everybody(session)}
        return {item.name: codes.get(item.assigned_to) for item in session.scalars(select(WorkItem))}


def move(place, code, site, new, **more):
    with place.registry.writing(place.admin.id) as writer:
        person = accounts.person_coded(writer.session, code)
        there = accounts.site_coded(writer.session, site)
        accounts.move(writer, person, site=there, code=new, reason="new post", **more)


def come(place, code, subject=SUBJECT):
    """The code of whom the provider means."""
    return person_meant(place.registry, ISSUER, subject, code=code, name="Whoever").code


def test_cases_of_who_leaves_are_for_whoever_comes_and_the_audit_tells_of_it(place, cases):
    move(place, "reader-A", "B", "reader-at-B")
    assert readers(place) == {"first": None, "second": None, "signed": "reader-A", "other": "coordinator-A"}
    with place.registry.reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.HANDED_OVER)).all()
    assert {(one.actor, one.table, one.row) for one in told} == {
        (place.admin.id, "work_item", str(cases[name])) for name in ("first", "second")
    }
    assert place.registry.faults() == []


@pytest.mark.parametrize("how", [{"active": False}, {"role": Role.RESEARCHER}], ids=["disabled", "may sign no more"])
def test_who_may_read_no_more_leaves_no_case_behind(place, cases, how):
    with place.registry.writing(place.admin.id) as writer:
        to = accounts.person_coded(writer.session, "admin")
        accounts.change(writer, accounts.person_coded(writer.session, "reader-A"), "why", cases_to=to, **how)
    assert readers(place) == {"first": "admin", "second": "admin", "signed": "reader-A", "other": "coordinator-A"}


@pytest.mark.parametrize("to", ["reader-B", "researcher-A", "reader-A"])
def test_cases_go_to_nobody_who_cannot_read_them(place, cases, to):
    before, head = readers(place), place.registry.head()
    with place.registry.reading() as session:
        person, other = (accounts.person_coded(session, code) for code in ("reader-A", to))
    with pytest.raises(RegistryError, match="cannot read"), place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, person, "left", active=False, cases_to=other)
    assert (readers(place), place.registry.head()) == (before, head)


def test_who_signed_in_by_a_provider_comes_to_the_new_account_however_often_they_move(place):
    assert come(place, "reader-A") == "reader-A"
    move(place, "reader-A", "B", "reader-at-B")
    assert come(place, "reader-A") == "reader-at-B"
    move(place, "reader-at-B", "A", "back-at-A")
    assert come(place, "reader-A") == "back-at-A"
    with place.registry.reading() as session:
        told = {one.person.code: (one.provider, one.now) for one in everybody(session)}
    assert told["reader-at-B"] == (True, "back-at-A")
    assert told["back-at-A"] == (True, None)
    assert place.registry.faults() == []


def test_who_comes_by_a_provider_for_the_first_time_after_the_move_is_known_by_the_old_code(place):
    move(place, "reader-A", "B", "reader-at-B")
    assert come(place, "reader-A") == "reader-at-B"
    assert come(place, "something else") == "reader-at-B"  # from now on the subject counts


def test_an_account_that_was_left_lets_nobody_else_in(place):
    come(place, "reader-A")
    move(place, "reader-A", "B", "reader-at-B")
    for code in ("reader-A", "reader-at-B"):  # the code given anew, to another human
        with pytest.raises(RegistryError, match="not known"):
            come(place, code, subject="another human")


def test_who_was_disabled_after_the_move_stays_out(place):
    come(place, "reader-A")
    move(place, "reader-A", "B", "reader-at-B")
    with place.registry.writing(place.admin.id) as writer:
        accounts.change(writer, accounts.person_coded(writer.session, "reader-at-B"), "left", active=False)
    with pytest.raises(RegistryError, match="not known"):
        come(place, "reader-A")
