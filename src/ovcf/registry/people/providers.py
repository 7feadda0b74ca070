"""Whom an OpenID provider means: by the link made at the first sign-in, else by code, else a new person by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.people.accounts import add_person, site_coded, standing
from ovcf.registry.people.moved import accounts_of
from ovcf.registry.tables import Person, ProviderLink
from ovcf.registry.words import Role

if TYPE_CHECKING:
    from ovcf.registry.store import Registry, Writer


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What somebody becomes whom the provider knows and the registry does not.

    Raises:
        RegistryError: an administrator, whom only an administrator can make.
    """

    site: str
    role: Role = Role.READER

    def __post_init__(self) -> None:
        if self.role is Role.ADMIN:
            raise RegistryError("role of newcomers", "is admin", "Let an administrator make administrators.")


def person_meant(
    registry: Registry, issuer: str, subject: str, *, code: str, name: str, newcomers: Newcomers | None = None
) -> Person:
    """The person that a provider speaks of; a link by subject is kept, so that a name given anew to somebody else
    does not let them in. Who moved to another site is meant by the account there.

    Raises:
        RegistryError: nobody here, somebody disabled, or the code belongs to somebody else of that provider.
    """
    refused = RegistryError("sign-in", "is not known here", "Ask an administrator to add you.")
    with registry.reading() as session:
        link = session.scalars(
            select(ProviderLink).where(ProviderLink.issuer == issuer, ProviderLink.subject == subject)
        ).first()
        named = (
            session.get(Person, link.person_id)
            if link
            else session.scalars(select(Person).where(Person.code == code)).first()
        )
        every = [] if named is None else accounts_of(session, named)
        found = next((one for one in reversed(every) if standing(session, one).active), None)
        if named is not None and found is None:
            raise refused
        if found is not None and link is not None:
            return found
        theirs = ProviderLink.person_id.in_([one.id for one in every])
        if session.scalars(select(ProviderLink.id).where(ProviderLink.issuer == issuer, theirs)).first() is not None:
            raise refused
    if found is None and newcomers is None:
        raise refused
    with registry.writing(found.id if found else uuid4()) as writer:
        person = found or _new(writer, code, name, newcomers)
        writer.actor = person.id
        writer.add(ProviderLink(issuer=issuer, subject=subject, person_id=person.id))
    return person


def _new(writer: Writer, code: str, name: str, newcomers: Newcomers | None) -> Person:
    assert newcomers is not None
    site = site_coded(writer.session, newcomers.site)
    person = add_person(writer, site=site, code=code, name=name or code, role=newcomers.role)
    writer.session.flush()
    writer.session.expunge(person)
    return person
