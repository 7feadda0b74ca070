"""What every door of the service needs: the registry, who asks, and what is kept at hand between requests."""

from __future__ import annotations

from asyncio import Semaphore
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeVar

from fastapi import Depends, Request

from ovcf.registry.access import Principal
from ovcf.registry.course import assessment_of
from ovcf.registry.tables import Person, Reading
from ovcf.server.at_hand import OpenReadings
from ovcf.server.chores import Chores
from ovcf.server.concluding.answering import InThisProcess
from ovcf.server.open_reading import OpenReading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable
    from uuid import UUID

    from fastapi import APIRouter

    from ovcf.assessment.result import Assessment
    from ovcf.imaging.files.frames import Frames
    from ovcf.registry.safekeeping.backups import Backups
    from ovcf.registry.store import Registry
    from ovcf.server.api.dicomweb.study_cache import Holding, Outline
    from ovcf.server.api.tus.store import UploadStore
    from ovcf.server.cohort.desk import Desk
    from ovcf.server.concluding.answering import Answering
    from ovcf.server.concluding.processes import Processes
    from ovcf.server.open_reading import Place

T = TypeVar("T")


class People(Protocol):
    """Who may come in: one person on their own machine, or accounts."""

    accounts: bool
    """Whether people sign in and out, at ``/sign-in``."""

    def principal(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            SignedOutError: nobody is signed in. ForbiddenError: they may not ask from there.
        """

    def routes(self) -> APIRouter:
        """The doors by which one comes in and goes out, at the root of the service."""


class AtHand(Generic[T]):
    """The things used last, by name, so many of them; may be used by several threads."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, name: Hashable, make: Callable[[], T]) -> T:
        """The thing of that name, made where it is not at hand."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()
        with self._lock:
            found = self._kept.setdefault(name, made)
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return found

    def forget(self, name: Hashable) -> None:
        """Let one go."""
        with self._lock:
            self._kept.pop(name, None)


@dataclass(slots=True)
class Service:
    """The service while it runs; ``stopping`` once it is to end.

    ``scheme`` is that of its address as a browser sees it. ``opened`` are the readings, ``frames`` the studies that
    were looked at last, ``dicom`` those by DICOMweb, ``outlines`` what a list tells of such a study, ``assessed`` the
    states of readings that courses were made of, by their content, ``chores`` what administrators have begun.
    ``processes`` conclude readings, where there are any; else it is done here. So many requests at once may open a
    reading, or conclude something of it: the others wait without a thread, so that whoever only looks something up
    finds one.
    """

    registry: Registry
    people: People
    uploads: UploadStore
    cohorts: Desk
    backups: Backups
    event_seconds: float = 300.0
    scheme: str = "http"
    stopping: Event = field(default_factory=Event)
    chores: Chores = field(default_factory=Chores)
    opened: OpenReadings = field(default_factory=OpenReadings)
    processes: Processes | None = None
    frames: AtHand[Frames] = field(default_factory=lambda: AtHand(4))
    dicom: AtHand[Holding] = field(default_factory=lambda: AtHand(4))
    outlines: AtHand[Outline] = field(default_factory=lambda: AtHand(1000))
    assessed: AtHand[Assessment] = field(default_factory=lambda: AtHand(64))
    names: AtHand[str] = field(default_factory=lambda: AtHand(1000))
    opening: Semaphore = field(default_factory=lambda: Semaphore(4))
    concluding: Semaphore = field(default_factory=lambda: Semaphore(8))

    def reading(self, name: str, place: Place, person: UUID) -> Answering:
        """A reading for whoever asks; ``name`` is what it is kept at hand under."""
        reader = self.name_of(person)
        if self.processes is not None:
            return self.processes.reading(name, place, reader)
        return InThisProcess(OpenReading(place, reader, self.opened.get(name)))

    def assess(self, row: Reading) -> Assessment:
        """The assessment of a state of a reading."""

        def look() -> Assessment:
            with self.registry.reading() as session:
                return assessment_of(self.registry, session, row)

        return self.assessed.get((row.file, row.version), look)

    def name_of(self, person: UUID) -> str:
        """What a person is called beside an edit."""

        def look() -> str:
            with self.registry.reading() as session:
                found = session.get(Person, person)
                return "" if found is None else found.name

        return self.names.get(person, look)


def here(request: Request) -> Service:
    """The service that answers."""
    found: Any = request.app.state.service
    assert isinstance(found, Service)
    return found


async def _here(request: Request) -> Service:  # asynchronous only so that no thread is asked to look it up
    return here(request)


def principal(request: Request) -> Principal:
    """Who asks: the one dependency of every door that tells something."""
    return here(request).people.principal(request)


async def _concluding(request: Request) -> AsyncIterator[None]:
    async with here(request).concluding:
        yield


Here = Annotated[Service, Depends(_here)]
Who = Annotated[Principal, Depends(principal)]
CONCLUDING = Depends(_concluding, scope="function")
"""Of every door behind which something is concluded."""
