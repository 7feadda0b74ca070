"""Everybody who is in the registry: what they may do, how they come in, and where they are signed in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ovcf.registry.columns import now
from ovcf.registry.people.accounts import Stands, standing
from ovcf.registry.people.cases import unread, unread_blinded
from ovcf.registry.people.moved import moves
from ovcf.registry.people.sign_in import MAX_IDLE
from ovcf.registry.tables import Credential, PasswordLink, Person, ProviderLink, SignIn, Site, Standing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Account:
    """A person as they stand now. ``password`` and ``provider`` are the ways in that they have, ``link_until`` the end
    of a link that sets a password, ``sessions`` where they are signed in, ``seen_at`` when they were there last.
    ``unread`` cases are assigned to them and not signed, ``unread_blinded`` ones of studies not given back; ``now`` is
    the code of the account that came after this one, where they moved."""

    person: Person
    site: Site
    stands: Stands
    password: bool
    provider: bool
    link_until: datetime | None
    sessions: int
    seen_at: datetime | None
    unread: int
    unread_blinded: int
    now: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of somebody, by whom (code), when and why."""

    stands: Stands
    at: datetime
    by: str
    reason: str


def everybody(session: Session, *, at: datetime | None = None) -> list[Account]:
    """Everybody, by code."""
    at = at or now()
    sites = {site.id: site for site in session.scalars(select(Site))}
    people = session.scalars(select(Person).order_by(Person.code)).all()
    codes, after = {one.id: one.code for one in people}, moves(session)
    linked = set(session.scalars(select(ProviderLink.person_id)))
    for old, new in after.items():  # oldest move first: who moved twice takes the way in along twice
        if old in linked:
            linked.add(new)
    cases, blinded = unread(session), unread_blinded(session)
    known = set(session.scalars(select(Credential.person_id)))
    links = {
        link.person_id: link.expires_at
        for link in session.scalars(select(PasswordLink).where(PasswordLink.expires_at > at))
    }
    open_ = Counter(
        session.scalars(select(SignIn.person_id).where(SignIn.ends_at > at, SignIn.seen_at > at - MAX_IDLE))
    )
    seen = {
        row.person_id: row.seen
        for row in session.execute(
            select(SignIn.person_id, func.max(SignIn.seen_at).label("seen")).group_by("person_id")
        )
    }
    return [
        Account(
            person=person,
            site=sites[person.site_id],
            stands=standing(session, person),
            password=person.id in known,
            provider=person.id in linked,
            link_until=links.get(person.id),
            sessions=open_[person.id],
            seen_at=seen.get(person.id),
            unread=cases.get(person.id, 0),
            unread_blinded=blinded.get(person.id, 0),
            now=codes[after[person.id]] if person.id in after else None,
        )
        for person in people
    ]


def history(session: Session, person: Person) -> list[Said]:
    """What was said of somebody since they began, oldest first."""
    names = {one.id: one.code for one in session.scalars(select(Person))}
    said = session.scalars(select(Standing).where(Standing.person_id == person.id).order_by(Standing.number))
    return [
        Said(Stands(row.role, row.active, row.all_sites), row.recorded_at, names.get(row.recorded_by, ""), row.reason)
        for row in said
    ]
