"""Readings: looked at, previewed, edited, undone, signed, taken up again; every change says which state it is for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Body, Header, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Route

from ovcf.errors import ConflictError, NotThereError, RegistryError
from ovcf.reading.file import from_bytes
from ovcf.reading.observing.slices import SliceOutline
from ovcf.registry.access import Act, one, require, within
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import readings as clinic
from ovcf.registry.clinic.derived import derived
from ovcf.registry.tables import Patient, Reading, WorkItem
from ovcf.render.summary import summary
from ovcf.server.api.here import CONCLUDING, Here, Service, Who, here
from ovcf.server.api.shapes import Addendum, Outline, ReadingLine
from ovcf.server.doors import as_json
from ovcf.server.open_reading import StaleError
from ovcf.server.problems import problem
from ovcf.server.views.draft_view import DraftView
from ovcf.server.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ovcf.reading.file import ReadingFile
    from ovcf.reading.session import Session
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.server.at_hand import Answer
    from ovcf.server.concluding.answering import Answering

router = APIRouter(tags=["readings"])

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w\-]+$")]
State = Annotated[str, Header(alias="If-Match", max_length=200)]
Edit = dict[str, Any]
Edits = Annotated[Edit | list[Edit], Body(description="One edit, or several that are made together or not at all.")]
_MAX_EDITS, _MAX_TAGS = 500, 500


class _IdConvertor(StringConvertor):
    """An :data:`Id` in an address; anything else is the business of the door that says what is wrong with it."""

    regex = r"[A-Za-z0-9_-]{1,64}"


register_url_convertor("reading_id", _IdConvertor())


class Saved(NamedTuple):
    """A state that is saved: its number, and where what it was concluded from is stored."""

    revision: int
    seen: clinic.Seen


@dataclass(frozen=True, slots=True)
class InRegistry:
    """A reading that the registry keeps, and who changes it."""

    registry: Registry
    reading: str
    person: UUID
    newest: int
    """The number of the newest state when it was asked for; a write makes sure that it still is."""

    def moved(self, stamp: Hashable) -> bool:
        """Whether there was a newer state already when this was asked for."""
        return not isinstance(stamp, Saved) or stamp.revision < self.newest

    def read(self) -> tuple[ReadingFile, Hashable]:
        """The newest state, and its number."""
        with self.registry.reading() as session:
            row = clinic.newest_row(session, self.reading)
            if row is None:
                raise NotThereError("reading", "is not there", "Check where its address comes from.")
            file, seen = clinic.load_with_seen(self.registry, row)
            return file, Saved(row.revision, seen)

    def write(self, session: Session, after: Hashable) -> Hashable:
        """Keep one more state.

        Raises:
            StaleError: somebody saved meanwhile.
        """
        assert isinstance(after, Saved)
        content = clinic.content_after(session.file, after.seen)
        told, assessment = summary(session), session.assessment()  # before it is this one's turn to write
        try:
            with self.registry.writing(self.person, [content]) as writer:
                last = clinic.newest_with_all(writer.session, self.reading)
                if last is None or last.row.revision != after.revision:
                    raise ConflictError("reading", "was changed meanwhile", "Look at it as it is now.")
                if last.visit is None:
                    raise NotThereError("visit", "is not there", "Check where its address comes from.")
                row = clinic.keep_reading(
                    writer,
                    self.registry,
                    last.visit,
                    session.file,
                    last=last.row,
                    item=last.item,
                    summary=told,
                    assessment=assessment,
                    content=content,
                )
                seen = (
                    after.seen
                    if row.observations == after.seen.observations
                    else clinic.Seen(row.observations, row.file)
                )
                return Saved(row.revision, seen)
        except ConflictError as error:
            raise StaleError(
                "this reading", "has changed since it was shown", "Look at it as it is now, and edit again."
            ) from error


@dataclass(frozen=True, slots=True)
class InStore:
    """A draft that belongs to nobody yet: it can be looked at."""

    registry: Registry
    name: str

    def moved(self, stamp: Hashable) -> bool:
        """Never: a file of the store does not change."""
        return stamp != self.name

    def read(self) -> tuple[ReadingFile, Hashable]:
        """The draft."""
        return from_bytes(self.registry.files.get(self.name), "draft"), self.name

    def write(self, session: Session, after: Hashable) -> Hashable:  # noqa: ARG002  # as every place has it
        """Refuse.

        Raises:
            RegistryError: always.
        """
        raise RegistryError("this draft", "belongs to no patient yet", "Give its study a patient first.")


def opened(here: Service, who: Principal, reading: str, act: Act = Act.READ_CASES) -> Answering:
    """A reading for whoever asks, if they may.

    Raises:
        NotThereError: there is none that they may see. ForbiddenError: they may not do this.
    """
    require(who, act)
    with here.registry.glance() as connection:
        newest = clinic.newest_seen_by(connection, who, reading)
    place = InRegistry(here.registry, reading, who.person, newest)
    return here.reading(reading, place, who.person)


@router.get("/patients/{patient}/readings")
def list_(here: Here, who: Who, patient: UUID) -> list[ReadingLine]:
    """The readings of a patient, oldest first, each in its newest state."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        one(session, who, Patient, patient)
        rows = session.scalars(within(clinic.counting_readings().where(Reading.patient_id == patient), who, Reading))
        newest: dict[str, Reading] = {}
        for row in sorted(rows, key=lambda r: r.revision):
            newest[row.reading] = row
        return [
            ReadingLine(
                id=r.reading,
                patient=r.patient_id,
                visit=r.visit_id,
                revision=r.revision,
                status=r.status.value,
                reader=r.reader,
                confirmed_at=r.confirmed_at,
            )
            for r in sorted(newest.values(), key=lambda r: r.recorded_at)
        ]


