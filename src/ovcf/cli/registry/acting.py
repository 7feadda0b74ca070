"""The registry of a command, and the administrator who acts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person

Acting = Annotated[str | None, Parameter(name="--as", help="Code of the administrator who acts, if there are several.")]


@contextmanager
def opened() -> Iterator[Registry]:
    """The registry, closed in the end."""
    from ovcf.cli.registry.opened import open_registry

    registry = open_registry()
    try:
        yield registry
    finally:
        registry.close()


@contextmanager
def acting_admin(code: str | None) -> Iterator[tuple[Registry, Person]]:
    """The registry, and the administrator who acts: by code, or the only one."""
    from sqlalchemy import select

    from ovcf.registry.access import Act, principal_of, require
    from ovcf.registry.people.accounts import person_coded, standing
    from ovcf.registry.tables import Person
    from ovcf.registry.words import Role

    with opened() as registry:
        with registry.reading() as session:
            if code is None:
                people = [(p, standing(session, p)) for p in session.scalars(select(Person).order_by(Person.code))]
                admins = [p for p, now in people if now.active and now.role is Role.ADMIN]
                if len(admins) != 1:
                    known = ", ".join(p.code for p in admins) or "nobody"
                    raise RegistryError("person", "it is not clear who acts", f"Name one with --as: {known}.")
                (person,) = admins
            else:
                person = person_coded(session, code)
            require(principal_of(session, person), Act.MANAGE_PEOPLE)
        yield registry, person
