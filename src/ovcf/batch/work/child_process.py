"""The one child of a worker: kept between studies with its models loaded, ended where a study takes too much."""

from __future__ import annotations

import json
import os
import queue as queues
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ovcf.jobs.memory import used_bytes
from ovcf.jobs.process import end_process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.jobs.process import Limits

CHILD = (sys.executable, "-m", "ovcf.batch.work.child")
_COUNTS = ("OVCF_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_ONE_THREAD = dict.fromkeys(_COUNTS, "1")
_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""Memory of threads that are gone is used again instead of being kept for each."""
_LOOK_S = 0.25
_BEGINS_S = 300.0
"""How long a child may take to begin: on a cold network drive that is minutes, and no study's fault."""


class Ended(StrEnum):
    """How a job ended."""

    DONE = "done"
    CRASHED = "crashed"
    TIME = "took too long"
    MEMORY = "took too much memory"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class End:
    """How a job ended, what it took, and what the process said last where it crashed."""

    how: Ended
    seconds: float
    peak_bytes: int
    said: str = ""


@dataclass(slots=True)
class ChildProcess:
    """A child that is started when it is needed. ``command`` is what speaks as :mod:`ovcf.batch.work.child` does."""

    limits: Limits
    command: Sequence[str] = CHILD
    _process: subprocess.Popen[bytes] | None = None
    _told: queues.SimpleQueue[dict[str, Any]] = field(default_factory=queues.SimpleQueue)
    _stderr: Any = None
    _ready: bool = False

    def do(self, job: Mapping[str, Any], stop: threading.Event) -> End:
        """Have one job done; a child that does not end it in time, or takes more memory than it may, is killed."""
        process = self._running()
        self._wait_until_ready(process, stop)
        begun, peak = time.monotonic(), 0
        if not self._ask(process, job):
            return self._crashed(process, begun, peak)
        while True:
            done = False
            with suppress(queues.Empty):
                done = "done" in self._told.get(timeout=_LOOK_S)
            peak = max(peak, used_bytes(process.pid))
            seconds = time.monotonic() - begun
            if peak > self.limits.bytes:
                return self._killed(Ended.MEMORY, seconds, peak)
            if done:
                return End(Ended.DONE, seconds, peak)
            if process.poll() is not None:
                return self._crashed(process, begun, peak)
            if seconds > self.limits.seconds:
                return self._killed(Ended.TIME, seconds, peak)
            if stop.is_set():
                return self._killed(Ended.STOPPED, seconds, peak)

    def close(self) -> None:
        """End the child and all that it started."""
        if self._process is not None:
            end_process(self._process)
            self._stderr.close()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the child
        self._told = queues.SimpleQueue()
        self._ready = False
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            list(self.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
            env={**os.environ, **_ONE_THREAD, **_ARENAS},
        )
        threading.Thread(target=_listen, args=(self._process, self._told), daemon=True).start()
        return self._process

    def _wait_until_ready(self, process: subprocess.Popen[bytes], stop: threading.Event) -> None:
        """Its first line says that its models and modules are loaded; what a study takes counts from there."""
        until = time.monotonic() + _BEGINS_S
        while not self._ready and process.poll() is None and time.monotonic() < until and not stop.is_set():
            with suppress(queues.Empty):
                self._ready = "ready" in self._told.get(timeout=_LOOK_S)

    def _ask(self, process: subprocess.Popen[bytes], job: Mapping[str, Any]) -> bool:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(dict(job)).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            process.wait()
            return False
        return True

    def _crashed(self, process: subprocess.Popen[bytes], begun: float, peak: int) -> End:
        code = process.wait()
        how = f"signal {-code}" if code < 0 else f"code {code}"
        last = self._last_words()
        self.close()
        said = f"the process ended with {how}{f': {last}' if last else ''}"
        return End(Ended.CRASHED, time.monotonic() - begun, peak, said)

    def _killed(self, how: Ended, seconds: float, peak: int) -> End:
        self.close()
        return End(how, seconds, peak)

    def _last_words(self) -> str:
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 2000))
        lines = self._stderr.read().decode("utf-8", "replace").strip().splitlines()
        return str(lines[-1][:300]) if lines else ""


def _listen(process: subprocess.Popen[bytes], told: queues.SimpleQueue[dict[str, Any]]) -> None:
    assert process.stdout is not None
    with suppress(ValueError):  # closed while it was being read
        for line in process.stdout:
            with suppress(ValueError):
                told.put(json.loads(line))
