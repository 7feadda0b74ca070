"""What takes minutes and changes nothing a reader works on: checks and backups, one of a kind at a time, in a thread.

The newest of each kind is remembered while the service runs; a page that was closed meanwhile finds its outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock, Thread
from typing import TYPE_CHECKING

from ovcf.errors import ConflictError, OvcfError
from ovcf.registry.columns import now
from ovcf.render.words.remedies import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID


class ChoreKind(StrEnum):
    """What may be under way."""

    AUDIT = "audit"
    """Every row against the audit, and the chain."""
    FILES = "files"
    """Every stored file against its digest, and the store against the database."""
    BACKUP = "backup"
    BACKUP_CHECK = "backup check"


class ChoreState(StrEnum):
    """How far it is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: ``found`` is what is amiss, in words; ``about`` what it was done to; ``counted`` how many were
    looked at."""

    about: str = ""
    counted: int = 0
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something under way, or the last of its kind. ``why`` says why it failed, in words."""

    kind: ChoreKind
    state: ChoreState
    by: UUID
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome = field(default_factory=Outcome)
    why: str = ""


class Chores:
    """Those of one service."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: dict[ChoreKind, Chore] = {}
        self._threads: dict[ChoreKind, Thread] = {}

    def begin(self, kind: ChoreKind, by: UUID, do: Callable[[], Outcome], *, about: str = "") -> Chore:
        """Begin one; ``do`` does it in a thread of its own.

        Raises:
            ConflictError: one of that kind is under way.
        """
        with self._lock:
            last = self._last.get(kind)
            if last is not None and last.state is ChoreState.RUNNING:
                raise ConflictError(f"this {kind}", "is under way already", "Wait until it is done.")
            begun = Chore(kind, ChoreState.RUNNING, by, now(), outcome=Outcome(about))
            self._last[kind] = begun
            thread = Thread(target=self._run, args=(begun, do), name=f"ovcf {kind}", daemon=True)
            self._threads[kind] = thread
        thread.start()
        return begun

    def last(self) -> list[Chore]:
        """The newest of each kind."""
        with self._lock:
            return [self._last[kind] for kind in ChoreKind if kind in self._last]

    def wait(self, seconds: float | None = None) -> None:
        """Wait until none is under way."""
        for thread in list(self._threads.values()):
            thread.join(seconds)

    def _run(self, begun: Chore, do: Callable[[], Outcome]) -> None:
        try:
            ended = replace(begun, state=ChoreState.DONE, outcome=do(), ended_at=now())
        except OvcfError as error:
            told = f"{error.where} {error.problem}. {words(error.remedy)}"
            ended = replace(begun, state=ChoreState.FAILED, why=told, ended_at=now())
        except Exception as error:  # whatever it is, the page must learn that it ended
            told = f"{type(error).__name__}. The log of the service says more."
            ended = replace(begun, state=ChoreState.FAILED, why=told, ended_at=now())
            with self._lock:
                self._last[begun.kind] = ended
            raise
        with self._lock:
            self._last[begun.kind] = ended
