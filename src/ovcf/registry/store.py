"""The registry: reading it, and writing to it in transactions that are audited or do not happen."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, exists, inspect, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from ovcf.errors import ConflictError, RegistryError
from ovcf.registry.audit import Anchor, add_entries, faults, head
from ovcf.registry.columns import Kept, Versioned
from ovcf.registry.database import engine_for, glancing, noting, snapshot, writing
from ovcf.registry.files import FileStore
from ovcf.registry.migrate import check_revision, revision, upgrade
from ovcf.registry.safekeeping.erasures import Erased, Ledger
from ovcf.registry.safekeeping.locks import a_study_is_locked, refuse_locked
from ovcf.registry.tables import (
    AuditEntry,
    Base,
    DerivedFile,
    Erasure,
    Job,
    Patient,
    PatientKey,
    Person,
    Site,
    StoredFile,
    WorkItem,
)
from ovcf.registry.words import Action, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Column, ColumnElement, Connection, Engine, Select

DATABASE = "registry.db"
R = TypeVar("R", bound=Base)
V = TypeVar("V", bound=Versioned)


def current(kind: type[V]) -> Select[V]:
    """Select the facts of a kind as they stand: neither replaced nor taken back."""
    found: Select[V] = _current(kind)
    return found


def stands(kind: Any) -> ColumnElement[bool]:
    """Whether a row of a kind (or of an alias of it) is neither replaced nor taken back."""
    later = aliased(inspect(kind).mapper.class_)
    return and_(~exists().where(later.replaces_id == kind.id), ~kind.retracted)


@cache  # to build it takes longer than to run it
def _current(kind: type[Any]) -> Any:
    return select(kind).where(stands(kind))


class Registry:
    """A database at its newest revision, its file store, and the ledger of who was erased."""

    def __init__(self, engine: Engine, files: FileStore, ledger: Ledger) -> None:
        self.engine, self.files, self.ledger = engine, files, ledger

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        database: str | None = None,
        key: bytes | None = None,
        create: bool = False,
        upgrading: bool = False,
        older: bool = False,
        made_at: str | None = None,
    ) -> Registry:
        """Open the registry of a data folder: files and ledger lie there, and the database unless an address is given.

        ``key`` (32 bytes, kept outside the folder) seals the files. ``create`` makes the tables where there are none;
        ``upgrading`` brings older ones up to date, ``older`` leaves them as they are, to write a backup of them.
        ``made_at`` is the revision that a new one is made at, to be filled from a backup of that revision.

        Raises:
            RegistryError: there is none, it is of another revision, or the address cannot be used.
        """
        if create:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if database is None:
                (folder / DATABASE).touch(mode=0o600)
        elif database is None and not (folder / DATABASE).is_file():
            raise RegistryError(folder, "holds no registry", "Make one first.")
        engine = engine_for(database or folder / DATABASE)
        there = revision(engine) is not None
        if made_at is not None:
            if there and revision(engine) != made_at:
                raise RegistryError(
                    engine.url.render_as_string(), "is not empty", "Restore into a new data folder or database."
                )
            older = True
        if upgrading or (create and not there):
            upgrade(engine, made_at or "head")
        check_revision(engine, older=older)
        return cls(engine, FileStore(folder / "files", key), Ledger(folder / "erasures.jsonl"))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and writes nothing."""
        with snapshot(self.engine) as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for a single question, which costs no transaction of its own."""
        with glancing(self.engine) as connection:
            yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A connection to note something of the day (when somebody was last here) that no audit tells of."""
        with noting(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self, actor: UUID, contents: Sequence[bytes] = ()) -> Iterator[Writer]:
        """Write as a person: all of it, with its audit, or nothing.

        One writes at a time. ``contents`` that are to be kept lie in the file store before it is this one's turn, so
        that nobody waits for the disk meanwhile; those that are not listed then go again.

        Raises:
            ConflictError: somebody else wrote the same meanwhile.
            RegistryError: a row does not fit the others. LockedError: it belongs to a locked study.
        """
        new_files: list[str] = []
        try:
            for content in contents:
                put_file(self.files, content, new_files)
            with writing(self.engine) as connection, Session(connection) as session:
                writer = Writer(session, actor, new_files)
                try:
                    yield writer
                    writer.finish()
                except IntegrityError as error:
                    raise _conflict(error) from error
                # Before the commit: an erasure that was promised is never forgotten, whenever the machine stops.
                for erased in writer.erased:
                    self.ledger.append(erased)
        except BaseException:
            with suppress(SQLAlchemyError):  # where the database itself is away, the next sweep finds them
                self._unlisted_away(new_files)
            raise
        for digest in writer.unused_files:
            self.files.remove(digest)

    def sweep(self, older_than_s: float = 86400.0) -> int:
        """Remove files that no row lists: what a machine that stopped left of studies that never came about."""
        self.files.drop_unfinished(older_than_s)
        old = [name for name in self.files if self.files.age_s(name) > older_than_s]
        return self._unlisted_away(old)

    def _unlisted_away(self, names: Sequence[str]) -> int:
        if not names:
            return 0
        with writing(self.engine) as connection, Session(connection) as session:  # nobody lists one meanwhile
            listed = {name for name in names if session.get(StoredFile, name) is not None}
            for name in set(names) - listed:
                self.files.remove(name)
        return len(set(names) - listed)

    @contextmanager
    def working(self) -> Iterator[Session]:
        """Change what is to be done (jobs, the worklist), which no audit tells of."""
        with writing(self.engine) as connection, Session(connection) as session:
            yield session
            session.flush()

    def begin(self, site_code: str, site_name: str, person_code: str, person_name: str) -> Person:
        """The first site and its administrator, in an empty registry.

        Raises:
            RegistryError: there are people already.
        """
        with self.reading() as session:
            if session.scalars(select(Person).limit(1)).first() is not None:
                raise RegistryError("registry", "has people already", "Let an administrator add more.")
        site = Site(id=uuid4(), code=site_code, name=site_name)
        person = Person(id=uuid4(), site_id=site.id, code=person_code, name=person_name, role=Role.ADMIN)
        with self.writing(person.id) as writer:
            writer.add(site)
            writer.add(person)
        return person

    def head(self) -> Anchor:
        """The end of the audit now."""
        with self.reading() as session:
            return head(session)

    def faults(self, anchor: Anchor | None = None) -> list[str]:
        """What is not as the audit says; empty where all is well."""
        with self.reading() as session:
            return list(faults(session, anchor))


