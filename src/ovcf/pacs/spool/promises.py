"""Storage commitment: what others ask us to promise, and what others promised us, in the index of the spool."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ovcf.pacs.spool.spool import Spool

_TABLES = """
CREATE TABLE IF NOT EXISTS asked (
    transaction_uid TEXT NOT NULL, sender TEXT NOT NULL, instances TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL, PRIMARY KEY (transaction_uid, sender));
CREATE TABLE IF NOT EXISTS promised (
    transaction_uid TEXT NOT NULL, sop_uid TEXT NOT NULL, kept INTEGER NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (transaction_uid, sop_uid));
"""
_ATTEMPTS = 20
_LONGEST_WAIT_S = 3600.0
Named = tuple[str, str]
"""An instance as (SOP class, SOP instance)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks whether we keep these instances."""

    transaction_uid: str
    sender: str
    instances: tuple[Named, ...]
    attempts: int


class Promises:
    """Promises asked of us and made to us."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        with spool.index() as db:
            for statement in _TABLES.split(";"):
                db.execute(statement)

    def ask(self, transaction_uid: str, sender: str, instances: Sequence[Named]) -> None:
        """Note that a sender asks; the same transaction again changes nothing."""
        with self._spool.index() as db:
            db.execute(
                "INSERT INTO asked (transaction_uid, sender, instances, next_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (transaction_uid, sender, json.dumps(instances), time.time()),
            )

    def due(self) -> list[Asked]:
        """What is to be answered now."""
        with self._spool.index() as db:
            rows = db.execute(
                "SELECT transaction_uid, sender, instances, attempts FROM asked WHERE next_at <= ?", (time.time(),)
            ).fetchall()
        return [Asked(t, s, tuple((str(a), str(b)) for a, b in json.loads(i)), n) for t, s, i, n in rows]

    def answered(self, asked: Asked) -> None:
        """The sender has the answer."""
        with self._spool.index() as db:
            db.execute(
                "DELETE FROM asked WHERE transaction_uid = ? AND sender = ?", (asked.transaction_uid, asked.sender)
            )

    def later(self, asked: Asked) -> None:
        """The sender could not be reached: try again later, twenty times in all."""
        if asked.attempts + 1 >= _ATTEMPTS:
            self.answered(asked)
            return
        wait = min(_LONGEST_WAIT_S, 10.0 * 2**asked.attempts)
        with self._spool.index() as db:
            db.execute(
                "UPDATE asked SET attempts = attempts + 1, next_at = ? WHERE transaction_uid = ? AND sender = ?",
                (time.time() + wait, asked.transaction_uid, asked.sender),
            )

    def promise(self, transaction_uid: str, kept: Collection[str], failed: Collection[str]) -> None:
        """Note what another side said of a transaction of ours."""
        rows = [(transaction_uid, uid, int(uid in kept), time.time()) for uid in {*kept, *failed}]
        with self._spool.index() as db:
            db.executemany("INSERT OR REPLACE INTO promised VALUES (?, ?, ?, ?)", rows)

    def promised(self) -> list[tuple[str, str, bool]]:
        """(transaction, SOP instance, whether it is kept) of everything that was said and not taken over yet."""
        with self._spool.index() as db:
            rows = db.execute("SELECT transaction_uid, sop_uid, kept FROM promised").fetchall()
        return [(str(t), str(u), bool(k)) for t, u, k in rows]

    def taken(self, promised: Collection[tuple[str, str, bool]]) -> None:
        """These were taken over."""
        with self._spool.index() as db:
            db.executemany(
                "DELETE FROM promised WHERE transaction_uid = ? AND sop_uid = ?", [(t, u) for t, u, _ in promised]
            )