@router.get("/readings/{reading}", response_model=View)
async def show(
    here: Here, who: Who, reading: Id, known: Annotated[str, Header(alias="If-None-Match", max_length=_MAX_TAGS)] = ""
) -> Response:
    """The reading as the page shows it. ``ETag`` names its state."""
    return await _shown(here, lambda: who, reading, known)


async def look(request: Request) -> Response:
    """The same for whoever looks again and again: what is asked for most, without what other doors need first."""
    service = here(request)
    known = request.headers.get("if-none-match", "")
    if len(known) > _MAX_TAGS:
        raise RegistryError("If-None-Match", "is too long", "Name the state that you have.")
    return await _shown(service, lambda: service.people.principal(request), request.path_params["reading"], known)


LOOK = Route("/api/v1/readings/{reading:reading_id}", look, methods=["GET"])
"""To be asked before all other doors."""


async def _shown(here: Service, who: Callable[[], Principal], reading: str, known: str) -> Response:
    def at_hand() -> tuple[Answering, Answer | None]:
        found = opened(here, who(), reading)
        return found, found.at_hand()

    found, ready = await run_in_threadpool(at_hand)
    if ready is None:
        async with here.opening:
            ready = await run_in_threadpool(found.told)
    if ready.revision in _tags(known):
        return Response(status_code=304, headers={"ETag": f'"{ready.revision}"'})
    return _view(ready)


@router.patch("/readings/{reading}", response_model=View, dependencies=[CONCLUDING])
def edit(here: Here, who: Who, reading: Id, asked: Edits, state: State) -> Response:
    """Make one edit, or several together. An edit whose ``id`` is in the reading already is not made again."""
    if (no := _unclear(state)) is not None:
        return no
    found = opened(here, who, reading, Act.EDIT_READING)
    return _view(found.edit(_listed(asked), _tag(state)))


@router.post("/readings/{reading}/preview", dependencies=[CONCLUDING])
def preview(here: Here, who: Who, reading: Id, asked: Edits, state: State) -> dict[str, Any]:
    """What would change, were these edits made: only the parts of the view that differ. Nothing is written."""
    if (no := _unclear(state)) is not None:
        return no  # type: ignore[return-value]  # an answer of its own
    found = opened(here, who, reading, Act.EDIT_READING)
    return as_json(found.preview(_listed(asked), _tag(state)))  # type: ignore[return-value]  # sent as written


@router.post("/readings/{reading}/undo", response_model=View, dependencies=[CONCLUDING])
def undo(here: Here, who: Who, reading: Id, state: State) -> Response:
    """Take the newest edit back."""
    if (no := _unclear(state)) is not None:
        return no
    found = opened(here, who, reading, Act.EDIT_READING)
    return _view(found.undo(_tag(state)))


