"""Patients by what somebody types: the beginning of the pseudonym, or its number without what stands before it.

Both are found in an index, however many patients there are. An encrypted identity is not searched:
nothing of it can be told without its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, String, func, literal, literal_column, or_, select

from ovcf.registry.access import within
from ovcf.registry.clinic.paging import MAX_PAGE, opened, packed
from ovcf.registry.tables import Patient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal

_LAST = "\U0010ffff"
_MOST_FOUND = 500
"""Patients that the search of another list looks at: whoever finds more types one letter more."""
_NUMBER = "ltrim(substr(patient.code, length(rtrim(patient.code, '0123456789')) + 1), '0')"
"""The digits at the end of a pseudonym, without zeros before them: 42 of P-0042. As the index has it."""


def patients(
    session: Session, principal: Principal, *, word: str = "", cursor: str | None = None, limit: int = 50
) -> tuple[Sequence[Patient], str | None]:
    """Patients by pseudonym, and the cursor of the next page.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    code = _in_order(session, func.lower(Patient.code))
    limit = max(1, min(limit, MAX_PAGE))
    found: dict[UUID, tuple[str, Patient]] = {}
    for asked in _asked(session, principal, select(Patient, code), word):
        if cursor is not None:
            last, id_ = opened(cursor, "code")
            asked = asked.where(code >= last, or_(code > last, Patient.id > id_))
        for row, key in session.execute(asked.order_by(code, Patient.id).limit(limit + 1)):
            found[row.id] = (key, row)
    rows = sorted(found.values(), key=lambda pair: (pair[0], pair[1].id))
    next_ = None if len(rows) <= limit else packed("code", rows[limit - 1][0], rows[limit - 1][1].id)
    return [row for _, row in rows[:limit]], next_


def found_ids(session: Session, principal: Principal, word: str) -> list[UUID]:
    """The patients whose pseudonym a word finds, so many of them as another list can be searched for."""
    found: set[UUID] = set()
    for asked in _asked(session, principal, select(Patient.id), word):
        found |= set(session.scalars(asked.limit(_MOST_FOUND)))
    return sorted(found)


def _asked(session: Session, principal: Principal, asked: Any, word: str) -> list[Select[Any]]:
    """One question for each index that may know the word: each alone is answered from its index."""
    asked = within(asked, principal, Patient)
    if not word:
        return [asked]
    # What is typed is lowered by the database, too: of letters beyond ASCII the two databases have their own ideas.
    places: list[tuple[ColumnElement[str], Any]] = [(func.lower(Patient.code), func.lower(word))]
    if word.isascii() and word.isdigit() and word.strip("0"):
        places.append((literal_column(_NUMBER, String()), literal(word.lstrip("0"))))
    return [
        asked.where(_in_order(session, text) >= begin, _in_order(session, text) < begin.concat(_LAST))
        for text, begin in places
    ]


def _in_order(session: Session, text: ColumnElement[str]) -> ColumnElement[str]:
    """By its characters, whatever language the database was made for: only so is a beginning a range."""
    return text.collate("C") if session.get_bind().dialect.name == "postgresql" else text
