"""The chain of the audit, and what shows that somebody changed, added, removed or rewrote something.

Each entry holds the digest of its row under the key of the patient, and the digest of itself together with the entry
before. Erasing a patient's key makes that patient's digests mean nothing and leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, insert, inspect, select, tuple_
from sqlalchemy.orm import Session

from ovcf.registry.columns import now
from ovcf.registry.tables import AuditEntry, Base, Erasure, Patient, PatientKey
from ovcf.registry.words import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

_START = "0" * 64
NOT_AUDITED = frozenset(
    {
        "audit",
        "patient_key",
        "stored_file",
        "work_item",
        "arrived_file",
        "derived_file",
        "job",
        "received_instance",
        "outbox_item",
        "credential",
        "password_link",
        "sign_in",
        "token_secret",
    }
)
"""The audit itself; keys, which must be able to go without a trace; files, which are named by their own digest; what is
to be done, which changes as it is done; and secrets and sessions, which change and end."""
_PAGE = 2000
_TOLD_OF = ("seq", "at", "actor", "action", "table", "row", "patient_id", "digest", "chain")
_END = select(AuditEntry.seq, AuditEntry.chain).order_by(AuditEntry.seq.desc()).limit(1)
_ENTER = insert(Base.metadata.tables[AuditEntry.__tablename__])
_TOLD = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of the chain at some moment, to be kept where nobody can change both."""

    seq: int
    chain: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.chain}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """``SEQ:CHAIN``, as it is printed.

        Raises:
            ValueError: it is not that.
        """
        seq, _, chain = text.strip().partition(":")
        if len(chain) != 64 or not set(chain) <= set("0123456789abcdef"):
            raise ValueError(text)
        return cls(int(seq), chain)


def head(session: Session) -> Anchor:
    """The end of the chain now."""
    last = session.execute(_END).first()
    return Anchor(0, _START) if last is None else Anchor(last.seq, last.chain)


def add_entries(
    session: Session, actor: UUID, action: Action, rows: Sequence[Base], *, end: Anchor | None = None
) -> None:
    """Entries for rows that are written in the same transaction, whose writer is alone. ``end`` is the end of the
    chain, where it was looked up in this transaction."""
    if not rows:
        return
    end = end or head(session)
    seq, chain, at, entries = end.seq, end.chain, now(), []
    for row in rows:
        patient = patient_of(row)
        told = (at, actor, action, row.__tablename__, key_of(row), patient, digest(row, _key(session, patient)))
        chain = link_of(chain, (seq := seq + 1, *told))
        entries.append(dict(zip(_TOLD_OF, (seq, *told, chain), strict=True)))
    session.execute(_ENTER, entries)


def patient_of(row: Base) -> UUID | None:
    """Whom a row is about; None for a row about nobody."""
    if isinstance(row, Patient):
        return row.id
    if isinstance(row, Erasure):  # its digest must outlive the patient's key
        return None
    found: UUID | None = getattr(row, "patient_id", None)
    return found


def key_of(row: Base) -> str:
    """The primary key of a row, as text."""
    return "/".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))


def digest(row: Base, key: bytes) -> str:
    """HMAC-SHA256 of all columns of a row."""
    return digest_of(type(row), {name: getattr(row, name) for name in types_of(type(row))}, key)


def digest_of(kind: type[Base], values: Mapping[str, object], key: bytes) -> str:
    """The same of a row that is given by its values: every column of its table must be there."""
    text = _TOLD.encode({name: _plain(values[name], type_) for name, type_ in types_of(kind).items()})
    return hmac.digest(key, text.encode(), "sha256").hex()


@cache
def types_of(kind: type[Base]) -> dict[str, Any]:
    """The columns of a table, by name, with their types."""
    return {c.key: c.columns[0].type for c in kind.__mapper__.column_attrs}


def link(before: str, entry: AuditEntry) -> str:
    """The chain after one entry more."""
    return link_of(
        before, (entry.seq, entry.at, entry.actor, entry.action, entry.table, entry.row, entry.patient_id, entry.digest)
    )


