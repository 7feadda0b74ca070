"""The rows of one patient as plain data; for research without ids, instants and free text, and with moved dates."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from ovcf.registry.audit import NOT_AUDITED
from ovcf.registry.tables import Base, Patient
from ovcf.workflow.deidentify import OLDEST_TOLD, harmless_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from ovcf.workflow.deidentify import Pseudonym

_NEVER = NOT_AUDITED | {"identity", "erasure"}
"""Keys, secrets, work in progress; and identities, which are sealed."""
_TOLD = frozenset({"level", "levels", "method", "unit", "modality", "posture", "score", "version", "group", "status"})
"""Columns of text that hold nothing but words of ours."""


def rows_of(session: Session, patient: Patient, pseudonym: Pseudonym | None) -> dict[str, list[dict[str, Any]]]:
    """Every row of a patient by table, oldest first; as it is, or without what tells who they are."""
    found: dict[str, list[dict[str, Any]]] = {}
    for mapper in sorted(Base.registry.mappers, key=lambda m: m.class_.__tablename__):
        kind = mapper.class_
        if kind.__tablename__ in _NEVER or (kind is not Patient and "patient_id" not in mapper.columns):
            continue
        owner = kind.id if kind is Patient else kind.patient_id
        rows = session.scalars(select(kind).where(owner == patient.id).order_by(*mapper.primary_key))
        told = _as_it_is if pseudonym is None else _for_research(pseudonym)
        lines = [_told(row, [column.key for column in mapper.column_attrs], told) for row in rows]
        if lines:
            found[kind.__tablename__] = lines
    return found


def _told(row: Base, columns: list[str], told: Callable[[str, Any], Any]) -> dict[str, Any]:
    found = {column: told(column, getattr(row, column)) for column in columns}
    return {column: value for column, value in found.items() if value is not None}


def _as_it_is(_: str, value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID | StrEnum) else value


def _for_research(pseudonym: Pseudonym) -> Callable[[str, Any], Any]:
    """What is told of a column; None where nothing is."""

    def told(column: str, value: Any) -> Any:
        if column in ("site_id", "recorded_by", "file", "sha256") or isinstance(value, datetime | bytes):
            return None
        if column == "code":
            return pseudonym.name
        if column == "study_uid":
            return pseudonym.uid(value) or None
        if column == "birth_year":
            oldest = date.fromisoformat(pseudonym.day(date.today().isoformat())).year - OLDEST_TOLD  # noqa: DTZ011
            return None if value is None else max(value, oldest)
        if isinstance(value, UUID):
            return str(UUID(bytes=_keyed(pseudonym, value.bytes)[:16], version=4))
        if isinstance(value, date):
            return pseudonym.day(value.isoformat())
        if isinstance(value, StrEnum):
            return str(value)
        if column == "reading":
            return _keyed(pseudonym, value.encode()).hex()[:32]
        if isinstance(value, str):
            return value if column in _TOLD or harmless_description(value) else None
        return _numbers(value) if isinstance(value, dict) else value

    return told


def _numbers(value: dict[str, Any]) -> dict[str, Any]:
    """Of details that anybody may have written, what are numbers or yes and no."""
    return {name: one for name, one in value.items() if isinstance(one, bool | int | float) and name.isidentifier()}


def _keyed(pseudonym: Pseudonym, value: bytes) -> bytes:
    return hmac.new(pseudonym.key, b"row" + value, hashlib.sha256).digest()
