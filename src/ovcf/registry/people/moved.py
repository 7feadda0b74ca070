"""Accounts of one human, who went from site to site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.registry.tables import MovedPerson, Person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session


def accounts_of(session: Session, person: Person) -> list[Person]:
    """Every account that a person has or had, by any one of them; oldest first."""
    before: dict[UUID, UUID] = {}
    after: dict[UUID, list[UUID]] = {}
    for moved in session.scalars(select(MovedPerson).order_by(MovedPerson.recorded_at)):
        before[moved.to_id] = moved.person_id
        after.setdefault(moved.person_id, []).append(moved.to_id)
    first = person.id
    while first in before:
        first = before[first]
    found, waiting = [], [first]
    while waiting:
        found.append(waiting.pop(0))
        waiting += after.get(found[-1], [])
    rows = {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(found)))}
    return [rows[id_] for id_ in found]


def moves(session: Session) -> Mapping[UUID, UUID]:
    """Of every account that somebody left, the one that came after it."""
    asked = select(MovedPerson).order_by(MovedPerson.recorded_at)
    return {moved.person_id: moved.to_id for moved in session.scalars(asked)}
