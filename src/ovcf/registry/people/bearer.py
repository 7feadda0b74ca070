"""Whose a secret is: the person of a session or token, with what they may do now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ovcf.registry.access import Principal
from ovcf.registry.tables import Person, Standing

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from ovcf.registry.words import TokenScope


def with_person(asked: Any, person_id: InstrumentedAttribute[UUID]) -> Select[*tuple[Any, ...]]:
    """Add the person of a session or token, and the newest that was said of them, for :func:`bearer_of`."""
    every = aliased(Standing)
    newest = select(every.id).where(every.person_id == Person.id).order_by(every.number.desc()).limit(1)
    person = (Person.id, Person.code, Person.site_id, Person.role.label("began_as"))
    said = (Standing.id.label("said"), Standing.role, Standing.active, Standing.all_sites)
    with_both: Select[*tuple[Any, ...]] = (
        asked.add_columns(*person, *said)
        .join(Person, Person.id == person_id)
        .outerjoin(Standing, Standing.id == newest.correlate(Person).scalar_subquery())
    )
    return with_both


def bearer_of(found: Row[*tuple[Any, ...]], scope: TokenScope | None = None) -> Principal | None:
    """Who a row of :func:`with_person` is, with the role that they have now; None where they were disabled."""
    if found.said is None:
        return Principal(found.id, found.code, found.site_id, found.began_as, scope=scope)
    if not found.active:
        return None
    return Principal(found.id, found.code, found.site_id, found.role, found.all_sites, scope)
