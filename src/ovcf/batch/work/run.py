"""A batch on one machine: several workers, each with a child of its own, take the studies of shard after shard."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovcf.batch.work.child_process import CHILD, ChildProcess
from ovcf.batch.work.one import Done, StoppedError, Studies
from ovcf.batch.work.progress import Counting
from ovcf.batch.work.settings import agree, settings
from ovcf.batch.work.shard import agree_on_shards, fingerprint, finished, write_tables
from ovcf.batch.work.study_result import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.one import Keeper
    from ovcf.batch.work.settings import Settings
    from ovcf.batch.work.shard import Shard
    from ovcf.jobs.process import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a batch is done: how many workers, what one study may take, by which engine, what does the work.

    ``again``: what is quarantined is tried once more.
    """

    limits: Limits
    workers: int = 1
    engine: str = "builtin"
    again: bool = False
    child: Sequence[str] = CHILD


@dataclass(slots=True)
class _Open:
    """A shard that is at work: what is done of it, in the order of the manifest."""

    shard: Shard
    studies: Sequence[StudySource]
    stamp: str
    done: dict[int, Done] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """The shards to be done, and how far they are. It ends when they are done, or when ``stop`` is set."""

    store: Store
    parts: Sequence[tuple[Shard, Sequence[StudySource]]]
    asked: Asked
    keeper: Keeper | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    count: Counting = field(init=False)
    _waiting: deque[tuple[Shard, Sequence[StudySource]]] = field(init=False)
    _open: deque[tuple[_Open, int]] = field(default_factory=deque, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _failed: BaseException | None = field(default=None, init=False)
    _settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.count = Counting(sum(len(studies) for _, studies in self.parts))
        self._waiting = deque(self.parts)
        self._settings = settings(self.asked.engine)

    def run(self, watch: Callable[[], None] | None = None, *, every_s: float = 1.0) -> bool:
        """Do all of it; ``watch`` is called now and then. False where it was stopped before the end.

        Raises:
            OutputError: results cannot be kept, or those there are of another program or model.
        """
        agree(self.store, self._settings)
        for shard, _ in self.parts[:1]:
            agree_on_shards(self.store, shard)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(max(1, self.asked.workers))]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                threads[0].join(every_s) if threads[0].is_alive() else threads[-1].join(every_s)
                if watch is not None:
                    watch()
        except BaseException:
            self.stop.set()
            raise
        finally:
            for thread in threads:
                thread.join()
        if self._failed is not None:
            raise self._failed
        return not self.stop.is_set()

    def _work(self) -> None:
        child = ChildProcess(self.asked.limits, self.asked.child)
        work = Studies(self.store, self._settings, child, self.stop, self.keeper, self.asked.again)
        try:
            while not self.stop.is_set() and (taken := self._take()) is not None:
                part, at = taken
                done = work.do(part.studies[at])
                self.count.one(done)
                self._put_down(part, at, done)
        except StoppedError:
            pass
        except BaseException as error:  # whatever it is, the other workers end, and the caller hears of it
            with self._lock:
                self._failed = self._failed or error
            self.stop.set()
        finally:
            child.close()

    def _take(self) -> tuple[_Open, int] | None:
        """The next study: of a shard that is at work, or the first of the next one."""
        with self._lock:
            while not self._open:
                if not self._waiting:
                    return None
                shard, studies = self._waiting.popleft()
                part = _Open(shard, studies, fingerprint(shard, studies))
                told = finished(self.store, shard)
                if told is not None and part.stamp and told["stamp"] == part.stamp and not self._open_again(told):
                    for name, count in told["outcomes"].items():
                        self.count.add(Outcome(name), count)
                    continue
                self._open.extend((part, at) for at in range(len(part.studies)))
            return self._open.popleft()

    def _open_again(self, told: dict[str, object]) -> bool:
        """Whether a finished shard must be looked at once more: for what was missing or is quarantined, or for a
        registry."""
        outcomes = told["outcomes"]
        assert isinstance(outcomes, dict)
        missing = Outcome.MISSING.value in outcomes
        return self.keeper is not None or missing or (self.asked.again and Outcome.QUARANTINED.value in outcomes)

    def _put_down(self, part: _Open, at: int, done: Done) -> None:
        with self._lock:
            part.done[at] = done
            if len(part.done) < len(part.studies):
                return
        both = [(source, part.done[at]) for at, source in enumerate(part.studies)]
        write_tables(self.store, part.shard, both, part.stamp)
