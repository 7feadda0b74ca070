"""How far a batch is, as numbers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.batch.work.one import Done
    from ovcf.batch.work.study_result import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of ``total`` studies are done, and what became of them; ``computed`` counts those of this run.

    ``per_hour`` is the rate of this run, ``left_s`` the time that is left at it; None before the first is computed.
    """

    total: int
    done: int
    computed: int
    outcomes: Mapping[Outcome, int]
    per_hour: float | None
    left_s: float | None


@dataclass(slots=True)
class Counting:
    """Counts studies as they are done; several threads may tell it."""

    total: int
    _begun: float = field(default_factory=time.monotonic)
    _computed: int = 0
    _outcomes: Counter[Outcome] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, outcome: Outcome, count: int = 1, *, computed: int = 0) -> None:
        """So many more are done, of which so many were computed now."""
        with self._lock:
            self._outcomes[outcome] += count
            self._computed += computed

    def one(self, done: Done) -> None:
        """One more is done."""
        self.add(done.outcome, computed=int(done.computed))

    def now(self) -> Progress:
        """How far it is now."""
        with self._lock:
            done, computed = self._outcomes.total(), self._computed
            seconds = time.monotonic() - self._begun
            rate = computed / seconds if computed else None
            return Progress(
                total=self.total,
                done=done,
                computed=computed,
                outcomes=dict(self._outcomes),
                per_hour=None if rate is None else 3600 * rate,
                left_s=None if rate is None else (self.total - done) / rate,
            )
