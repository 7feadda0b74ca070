"""Who holds a secret: the person of a session or an access token, with what they may do now, in one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ovcf.registry.access import Principal
from ovcf.registry.tables import Person, Standing

if TYPE_CHECKING:
    from sqlalchemy import Row

    from ovcf.registry.words import TokenScope


def with_person(asked: Any, person_id: Any) -> Any:
    """The question, with the person whose id ``person_id`` is, and the newest that was said of what they may do."""
    every = aliased(Standing)
    newest = select(every.id).where(every.person_id == Person.id).order_by(every.number.desc()).limit(1)
    return (
        asked.add_columns(
            Person.id,
            Person.code,
            Person.site_id,
            Person.role.label("began_as"),
            Standing.id.label("said"),
            Standing.role,
            Standing.active,
            Standing.all_sites,
        )
        .join(Person, Person.id == person_id)
        .outerjoin(Standing, Standing.id == newest.correlate(Person).scalar_subquery())
    )


def acting(found: Row[Any], scope: TokenScope | None = None) -> Principal | None:
    """The person of a row that :func:`with_person` found; None if they were disabled.

    Who was never said anything of is as they began (:func:`ovcf.registry.people.standing.standing`).
    """
    if found.said is None:
        return Principal(found.id, found.code, found.site_id, found.began_as, scope=scope)
    if not found.active:
        return None
    return Principal(found.id, found.code, found.site_id, found.role, found.all_sites, scope)
