"""What a person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.registry.tables import Standing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Person
    from ovcf.registry.words import Role


@dataclass(frozen=True, slots=True)
class Stands:
    """What a person may do now."""

    role: Role
    active: bool = True
    all_sites: bool = False


def standing(session: Session, person: Person) -> Stands:
    """The newest that was said of a person; who was never said anything of is as they began."""
    newest = select(Standing).where(Standing.person_id == person.id).order_by(Standing.number.desc()).limit(1)
    said = session.scalars(newest).first()
    return Stands(person.role) if said is None else Stands(said.role, said.active, said.all_sites)
