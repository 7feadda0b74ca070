"""What a service keeps at hand of readings that are open, and how it keeps within its memory.

To open a reading takes a second, and what it was concluded from some hundred megabytes. So those asked for last are
kept whole, more without the steps on the way to their results. Of the others the answer is kept that tells them as they
are; to be edited they are opened again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

from ovcf import budget
from ovcf.errors import OvcfError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from ovcf.reading.file import ReadingFile
    from ovcf.reading.session import Session
    from ovcf.server.views.view import View

_MANY = 200
"""So many more results than after it was trimmed make a reading whole again; a point that is moved gives some fifty."""
_BESIDE_BYTES = 2 * 2**20
"""What words and numbers of an open reading take beside its arrays and pictures."""
_QUIET_S = 0.7
"""So long must nobody have asked for anything before a reading is thought ahead of."""
_PATIENCE_S = 5.0
"""Where there is no such moment so long, others are at work, and nothing is thought ahead of."""


class Quiet:
    """When somebody last asked for anything; shared by all readings of a service."""

    def __init__(self) -> None:
        self.asked_at = 0.0
        self.last: object = None
        """The reading asked for last: for it alone is anything made ready, or many readers would wait for guesses."""

    def asked(self, reading: object = None) -> None:
        """Somebody asks now, for this reading if one is named."""
        self.asked_at = monotonic()
        self.last = reading or self.last

    def came(self) -> bool:
        """Wait until nobody has asked for a while; False where that does not come soon."""
        patience = monotonic() + _PATIENCE_S
        while (wait := self.asked_at + _QUIET_S - monotonic()) > 0:
            if monotonic() > patience:
                return False
            sleep(wait)
        return True


class Answer(NamedTuple):
    """What is told of a reading as it is: where it was saved, its revision, and its view as JSON."""

    stamp: Hashable
    revision: str
    body: bytes


@dataclass(slots=True)
class Opened:
    """What is kept at hand of one reading, for all who have it open: results, and whose turn it is."""

    session: Session | None = None
    view: View | None = None
    answer: Answer | None = None
    """It stays when the rest is let go, and may be read without the lock: whoever reads waits for nobody's edit."""
    stamp: Hashable = None
    lock: Lock = field(default_factory=Lock)
    previews: dict[str, int] = field(default_factory=dict)
    quiet: Quiet = field(default_factory=Quiet)
    thinking: Thread | None = None
    turn: Lock = field(default_factory=Lock)
    """Held while an edit is concluded: one interpreter works on one at a time, so that of edits that come together each
    is answered sooner one after the other than all at once."""
    opening: Lock = field(default_factory=Lock)
    """Held while a reading is opened: that takes as long as twenty edits, and many at once would slow down whoever
    edits meanwhile."""
    whole: bool = False
    """Whether it holds steps on the way to its results, too."""
    _bytes: int = 0
    """What it took in memory when that was last looked at, without the answer."""
    grown: Callable[[], None] = field(default=lambda: None)
    """Told once it may take more memory than before."""
    _results: int = 0
    """How many results it held after it was trimmed."""

    @property
    def nbytes(self) -> int:
        """What it takes in memory, as far as that was looked at."""
        return self._bytes + (0 if self.answer is None else len(self.answer.body))

    def begin(self, session: Session) -> None:
        """Somebody has opened it: it is whole."""
        self.session, self.whole = session, True
        self._measure()

    def think_ahead(self) -> None:
        """Make ready what is likely to be asked next, step by step, whenever nobody asks for anything.

        Call it with the lock held.
        """
        self.quiet.asked(self)
        if self.thinking is None:
            self.thinking = Thread(target=self._ahead, daemon=True)
            self.thinking.start()
        self.look()

    def look(self) -> None:
        """See whether it has grown, after something was concluded. Call it with the lock held."""
        if not self.whole and self.session is not None and self.session.results > self._results + _MANY:
            self.whole = True
            self._measure()
        self.grown()

    def trim(self) -> bool:
        """Keep the results and let the steps on the way go; False where somebody is at work on it."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            if self.session is not None and self.whole:
                self.session.trim()
            self.whole = False
            self._measure()
        finally:
            self.lock.release()
        return True

    def let_go(self) -> bool:
        """Keep the answer alone; False where somebody is at work on it."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            self.session = self.view = None
            self.whole = False
            self._measure()
        finally:
            self.lock.release()
        return True

    def _measure(self) -> None:
        self._bytes = 0 if self.session is None else self.session.nbytes + _BESIDE_BYTES
        self._results = 0 if self.session is None or self.whole else self.session.results

    def _ahead(self) -> None:
        file: ReadingFile | None = None
        steps: Iterator[None] = iter(())
        while True:
            came = self.quiet.came() and self.quiet.last is self
            with self.lock:
                session = self.session
                if session is not None and session.file is not file:
                    file, steps = session.file, session.looking_ahead()
                if session is None:
                    came = False
                try:
                    if came:
                        self.whole = True
                        next(steps)
                except (StopIteration, OvcfError):
                    came = False
                if not came:
                    self.thinking = None
                    return


class OpenReadings:
    """The readings that were asked for last: ``whole`` of them as they are, as many as ``most_bytes`` hold with their
    results alone (those of :func:`ovcf.budget.open_readings_bytes` unless given), and what is told of ``most``.

    One that somebody is at work on stays in any case.
    """

    def __init__(self, most: int = 1000, whole: int = 12, most_bytes: int | None = None) -> None:
        self._most, self._whole, self._lock = most, whole, Lock()
        self._most_bytes = budget.open_readings_bytes() if most_bytes is None else most_bytes
        self._kept: OrderedDict[str, Opened] = OrderedDict()
        self._quiet, self._turn, self._opening = Quiet(), Lock(), Lock()

    def get(self, name: str) -> Opened:
        """What is at hand of a reading; empty where nothing is."""
        with self._lock:
            found = self._kept.get(name)
            if found is None:
                found = self._kept[name] = Opened(
                    quiet=self._quiet, turn=self._turn, opening=self._opening, grown=self.tidy
                )
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(name)
            return found

    @property
    def nbytes(self) -> int:
        """What they take in all."""
        with self._lock:
            return sum(one.nbytes for one in self._kept.values())

    def tidy(self) -> None:
        """Trim the readings asked for longest ago of those that are whole, and let go of those that do not fit."""
        with self._lock:
            kept = list(self._kept.values())
        whole = [one for one in kept if one.whole]
        for one in whole[: max(0, len(whole) - self._whole)]:
            one.trim()
        total = sum(one.nbytes for one in kept)
        for one in kept:
            if total <= self._most_bytes:
                return
            if one.session is not None:
                before = one.nbytes
                one.let_go()
                total += one.nbytes - before
