"""A process that concludes readings for the service that started it, several at once, and ends with it.

It saves what is edited itself, so that an edit is whole in the registry, or not there at all, whenever this ends.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from ovcf.errors import OvcfError
from ovcf.language.spoken import speaking
from ovcf.registry.store import Registry
from ovcf.server.at_hand import OpenReadings
from ovcf.server.concluding.answering import InThisProcess
from ovcf.server.memory import TURN_S, collect, collect_by_hand, give_memory_back
from ovcf.server.open_reading import OpenReading

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from ovcf.server.open_reading import Place

AT_ONCE = 8
"""Questions that are worked on at the same time; more wait."""
_QUIET_S, _MANY = 2.0, 5_000
"""Nobody has asked for so long, or so many questions were answered: then garbage is looked for."""
_BEHIND = 5
"""Steps of niceness: whoever only looks something up goes before what is concluded."""
_REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class RegistryAt:
    """How another process opens the same registry."""

    folder: Path
    database: str | None
    key: bytes | None

    @classmethod
    def of(cls, registry: Registry) -> RegistryAt:
        """Of one that is open."""
        url = registry.engine.url
        database = None if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
        return cls(registry.files.folder.parent, database, registry.files.key)

    def open(self) -> Registry:
        """Open it.

        Raises:
            RegistryError: it cannot be opened.
        """
        return Registry.open(self.folder, database=self.database, key=self.key)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a method of :class:`~ovcf.server.concluding.answering.Answering` with its arguments, of the
    reading that is kept at hand under a name, in a language."""

    name: str
    place: Place
    reader: str
    language: str
    method: str
    args: tuple[Any, ...]


def packed(number: int, asked: Question) -> bytes:
    """A question to be sent. The registry that its place names is not sent: each process has its own."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> str | None:
            return _REGISTRY if isinstance(value, Registry) else None

    written = io.BytesIO()
    Pickler(written, pickle.HIGHEST_PROTOCOL).dump((number, asked))
    return written.getvalue()


def unpacked(sent: bytes, registry: Registry) -> tuple[int, Question]:
    """A question that was sent, its place in this process's registry."""

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name: Any) -> Registry:
            if name != _REGISTRY:
                raise pickle.UnpicklingError(name)
            return registry

    found: tuple[int, Question] = Unpickler(io.BytesIO(sent)).load()
    return found


def work(questions: Connection, answers: Connection, at: RegistryAt, most_bytes: int, most: int) -> None:
    """Answer until there is an end of questions; what was begun then is finished and saved."""
    for name in ("SIGINT", "SIGTERM"):  # whoever stops the service means it, and it ends the questions
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if os.name == "posix":
        with suppress(OSError):
            os.nice(_BEHIND)
    sys.setswitchinterval(TURN_S)
    give_memory_back()
    collect_by_hand()
    registry = at.open()
    readings, sending = OpenReadings(most=most, most_bytes=most_bytes), Lock()

    def answer(number: int, asked: Question) -> None:
        told = _answer(readings, asked)
        with suppress(OSError), sending:  # nobody listens any more
            answers.send((number, *told))

    asked = 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while True:
            try:
                if asked and (asked >= _MANY or not questions.poll(_QUIET_S)):
                    collect()
                    asked = 0
                sent = questions.recv_bytes()
            except (EOFError, OSError):
                break
            asked += 1
            threads.submit(answer, *unpacked(sent, registry))
    registry.close()


def _answer(readings: OpenReadings, asked: Question) -> tuple[bool, object]:
    """Whether it could be answered, and the answer or the error."""
    try:
        with speaking(asked.language):
            reading = InThisProcess(OpenReading(asked.place, asked.reader, readings.get(asked.name)))
            return True, getattr(reading, asked.method)(*asked.args)
    except OvcfError as error:
        return False, error
    except Exception as error:  # whoever asked must learn of it
        traceback.print_exc()
        return False, RuntimeError(f"{type(error).__name__} where a reading was concluded")
