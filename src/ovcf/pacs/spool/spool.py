"""The spool: a file for each instance, sealed where a key is given, and an index of what came and what became of it.

A file lies on the disk, name and all, before its row is written, and the row before the sender is told of success. A
file without a row was never promised to anybody. The index outlasts the files for a while: it tells duplicates.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ovcf.registry.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS received (
    sop_uid TEXT PRIMARY KEY, sop_class TEXT NOT NULL, study_uid TEXT NOT NULL, content TEXT NOT NULL,
    file TEXT NOT NULL, sender TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS received_state ON received (state, study_uid);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, sop_uid TEXT NOT NULL, study_uid TEXT NOT NULL, sender TEXT NOT NULL, at REAL NOT NULL,
    told INTEGER NOT NULL DEFAULT 0);
"""
_WAIT_S = 30.0


class State(StrEnum):
    """What became of an instance."""

    WAITING = "waiting"
    TAKEN = "taken"
    ASIDE = "set aside"
    """It could not be taken; its file stays here."""


class Put(StrEnum):
    """What became of an instance that was sent."""

    KEPT = "kept"
    SAME = "here already"
    OTHER = "here already with another content"
    MISNAMED = "is another instance or class than it was called"
    UNREADABLE = "cannot be understood"


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance in the spool. ``content`` is the digest of what it says, ``file`` the name of its file."""

    sop_uid: str
    sop_class: str
    study_uid: str
    content: str
    file: str
    sender: str


class Refused(NamedTuple):
    """An instance that was refused: it is here already with another content."""

    id: int
    study_uid: str
    sender: str


class Spool:
    """The spool of a data folder. Several processes may use it."""

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.files, self._index = FileStore(folder / "files", key), folder / "index.db"
        self._index.touch(mode=0o600)
        with self.index() as db:
            for statement in _TABLES.split(";"):
                db.execute(statement)

    @contextmanager
    def index(self) -> Iterator[sqlite3.Connection]:
        """The index in a transaction, on the disk when it ends; other tables of it are :mod:`.promises`'."""
        db = sqlite3.connect(self._index, timeout=_WAIT_S, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("BEGIN IMMEDIATE")
            with db:  # commits, or rolls back
                yield db
        finally:
            db.close()

    def put(self, data: bytes, *, sop_uid: str, sop_class: str, study_uid: str, content: str, sender: str) -> Put:
        """Keep an instance, on the disk before this returns, unless it is here already."""
        if (there := self._content(sop_uid)) is None:
            file = self.files.put(data)
            with self.index() as db:
                added = db.execute(
                    "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING",
                    (sop_uid, sop_class, study_uid, content, file, sender, time.time(), State.WAITING),
                ).rowcount
            if added:
                return Put.KEPT
            there = self._content(sop_uid)  # another association was quicker
        if there == content:
            return Put.SAME
        with self.index() as db:
            db.execute(
                "INSERT INTO refused (sop_uid, study_uid, sender, at) VALUES (?, ?, ?, ?)",
                (sop_uid, study_uid, sender, time.time()),
            )
        return Put.OTHER

    def _content(self, sop_uid: str) -> str | None:
        with self.index() as db:
            found = db.execute("SELECT content FROM received WHERE sop_uid = ?", (sop_uid,)).fetchone()
            return None if found is None else str(found[0])

    def knows(self, sop_uid: str) -> bool:
        """Whether an instance was received, whatever became of it."""
        return self._content(sop_uid) is not None

    def complete(self, quiet_s: float) -> list[str]:
        """The studies of which nothing has come for so many seconds, those that waited longest first."""
        with self.index() as db:
            rows = db.execute(
                "SELECT study_uid FROM received WHERE state = ? "
                "GROUP BY study_uid HAVING max(at) <= ? ORDER BY max(at)",
                (State.WAITING, time.time() - quiet_s),
            )
            return [str(row[0]) for row in rows]

    def waiting(self, study_uid: str) -> list[Instance]:
        """The instances of a study that wait."""
        with self.index() as db:
            rows = db.execute(
                "SELECT sop_uid, sop_class, study_uid, content, file, sender FROM received "
                "WHERE state = ? AND study_uid = ? ORDER BY sop_uid",
                (State.WAITING, study_uid),
            )
            return [Instance(*row) for row in rows]

    def end(self, instances: Collection[Instance], state: State, why: str = "") -> None:
        """Say what became of instances; the files of those that were taken go."""
        with self.index() as db:
            db.executemany(
                "UPDATE received SET state = ?, why = ? WHERE sop_uid = ?",
                [(state, why, one.sop_uid) for one in instances],
            )
        if state is State.TAKEN:
            for one in instances:
                self.files.remove(one.file)

    def again(self, study_uid: str | None = None) -> int:
        """Let what was set aside wait again, of a study or all; how many instances."""
        with self.index() as db:
            asked = "UPDATE received SET state = ?, why = '' WHERE state = ? AND ? IN (study_uid, '')"
            return db.execute(asked, (State.WAITING, State.ASIDE, study_uid or "")).rowcount

    def counts(self) -> dict[State, int]:
        """How many instances are in each state."""
        with self.index() as db:
            found = dict(db.execute("SELECT state, count(*) FROM received GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in State}

    def aside(self) -> list[tuple[str, int, str]]:
        """Studies that could not be taken: (study UID, instances, why)."""
        with self.index() as db:
            asked = "SELECT study_uid, count(*), max(why) FROM received WHERE state = ? GROUP BY study_uid"
            return [(str(u), int(n), str(w)) for u, n, w in db.execute(asked, (State.ASIDE,))]

    def safe(self, sop_uid: str, sop_class: str) -> bool:
        """Whether an instance was received and not set aside."""
        with self.index() as db:
            asked = "SELECT 1 FROM received WHERE sop_uid = ? AND sop_class = ? AND state != ?"
            return db.execute(asked, (sop_uid, sop_class, State.ASIDE)).fetchone() is not None

    def refused(self) -> list[Refused]:
        """What was refused and has not been recorded yet."""
        with self.index() as db:
            rows = db.execute("SELECT id, study_uid, sender FROM refused WHERE told = 0 ORDER BY id")
            return [Refused(*row) for row in rows]

    def told(self, refused: Collection[Refused]) -> None:
        """These were recorded."""
        with self.index() as db:
            db.executemany("UPDATE refused SET told = 1 WHERE id = ?", [(one.id,) for one in refused])

    def sweep(self, remember_s: float, unpromised_s: float = 3600.0) -> None:
        """Remove files that nobody was promised, and forget what was taken long ago: the registry tells those apart."""
        with self.index() as db:
            db.execute("DELETE FROM received WHERE state = ? AND at < ?", (State.TAKEN, time.time() - remember_s))
            db.execute("DELETE FROM refused WHERE told = 1 AND at < ?", (time.time() - remember_s,))
            kept = {str(row[0]) for row in db.execute("SELECT file FROM received WHERE state != ?", (State.TAKEN,))}
        self.files.drop_unfinished(unpromised_s)
        for name in list(self.files):
            if name not in kept and self.files.age_s(name) > unpromised_s:
                self.files.remove(name)