def link_of(before: str, entry: tuple[int, datetime, UUID, Action, str, str, UUID | None, str]) -> str:
    """The same of an entry given as (seq, at, actor, action, table, row, patient, digest)."""
    seq, at, actor, action, table, row, patient, content = entry
    told = (before, seq, _plain(at), str(actor), str(action), table, row, str(patient), content)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def faults(session: Session, anchor: Anchor | None = None) -> Iterator[str]:
    """Everything that is not as the audit says, in words; nothing where all is well."""
    erased = set(session.scalars(select(Erasure.patient_id)))
    keys = {k.patient_id: k.key for k in session.scalars(select(PatientKey))}
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    audited: dict[str, set[str]] = {name: set() for name in models if name not in NOT_AUDITED}
    seq, chain, met = 0, _START, anchor is None or anchor == Anchor(0, _START)
    while page := session.scalars(
        select(AuditEntry).where(AuditEntry.seq > seq).order_by(AuditEntry.seq).limit(_PAGE)
    ).all():
        for entry in page:
            if entry.seq != seq + 1:
                yield f"audit entries {seq + 1} to {entry.seq - 1} are missing"
            if link(chain, entry) != entry.chain:
                yield f"audit entry {entry.seq} was changed, or what came before it was"
            seq, chain = entry.seq, entry.chain
            met = met or anchor == Anchor(seq, chain)
            if entry.action is Action.RECORDED:
                audited.setdefault(entry.table, set()).add(entry.row)
        yield from _changed(session, models, [e for e in page if e.action is Action.RECORDED], keys, erased)
        session.expunge_all()
    for name, known in audited.items():
        primary = inspect(models[name]).primary_key
        for row in session.execute(select(*primary).execution_options(yield_per=_PAGE)):
            if (key := "/".join(map(str, row))) not in known:
                yield f"{name} {key} was added past the audit"
    if not met:
        assert anchor is not None
        yield (
            f"the audit ends at entry {seq}, before the anchor {anchor.seq}: its tail was cut"
            if seq < anchor.seq
            else f"entry {anchor.seq} is not the one of the anchor: the chain was written anew"
        )


def _changed(
    session: Session,
    models: Mapping[str, type[Base]],
    page: Sequence[AuditEntry],
    keys: Mapping[UUID, bytes],
    erased: Collection[UUID],
) -> Iterator[str]:
    """What of the rows that some entries tell of is gone or was changed; the rows of a table are read together."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    by_table: dict[str, set[str]] = {}
    for entry in page:
        by_table.setdefault(entry.table, set()).add(entry.row)
    for name, wanted in by_table.items():
        model = models[name]
        primary = inspect(model).primary_key
        parsed = [_parsed(model, row) for row in wanted]
        place = primary[0].in_([p[0] for p in parsed]) if len(primary) == 1 else tuple_(*primary).in_(parsed)
        for row in session.execute(select(*(getattr(model, column) for column in types_of(model))).where(place)):
            values = dict(zip(types_of(model), row, strict=True))
            found[name, "/".join(str(values[str(column.key)]) for column in primary)] = values
    for entry in page:
        there = found.get((entry.table, entry.row))
        if there is None:
            if entry.patient_id not in erased:
                yield f"{entry.table} {entry.row} is gone, and nobody was erased"
        elif entry.patient_id is not None and entry.patient_id not in keys:
            yield f"{entry.table} {entry.row} cannot be checked: the key of its patient is gone"
        elif digest_of(models[entry.table], there, keys[entry.patient_id] if entry.patient_id else b"") != entry.digest:
            yield f"{entry.table} {entry.row} was changed"


def _key(session: Session, patient: UUID | None) -> bytes:
    if patient is None:
        return b""
    found = session.get(PatientKey, patient)
    return b"" if found is None else found.key


def _parsed(model: type[Base], key: str) -> tuple[Any, ...]:
    columns = inspect(model).primary_key
    return tuple(column.type.python_type(part) for column, part in zip(columns, key.split("/"), strict=True))


def _plain(value: object, kind: object = None) -> object:
    """As JSON holds it, and as the database gives it back: 8 in a column of real numbers is 8.0."""
    if isinstance(kind, Float) and isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool | int | float | list | dict | None):
        return value
    return str(value)
