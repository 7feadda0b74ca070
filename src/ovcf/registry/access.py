"""Who may do what, and whose patients: the one table of roles, and the one place where sites are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import exists, inspect, select
from sqlalchemy.orm import aliased

from ovcf.errors import ForbiddenError, NotThereError
from ovcf.registry.people.standing import standing
from ovcf.registry.tables import Base, Patient, Person, Site
from ovcf.registry.words import Role, TokenScope

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

R = TypeVar("R", bound=Base)
_Selected = TypeVar("_Selected", bound="Select[Any]")


class Act(StrEnum):
    """What a person may want to do."""

    READ_CASES = "read cases"
    READ_IMAGES = "read images"
    WRITE_FACTS = "write facts"
    EDIT_READING = "edit a reading"
    SIGN = "sign a reading"
    EXPORT = "export"
    """De-identified; as it is only together with SEE_IDENTITY."""
    SEE_IDENTITY = "see identity"
    """Names, hospital numbers and true dates."""
    QUERY_DATA = "query the data of a study"
    """Ask about values, and close what was asked; whoever may write facts answers."""
    MANAGE_STUDY = "manage a study"
    """Protocol, rounds of readers, lock, bundles of sites."""
    ERASE = "erase a patient"
    READ_AUDIT = "read the audit"
    MANAGE_PEOPLE = "manage people"
    MANAGE_REGISTRY = "manage the registry"


MAY: dict[Role, frozenset[Act]] = {
    Role.READER: frozenset(
        {Act.READ_CASES, Act.READ_IMAGES, Act.WRITE_FACTS, Act.EDIT_READING, Act.SIGN, Act.SEE_IDENTITY}
    ),
    Role.RESEARCHER: frozenset({Act.READ_CASES, Act.READ_IMAGES, Act.EXPORT}),
    Role.COORDINATOR: frozenset(
        {
            Act.READ_CASES,
            Act.READ_IMAGES,
            Act.WRITE_FACTS,
            Act.EXPORT,
            Act.SEE_IDENTITY,
            Act.QUERY_DATA,
            Act.MANAGE_STUDY,
        }
    ),
    Role.MONITOR: frozenset({Act.READ_CASES, Act.READ_IMAGES, Act.READ_AUDIT, Act.QUERY_DATA}),
    Role.ADMIN: frozenset(Act),
}
"""Every right of every role; what is not here is refused."""


SCOPES: dict[TokenScope, frozenset[Act]] = {
    TokenScope.IMAGES: frozenset({Act.READ_IMAGES}),
    TokenScope.READ: frozenset({Act.READ_CASES, Act.READ_IMAGES, Act.EXPORT}),
    TokenScope.WRITE: frozenset(
        {Act.READ_CASES, Act.READ_IMAGES, Act.EXPORT, Act.WRITE_FACTS, Act.EDIT_READING, Act.QUERY_DATA}
    ),
}
"""What a program with a token may do at most, of what its person may. No program signs, sees an identity, erases, or
manages people, studies or the registry."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who is known to be who they say, as the registry knows them now; ``scope`` where it is a program that
    acts for them."""

    person: UUID
    code: str
    site: UUID
    role: Role
    all_sites: bool = False
    scope: TokenScope | None = None

    @property
    def acts(self) -> frozenset[Act]:
        """What the role allows, and the scope of a program."""
        return MAY[self.role] if self.scope is None else MAY[self.role] & SCOPES[self.scope]

    def may(self, act: Act) -> bool:
        """Whether it is one of these."""
        return act in self.acts


def require(principal: Principal, act: Act) -> None:
    """Refuse what the role does not allow, or the scope of a program.

    Raises:
        ForbiddenError: it does not.
    """
    if not principal.may(act) and act in MAY[principal.role]:
        raise ForbiddenError(
            act,
            f"is not in the scope of this access token ({principal.scope})",
            "Use a token with a wider scope, or do it on the page: some things only people do.",
        )
    if not principal.may(act):
        able = ", ".join(str(role) for role in Role if act in MAY[role])
        raise ForbiddenError(act, f"is not for a {principal.role}", f"Ask somebody of this role: {able}.")


def within(select_: _Selected, principal: Principal, kind: type[Base]) -> _Selected:
    """Only rows of ``kind``, selected by ``select_``, that belong to the principal's site: all that they may know of.

    Raises:
        TypeError: ``kind`` belongs to no site, so that this cannot be said.
    """
    columns = inspect(kind).columns
    if kind is not Site and not {"site_id", "patient_id"} & set(columns.keys()):
        raise TypeError(f"{kind.__name__} belongs to no site")
    if principal.all_sites:
        return select_
    if kind is Site:
        return select_.where(Site.id == principal.site)
    if "site_id" in columns:
        return select_.where(columns["site_id"] == principal.site)
    theirs = select(Patient.id).where(Patient.site_id == principal.site)
    return select_.where(columns["patient_id"].in_(theirs))


def within_each(select_: _Selected, principal: Principal, kind: Any) -> _Selected:
    """The same of rows about patients, asked of each row: for a list in an order that an index has, read from its
    beginning. Else the database may collect all rows of the site first, and sort them for each page."""
    if principal.all_sites:
        return select_
    whose = aliased(Patient)
    return select_.where(exists().where(whose.id == kind.patient_id, whose.site_id == principal.site))


def found_by(session: Session, asked: Select[Any], principal: Principal, kind: type[R], called: str | None = None) -> R:
    """The row that ``asked`` finds, if it is of the principal's site; ``called`` names it in an error.

    Raises:
        NotThereError: there is none, or it is of another site.
    """
    found: R | None = session.scalars(within(asked, principal, kind)).first()
    if found is None:
        raise NotThereError(called or kind.__tablename__, "is not there", "Check where its address comes from.")
    return found


def one(session: Session, principal: Principal, kind: type[R], id_: UUID) -> R:
    """A row by its id, if it is of the principal's site.

    Raises:
        NotThereError: there is none, or it is of another site.
    """
    key = inspect(kind).primary_key[0]
    return found_by(session, select(kind).where(key == id_), principal, kind)


def principal_of(session: Session, person: Person) -> Principal:
    """A person as they stand now: with the role that they were given last.

    Raises:
        ForbiddenError: they were disabled.
    """
    now = standing(session, person)
    if not now.active:
        raise ForbiddenError(f"person {person.code}", "was disabled", "Ask an administrator.")
    return Principal(person.id, person.code, person.site_id, now.role, now.all_sites)
