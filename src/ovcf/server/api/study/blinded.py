"""A blinded case on the reading page: the task's reader alone, once, its time measured here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request

from ovcf.errors import ConflictError
from ovcf.registry.access import Act, require
from ovcf.server.api.here import Here, Who, here, principal
from ovcf.server.open_reading import StaleError
from ovcf.study.readers import sitting

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ovcf.reading.file import ReadingFile
    from ovcf.reading.session import Session
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.server.concluding.answering import Answering

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class BlindedCase:
    """A case that a reader was given, and what was done with it so far."""

    registry: Registry
    task: UUID
    reader: UUID

    def moved(self, stamp: Hashable) -> bool:
        """Whether another page has kept a newer state."""
        with self.registry.reading() as session:
            return sitting.revision_of(session, self.task) != stamp

    def read(self) -> tuple[ReadingFile, Hashable]:
        """The case as its reader left it, with its stamp."""
        with self.registry.reading() as session:
            _, task = sitting.task_for(session, self.reader, self.task, now=_now())
            return sitting.draft_of(session, self.registry, task), sitting.revision_of(session, self.task)

    def write(self, session: Session, after: Hashable) -> Hashable:
        """Keep one more state; a signed one is given back, once and for all.

        Raises:
            StaleError: another page saved meanwhile. StudyError: it may not be read now.
        """
        assert isinstance(after, int)
        try:
            with self.registry.writing(self.reader) as writer:
                round_, task = sitting.task_for(writer.session, self.reader, self.task, now=_now())
                return sitting.keep(writer, self.registry, round_, task, session.file, after=after, now=_now())
        except ConflictError as error:
            raise StaleError("this case", "has changed since it was shown", "Load the page again.") from error


def opened(request: Request, task: UUID) -> Answering:
    """The case that the page of a task asks for.

    Raises:
        NotThereError: it is not this reader's. StudyError: it may not be read now.
    """
    service, who = here(request), principal(request)
    _may_read(service.registry, who, task)
    place = BlindedCase(service.registry, task, who.person)
    return service.reading(f"blinded/{task}", place, who.person)


@router.post("/blinded/{task}/api/here", status_code=204)
def still_here(here: Here, who: Who, task: UUID) -> None:
    """The page says that its reader looks at the case."""
    _may_read(here.registry, who, task)
    with here.registry.working() as session:
        _, found = sitting.task_for(session, who.person, task, now=_now())
        sitting.sign_of_life(session, found, now=_now())


def _may_read(registry: Registry, who: Principal, task: UUID) -> None:
    require(who, Act.SIGN)
    with registry.reading() as session:
        sitting.task_for(session, who.person, task, now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
