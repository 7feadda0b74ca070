"""The processes that conclude readings beside a service: each reading always in the same one, which keeps it open.

A process that ends, however, is started again, and what it was asked is asked once more. So that nothing is made
twice, every edit has its id before it is sent, and every other change names the state that it is for.
"""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.util
import tempfile
import uuid
import zlib
from collections import OrderedDict
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Self

from ovcf import budget
from ovcf.files.workspace import workspace
from ovcf.language.spoken import language
from ovcf.server.at_hand import Answer
from ovcf.server.concluding.child import Question, RegistryAt, packed, work
from ovcf.server.open_reading import StoppedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from ovcf.reading.observing.counted import Threshold
    from ovcf.registry.store import Registry
    from ovcf.server.concluding.answering import Edits
    from ovcf.server.open_reading import Place

_ANSWERS = 1000
"""Readings whose answer is at hand here."""
_PATIENCE_S = 120.0
"""A process that has not answered for so long is ended: to open a large reading takes some seconds."""
_END_S = 10.0
"""So long a process may take to finish what it was asked when the service ends."""


class _EndedError(Exception):
    """The process ended before it answered."""


class _Process:
    """One process, started when it is made. May be used by several threads."""

    def __init__(self, at: RegistryAt, most_bytes: int, most: int) -> None:
        theirs, self._questions = multiprocessing.Pipe(duplex=False)
        answers, from_them = multiprocessing.Pipe(duplex=False)
        self.process = _made(target=work, args=(theirs, from_them, at, most_bytes, most), name="ovcf concluding")
        self.process.start()
        theirs.close()
        from_them.close()  # so that there is an end of answers when the process ends
        self._lock, self._sending = Lock(), Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._number, self.ended = 0, False
        self.alone = Lock()
        """Held by whoever asks once more: of several that were lost together, the one that is to blame falls alone."""
        Thread(target=self._listen, args=(answers,), name="ovcf answers", daemon=True).start()

    def ask(self, asked: Question) -> Any:
        """Ask, and wait for the answer.

        Raises:
            _EndedError: the process ended before. Exception: what the question raised there.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self.ended:
                raise _EndedError
            self._number += 1
            number = self._number
            self._waiting[number] = future
        try:
            sent = packed(number, asked)
            try:
                with self._sending:
                    self._questions.send_bytes(sent)
            except OSError as error:
                raise _EndedError from error
            if not wait([future], _PATIENCE_S).done:
                self.process.kill()
                raise _EndedError
            return future.result()
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def close(self) -> None:
        """Let it finish what it was asked, and end."""
        with self._sending, suppress(OSError):
            self._questions.close()
        self.process.join(_END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _listen(self, answers: Connection) -> None:
        with suppress(EOFError, OSError):
            while True:
                number, well, told = answers.recv()
                with self._lock:
                    future = self._waiting.pop(number, None)
                if future is not None:
                    future.set_result(told) if well else future.set_exception(told)
        with self._lock:
            self.ended = True
            waiting, self._waiting = list(self._waiting.values()), {}
        for future in waiting:
            future.set_exception(_EndedError())


def _made(**how: Any) -> BaseProcess:
    """A process that holds nothing of this one but what it is given.

    Where the system can, it is a copy of one that has loaded the program already, and begins at once.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn").Process(**how, daemon=True)
    _temporary_files()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", work.__module__])
    return context.Process(**how, daemon=True)


@cache
def _temporary_files() -> None:
    """Let :mod:`multiprocessing` keep its sockets where the next run finds them, should this process be killed: a
    folder of its own choice would stay for ever."""
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    folder = until_the_end.enter_context(workspace())
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        multiprocessing.util.get_temp_dir()  # asked once, then remembered
    finally:
        tempfile.tempdir = before


