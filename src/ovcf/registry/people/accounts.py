"""People of the registry: who is there, what they may do now, and how they come by a password."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, func, select

from ovcf.errors import RegistryError, SignedOutError
from ovcf.registry.columns import now
from ovcf.registry.people import passwords, tokens
from ovcf.registry.people.cases import hand_over, may_read
from ovcf.registry.people.secret import digest as digest
from ovcf.registry.people.standing import Stands as Stands
from ovcf.registry.people.standing import standing as standing
from ovcf.registry.tables import Credential, MovedPerson, PasswordLink, Person, SignIn, Site, Standing
from ovcf.registry.words import Action, Role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer

LINK_HOLDS = timedelta(days=3)
_CODE = re.compile(r"[\w.@+-]{1,64}")


def person_coded(session: Session, code: str) -> Person:
    """A person by code.

    Raises:
        RegistryError: there is none.
    """
    found = session.scalars(select(Person).where(Person.code == code)).first()
    if found is None:
        raise RegistryError(f"person {code}", "is not known", "See who is there, or add them.")
    return found


def site_coded(session: Session, code: str) -> Site:
    """A site by code.

    Raises:
        RegistryError: there is none.
    """
    found = session.scalars(select(Site).where(Site.code == code)).first()
    if found is None:
        known = ", ".join(session.scalars(select(Site.code).order_by(Site.code))) or "none"
        raise RegistryError(f"site {code}", "is not known", f"Use one of these, or add it with its name: {known}.")
    return found


def add_site(writer: Writer, code: str, name: str) -> Site:
    """A site more.

    Raises:
        RegistryError: the code is taken or holds what a code may not, or the name is empty.
    """
    code, name = code.strip(), name.strip()
    if not _CODE.fullmatch(code) or not name:
        raise RegistryError(
            "site", f"{code!r} cannot be a code, or the name is empty", "Use letters, digits, . _ - @ and +."
        )
    if writer.session.scalars(select(Site.id).where(func.lower(Site.code) == code.lower())).first() is not None:
        raise RegistryError(f"site {code}", "is there already", "Choose another code.")
    return writer.add(Site(id=uuid4(), code=code, name=name))


def add_person(writer: Writer, *, site: Site, code: str, name: str, role: Role, all_sites: bool = False) -> Person:
    """A person more; a password or a provider's word lets them in later.

    Raises:
        RegistryError: the code is taken or holds what a code may not.
    """
    if not _CODE.fullmatch(code) or not name.strip():
        raise RegistryError(
            "person", f"{code!r} cannot be a code, or the name is empty", "Use letters, digits, . _ - @ and +."
        )
    if writer.session.scalars(select(Person.id).where(func.lower(Person.code) == code.lower())).first() is not None:
        raise RegistryError(f"person {code}", "is there already", "Choose another code.")
    person = writer.add(Person(id=uuid4(), site_id=site.id, code=code, name=name.strip(), role=role))
    if all_sites:
        _say(writer, person, Stands(role, all_sites=True), "added")
    return person


def change(
    writer: Writer,
    person: Person,
    reason: str,
    *,
    role: Role | None = None,
    active: bool | None = None,
    all_sites: bool | None = None,
    cases_to: Person | None = None,
) -> Stands:
    """Say anew what a person may do; whoever is disabled, or may do less, is signed out everywhere at once;
    who is disabled loses every access token, too. Of who may sign no more, the cases that they have not signed go to
    ``cases_to``, or back to whoever comes.

    Raises:
        RegistryError: no reason, nobody would be left to administer the registry, or ``cases_to`` cannot read them.
    """
    if not reason.strip():
        raise RegistryError("standing", "needs a reason", "Say why it is changed.")
    old = standing(writer.session, person)
    new = Stands(
        old.role if role is None else role,
        old.active if active is None else active,
        old.all_sites if all_sites is None else all_sites,
    )
    if not (new.active and new.role is Role.ADMIN) and not _other_admin(writer.session, person):
        raise RegistryError(f"person {person.code}", "is the last administrator", "Make somebody else one first.")
    _say(writer, person, new, reason)
    sign_out_everywhere(writer, person)
    if not may_read(new):
        hand_over(writer, person, cases_to)
    if not new.active:
        tokens.revoke_all(writer, person, reason)
        writer.session.execute(delete(PasswordLink).where(PasswordLink.person_id == person.id))
    return new


def move(
    writer: Writer, person: Person, *, site: Site, code: str, reason: str, cases_to: Person | None = None
) -> Person:
    """Somebody who goes to another site: a new account there, with the same name and rights, and none here any more.

    What was recorded under the old account stays there, with its code and site. Cases that they have not signed go to
    ``cases_to``, or back to whoever comes. Who signs in by a provider does so as before, and comes to the new account.

    Raises:
        RegistryError: no reason, the same site, a code that is taken or cannot be one, or ``cases_to`` cannot
            read the cases.
    """
    if not reason.strip():
        raise RegistryError("move", "needs a reason", "Say why it is changed.")
    if site.id == person.site_id:
        raise RegistryError(f"person {person.code}", f"is of {site.code} already", "Choose another site.")
    stands = standing(writer.session, person)
    made = add_person(writer, site=site, code=code, name=person.name, role=stands.role)
    _say(writer, made, Stands(stands.role, all_sites=stands.all_sites), f"moved here, before {person.code}: {reason}")
    change(writer, person, f"moved to {site.code}, now {made.code}: {reason}", active=False, cases_to=cases_to)
    writer.add(MovedPerson(person_id=person.id, to_id=made.id, reason=reason.strip()))
    return made


def new_link(writer: Writer, person: Person) -> str:
    """A secret that sets the person's password once, within three days; earlier ones are void.

    Raises:
        RegistryError: the person is disabled.
    """
    if not standing(writer.session, person).active:
        raise RegistryError(f"person {person.code}", "is disabled", "Enable them first.")
    secret = secrets.token_urlsafe(32)
    writer.session.execute(delete(PasswordLink).where(PasswordLink.person_id == person.id))
    writer.session.add(PasswordLink(secret=digest(secret), person_id=person.id, expires_at=now() + LINK_HOLDS))
    writer.note(Action.LINK_GIVEN, [person])
    return secret


def reset(writer: Writer, person: Person) -> str:
    """A new link for somebody whose password no longer counts from now on: every session of theirs ends.

    Raises:
        RegistryError: the person is disabled.
    """
    secret = new_link(writer, person)
    sign_out_everywhere(writer, person)
    return secret


def end_sessions(writer: Writer, person: Person) -> None:
    """Sign somebody out everywhere, as an administrator does; their password still lets them in."""
    sign_out_everywhere(writer, person)
    writer.note(Action.SIGNED_OUT, [person])


def use_link(registry: Registry, secret: str, password: str, *, at: datetime | None = None) -> Person:
    """Set a password by a link, which is then void; whoever was signed in as that person no longer is.

    Raises:
        SignedOutError: the link is unknown, used or too old. RegistryError: the password is not taken.
    """
    with registry.reading() as session:
        person = _linked(session, secret, at)
    kept = passwords.hashed(password, (person.code, person.name))
    with registry.writing(person.id) as writer:
        _linked(writer.session, secret, at)  # of two who use it at the same time, one comes too late
        _keep_password(writer, person, kept)
    return person


def set_password(registry: Registry, person: Person, password: str) -> None:
    """Another password for somebody who is known to be that person; every session of theirs ends.

    Raises:
        RegistryError: the password is not taken.
    """
    kept = passwords.hashed(password, (person.code, person.name))
    with registry.writing(person.id) as writer:
        _keep_password(writer, person, kept)


def proven(registry: Registry, code: str, password: str) -> Person | None:
    """The person of a code, if this is their password and they are not disabled.

    An unknown code, a person without a password and a wrong password take the same time and are told alike.
    """
    with registry.reading() as session:
        person = session.scalars(select(Person).where(Person.code == code)).first()
        kept = None if person is None else session.get(Credential, person.id)
        active = person is not None and standing(session, person).active
        right = passwords.matches(None if kept is None else kept.password, password)
    return person if right and active else None


def sign_out_everywhere(writer: Writer, person: Person) -> None:
    """End every session of a person."""
    writer.session.execute(delete(SignIn).where(SignIn.person_id == person.id))


def _linked(session: Session, secret: str, at: datetime | None) -> Person:
    link = session.get(PasswordLink, digest(secret))
    person = None if link is None else session.get(Person, link.person_id)
    if link is None or person is None or link.expires_at <= (at or now()):
        raise SignedOutError("link", "was used already, is too old or was never given", "Ask an administrator for one.")
    return person


def _keep_password(writer: Writer, person: Person, kept: str) -> None:
    session = writer.session
    session.merge(Credential(person_id=person.id, password=kept, changed_at=now()))
    session.execute(delete(PasswordLink).where(PasswordLink.person_id == person.id))
    sign_out_everywhere(writer, person)
    writer.note(Action.PASSWORD_SET, [person])


def _say(writer: Writer, person: Person, stands: Stands, reason: str) -> None:
    last = writer.session.scalar(select(func.max(Standing.number)).where(Standing.person_id == person.id)) or 0
    writer.add(
        Standing(
            person_id=person.id,
            number=last + 1,
            role=stands.role,
            active=stands.active,
            all_sites=stands.all_sites,
            reason=reason,
        )
    )


def _other_admin(session: Session, person: Person) -> bool:
    others = session.scalars(select(Person).where(Person.id != person.id))
    return any((s := standing(session, p)).active and s.role is Role.ADMIN for p in others)