@router.post("/readings/{reading}/redo", response_model=View, dependencies=[CONCLUDING])
def redo(here: Here, who: Who, reading: Id, state: State) -> Response:
    """Take the newest undo back."""
    if (no := _unclear(state)) is not None:
        return no
    found = opened(here, who, reading, Act.EDIT_READING)
    return _view(found.redo(_tag(state)))


@router.post("/readings/{reading}/confirm", response_model=View, dependencies=[CONCLUDING])
def confirm(here: Here, who: Who, reading: Id, state: State) -> Response:
    """Sign the draft. Refused while a level is asked for or an urgent statement has not been seen."""
    if (no := _unclear(state)) is not None:
        return no
    found = opened(here, who, reading, Act.SIGN)
    return _view(found.confirm(_tag(state)))


@router.post("/readings/{reading}/addendum", response_model=View, dependencies=[CONCLUDING])
def addendum(here: Here, who: Who, reading: Id, asked: Addendum, state: State) -> Response:
    """Take a signed reading up again, with the reason; what was signed stays."""
    if (no := _unclear(state)) is not None:
        return no
    found = opened(here, who, reading, Act.SIGN)
    return _view(found.addendum(asked.reason, _tag(state)))


@router.get("/readings/{reading}/draft", response_model=DraftView)
def draft(here: Here, who: Who, reading: Id) -> Response:
    """The reading beside the automatic draft that it began from."""
    return as_json(opened(here, who, reading).draft())


@router.get(
    "/readings/{reading}/pictures/{number}", response_class=Response, responses={200: {"content": {"image/png": {}}}}
)
def picture(here: Here, who: Who, reading: Id, number: Annotated[int, Path(ge=0, le=1_000_000)]) -> Response:
    """One picture of the reading, as PNG."""
    found = opened(here, who, reading, Act.READ_IMAGES).picture(number)
    if found is None:
        raise NotThereError("picture", "is not there", "Ask for one that the reading names.")
    return Response(found, media_type="image/png")


@router.get("/readings/{reading}/outlines")
def outlines(here: Here, who: Who, reading: Id) -> list[Outline]:
    """The outline and the points of every vertebra on every image, in the frame of its landmark set."""
    view = json.loads(opened(here, who, reading).told().body)
    sets = {s["id"]: s for s in view["sets"]}
    return [
        Outline(
            vertebra=id_,
            label=v["label"],
            set=v["set"],
            series=sets[v["set"]]["series"],
            unit=sets[v["set"]]["unit"],
            outline=view["outlines"].get(id_, []),
            points=v["points"],
        )
        for id_, v in view["vertebrae"].items()
    ]


@router.get("/readings/{reading}/outlines/{vertebra}", response_model=tuple[SliceOutline, ...])
def outline_on_slices(here: Here, who: Who, reading: Id, vertebra: Annotated[str, Path(max_length=100)]) -> Response:
    """The outline of one vertebra on every slice of every MR series, in the frame of its landmark set."""
    return as_json(opened(here, who, reading).slices(vertebra))


@router.get("/studies/{study}/draft", response_model=View)
def draft_of_study(here: Here, who: Who, study: UUID) -> Response:
    """The draft of a study that belongs to nobody yet, to look at."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        item: WorkItem = intake.item_of(session, who, study)
        name = derived(session, item, intake.DRAFT)
    if name is None:
        raise NotThereError("draft", "is not there", "It is a reading already, or has not been made yet.")
    place = InStore(here.registry, name)
    return _view(here.reading(name, place, who.person).told())


def _view(told: Answer) -> Response:
    answer = as_json(told.body)
    answer.headers["ETag"] = f'"{told.revision}"'
    return answer


def _listed(asked: Edit | list[Edit]) -> list[Edit]:
    found = asked if isinstance(asked, list) else [asked]
    if not found or len(found) > _MAX_EDITS:
        raise RegistryError("edits", f"are {len(found)}", f"Send 1 to {_MAX_EDITS}.")
    return found


def _unclear(state: str) -> Response | None:
    """A wildcard is no state: an edit is made on what its maker has seen."""
    if state.strip() and state.strip() != "*":
        return None
    return problem(
        428, "If-Match", "says not which state of the reading this is for", "Load the page again.", kind="precondition"
    )


def _tag(text: str) -> str:
    """The state within an entity tag; the page of a single reading sends it bare."""
    return text.strip().removeprefix("W/").strip('"')


def _tags(text: str) -> set[str]:
    return {_tag(part) for part in text.split(",")}