class Writer:
    """One transaction of one person. What is added is audited when it ends."""

    def __init__(self, session: Session, actor: UUID, new_files: list[str] | None = None) -> None:
        self.session, self.actor = session, actor
        self.new_files: list[str] = [] if new_files is None else new_files
        """Contents put into the file store in this transaction; they go again where it does not come about."""
        self.erased: list[Erased] = []
        self.unused_files: list[str] = []
        self._new: list[Base] = []

    def add(self, row: R) -> R:
        """A new row; of a patient, a key comes with it."""
        if isinstance(row, Kept):
            row.recorded_by = self.actor
        return self.bring(row)

    def bring(self, row: R) -> R:
        """A row that was recorded in another registry, with who recorded it there and when."""
        if isinstance(row, Patient):
            row.id = row.id or uuid4()
            self.session.add(row)
            self.session.flush()
            self.session.add(PatientKey(patient_id=row.id, key=secrets.token_bytes(32)))
        self.session.add(row)
        self.session.flush()
        self._new.append(row)
        return row

    def replace(self, old: V, reason: str, **changes: Any) -> V:
        """The fact, corrected: a new row that says why. The old one stays.

        Raises:
            RegistryError: no reason. ConflictError (at the end): it was corrected by somebody else.
        """
        if not reason.strip():
            raise RegistryError(old.__tablename__, "a correction needs a reason", "Say why it is changed.")
        own = {"id", "replaces_id", "reason", "recorded_at", "recorded_by", "retracted"}
        kept = {c.key: getattr(old, c.key) for c in type(old).__mapper__.column_attrs if c.key not in own}
        return self.add(type(old)(**{**kept, **changes, "replaces_id": old.id, "reason": reason}))

    def retract(self, old: V, reason: str) -> V:
        """Take a fact back; what it said stays in the rows before.

        Raises:
            RegistryError: no reason.
        """
        return self.replace(old, reason, retracted=True)

    def erase(self, patient: UUID, reason: str) -> Erasure:
        """Remove a patient and all that is known of them; that it was done, when and why, remains.

        Raises:
            RegistryError: there is no such patient, or no reason.
        """
        if self.session.get(Patient, patient) is None:
            raise RegistryError("patient", "is not in this registry", "Check the pseudonym.")
        if not reason.strip():
            raise RegistryError("erasure", "needs a reason", "Say who asked for it.")
        told = self.add(Erasure(patient_id=patient, by=self.actor, reason=reason))
        self.unused_files += delete_patient(self.session, patient)
        self.erased.append(Erased(str(patient), str(self.actor), reason))
        return told

    def forget(self, names: Collection[str]) -> None:
        """Let files go that no row needs any more, once this transaction stands."""
        if names:
            self.finish()
            self.unused_files += forget_files(self.session, names)

    def note(self, action: Action, rows: Sequence[Base]) -> None:
        """Tell the audit of something done to rows that does not change them, such as an export."""
        add_entries(self.session, self.actor, action, rows)

    def finish(self) -> None:
        """Write what was added, and its audit."""
        self.session.flush()
        if self._new:
            last = self.session.execute(_end()).first()
            if last is not None and last.locked:
                refuse_locked(self.session, self._new)
            end = None if last is None else Anchor(last.seq, last.chain)
            add_entries(self.session, self.actor, Action.RECORDED, self._new, end=end)
            self._new = []


