"""The listener: the receiver and workers beside it, and one loop that takes, makes, sends and answers."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ovcf.errors import PacsError
from ovcf.files.lock import BusyError, locked
from ovcf.jobs.beside import processes_beside
from ovcf.pacs.line.catch_up import catch_up
from ovcf.pacs.line.deliver import answer_promises, ask_again, deliver, take_promises
from ovcf.pacs.line.reading_objects import queue_results
from ovcf.pacs.line.take import record_refused, remember_assigned, take_complete
from ovcf.registry.columns import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from ovcf.pacs.line.line import Line

_EVERY_S = 1.0
_SWEEP_S = 3600.0
_OVERLAP = timedelta(minutes=1)
REMEMBER_S = 30 * 86400.0
"""How long the spool tells duplicates by itself; the registry tells them for ever."""


def listen(
    line: Line,
    settings_file: Path,
    data: Path,
    *,
    stop: threading.Event,
    worker: Sequence[str] = (),
    workers: int = 0,
    environment: dict[str, str] | None = None,
) -> None:
    """Listen until told to stop; so many processes of ``worker``, a command, assess beside it.

    Raises:
        PacsError: another listener works on this data folder.
    """
    receiver = [sys.executable, "-m", "ovcf.pacs.dimse.receiver", str(settings_file), str(data)]
    with ExitStack() as until:
        try:
            until.enter_context(locked(data / "pacs" / "listener.lock"))
        except BusyError:
            raise PacsError(data, "has a listener already", "Stop that one first.") from None
        until.enter_context(processes_beside(workers, worker, environment))
        until.enter_context(processes_beside(1, receiver, environment, quiet=True))  # it prints its port
        _loop(line, stop)


def _loop(line: Line, stop: threading.Event) -> None:
    looked: datetime | None = None
    sweep, catch = _Regularly(_SWEEP_S), _Regularly(line.settings.catch_up.every_s)
    while not stop.is_set():
        began = now()
        try:
            if line.settings.catch_up.peers and catch.due():
                catch_up(line)
            step(line, looked)
            looked = began - _OVERLAP
            if sweep.due():
                line.spool.sweep(REMEMBER_S)
        except Exception as error:  # a database that is away for a while, a full disk: nothing is lost by waiting
            line.tell(f"this round failed, and is done again: {type(error).__name__}: {error}")
        stop.wait(_EVERY_S)


@dataclass(slots=True)
class _Regularly:
    """At once, and then every so many seconds."""

    every_s: float
    last: float | None = None

    def due(self) -> bool:
        """Whether it is time; then the next time is so much later."""
        there = time.monotonic()
        if self.last is not None and there - self.last < self.every_s:
            return False
        self.last = there
        return True


def step(line: Line, since: datetime | None = None) -> None:
    """One round of everything; ``since`` leaves out readings that were looked at before."""
    record_refused(line)
    take_complete(line)
    remember_assigned(line)
    queue_results(line, since)
    deliver(line)
    take_promises(line)
    ask_again(line)
    answer_promises(line)