class Processes:
    """So many processes on one registry, and what is told of the readings asked for last.

    Each takes its share of the memory for open readings (that of :func:`ovcf.budget.open_readings_bytes` unless given).
    """

    def __init__(self, registry: Registry, count: int, most_bytes: int | None = None) -> None:
        most_bytes = budget.open_readings_bytes() if most_bytes is None else most_bytes
        self._at, self._share = RegistryAt.of(registry), (most_bytes // count, _ANSWERS // count)
        self._lock, self._closed = Lock(), False
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._processes = [self._start() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self, name: str, place: Place, reader: str) -> InAnother:
        """A reading that is kept at hand under a name, for one reader."""
        return InAnother(self, name, place, reader)

    def ids(self) -> list[int | None]:
        """Of the processes, in their order."""
        return [one.process.pid for one in self._processes]

    def number_of(self, name: str) -> int:
        """Which of them concludes a reading."""
        return zlib.crc32(name.encode()) % len(self._processes)

    def close(self) -> None:
        """End them, once they have finished what they were asked."""
        with self._lock:
            self._closed = True
        for one in self._processes:
            one.close()

    def ask(self, asked: Question) -> Any:
        """Ask the process that has the reading; once more where it ends before it answers.

        Raises:
            StoppedError: the next one ended, too. Exception: what the question raises.
        """
        with suppress(_EndedError):
            return self._process(asked.name).ask(asked)
        again = self._process(asked.name)
        try:
            with again.alone:
                return again.ask(asked)
        except _EndedError:
            raise StoppedError(
                "this reading",
                "could not be worked on: the process for it was ended twice. What was saved before is kept",
                "Load the page again; if it happens again, the log of the service may say why.",
            ) from None

    def answer(self, name: str, place: Place) -> Answer | None:
        """What is told of a reading as it is, in the language that is spoken, where that is at hand."""
        with self._lock:
            found = self._answers.get((name, language()))
            if found is not None:
                self._answers.move_to_end((name, language()))
        return None if found is None or place.moved(found.stamp) else found

    def keep(self, name: str, answer: Answer) -> None:
        """Keep what is told of a reading at hand."""
        with self._lock:
            self._answers[name, language()] = answer
            self._answers.move_to_end((name, language()))
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)

    def _process(self, name: str) -> _Process:
        number = self.number_of(name)
        with self._lock:
            if self._processes[number].ended and not self._closed:
                self._processes[number] = self._start()
            return self._processes[number]

    def _start(self) -> _Process:
        return _Process(self._at, *self._share)


@dataclass(frozen=True, slots=True)
class InAnother:
    """A reading that is concluded in a process of its own, as :class:`~ovcf.server.concluding.answering.Answering`."""

    processes: Processes
    name: str
    place: Place
    reader: str

    def at_hand(self) -> Answer | None:
        """The reading as it is, where that need not be found out first."""
        return self.processes.answer(self.name, self.place)

    def told(self) -> Answer:
        """The reading as it is."""
        return self.at_hand() or self._changed("told")

    def picture(self, number: int) -> bytes | None:
        """A picture as PNG."""
        found: bytes | None = self._ask("picture", number)
        return found

    def draft(self) -> bytes:
        """The reading beside the draft that it began from."""
        return bytes(self._ask("draft"))

    def signal(self, vertebra: str, name: Threshold, sd: float | None) -> bytes:
        """What counts in a body at a threshold."""
        return bytes(self._ask("signal", vertebra, name, sd))

    def conflict(self, asked: Edits, base: str, own: Collection[str]) -> bytes:
        """Edits that were made on an older state, each beside what others did to the same since."""
        return bytes(self._ask("conflict", asked, base, own))

    def slices(self, vertebra: str) -> bytes:
        """The outline of a vertebra on every slice."""
        return bytes(self._ask("slices", vertebra))

    def preview(self, asked: Edits, revision: str) -> bytes:
        """What would change, were these edits made."""
        return bytes(self._ask("preview", asked, revision))

    def edit(self, asked: Edits, revision: str) -> Answer:
        """Make edits and save them, all or none; each bears its id before it is sent."""
        return self._changed("edit", [{"id": uuid.uuid4().hex, **one} for one in asked], revision)

    def undo(self, revision: str) -> Answer:
        """Take the newest edit back."""
        return self._changed("undo", revision)

    def redo(self, revision: str) -> Answer:
        """Take the newest undo back."""
        return self._changed("redo", revision)

    def confirm(self, revision: str) -> Answer:
        """Sign the draft."""
        return self._changed("confirm", revision)

    def addendum(self, reason: str, revision: str) -> Answer:
        """Take a signed reading up again."""
        return self._changed("addendum", reason, revision)

    def _ask(self, method: str, *args: Any) -> Any:
        return self.processes.ask(Question(self.name, self.place, self.reader, language(), method, args))

    def _changed(self, method: str, *args: Any) -> Answer:
        found: Answer = self._ask(method, *args)
        self.processes.keep(self.name, found)
        return found