@cache
def _end() -> Any:
    """The end of the audit, and whether any study is locked: one question, while others wait for their turn."""
    asked = select(AuditEntry.seq, AuditEntry.chain, a_study_is_locked().label("locked"))
    return asked.order_by(AuditEntry.seq.desc()).limit(1)


def put_file(files: FileStore, content: bytes, new: list[str]) -> str:
    """Put a content into the file store; its SHA-256, which is added to ``new`` where it was not there."""
    if (name := sha256(content).hexdigest()) not in files:
        new.append(name)
    files.put(content)
    return name


def delete_patient(session: Session, patient: UUID) -> list[str]:
    """Delete every row of an erased patient, those that others refer to last; the files that nobody else needs."""
    theirs = set(_named_files(session, patient))
    items = select(WorkItem.id).where(WorkItem.patient_id == patient)
    session.execute(delete(Job).where(Job.work_item_id.in_(items)))
    session.execute(delete(DerivedFile).where(DerivedFile.work_item_id.in_(items)))
    for table in reversed(Base.metadata.sorted_tables):
        owner = table.c.get("patient_id")
        if table.name not in ("erasure", "audit") and owner is not None:
            session.execute(delete(table).where(owner == patient))
    session.execute(delete(Patient).where(Patient.id == patient))
    unused = forget_files(session, theirs)
    session.expunge_all()
    return unused


def forget_files(session: Session, names: Collection[str]) -> list[str]:
    """Take from the list of stored files those of ``names`` that no row needs; their names, to be removed."""
    unused = set(names)
    for column in file_columns():
        unused -= set(session.scalars(select(column).where(column.in_(unused))))
    session.execute(delete(StoredFile).where(StoredFile.sha256.in_(unused)))
    return sorted(unused)


def _named_files(session: Session, patient: UUID) -> Iterator[str]:
    for column in file_columns():
        owner = column.table.c.get("patient_id")
        if owner is not None:
            yield from session.scalars(select(column).where(owner == patient, column.is_not(None)))


def file_columns() -> list[Column[str]]:
    """Every column that names a stored file."""
    listed = Base.metadata.tables["stored_file"]
    every = (column for table in Base.metadata.sorted_tables for column in table.columns)
    return [column for column in every if any(key.references(listed) for key in column.foreign_keys)]


def _conflict(error: IntegrityError) -> RegistryError:
    said = str(error.orig)
    if "replaces_id" in said or "revision" in said:
        return ConflictError("registry", "somebody else changed the same meanwhile", "Look at it again, then decide.")
    return RegistryError("registry", f"does not take this ({said.splitlines()[0]})", "Check what it refers to.")
