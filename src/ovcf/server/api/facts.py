"""What patients answered, what was measured and done, and what happened: entered, corrected, taken back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field

from ovcf.errors import RegistryError
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import outcomes
from ovcf.registry.clinic.patients import patient_of, visit_of
from ovcf.registry.words import EventKind, Instrument, TreatmentKind
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import Day, Fact, LevelName, Line, Reason, Sent, TakenBack, clean_text
from ovcf.server.api.shown import fact_shape

router = APIRouter(tags=["facts"])


class NewAnswer(Sent):
    """What a patient answered: the value of an instrument, or of JOABPEQ its domains."""

    instrument: Instrument
    value: Annotated[float, Field(ge=-1000, le=1000)] | None = None
    answers: dict[Line, Annotated[float, Field(ge=-1000, le=1000)]] = Field(default={}, max_length=50)


class NewDensitometry(Sent):
    """A T-score by DXA of one level or site."""

    site: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(clean_text)]
    t_score: Annotated[float, Field(ge=-1000, le=1000)]
    measured_on: Day | None = None


class NewTreatment(Sent):
    """A treatment with its dates; ``detail`` holds what its kind needs (drug and dose, cement volume, weeks)."""

    kind: TreatmentKind
    started_on: Day
    ended_on: Day | None = None
    levels: list[LevelName] = Field(default=[], max_length=24)
    detail: dict[Line, Line | float | bool | None] = Field(default={}, max_length=50)


class NewEvent(Sent):
    """Something that happened to the fracture or the patient."""

    kind: EventKind
    on: Day
    level: LevelName | None = None


class Correction(Sent):
    """A fact corrected, with the reason; what was recorded before stays."""

    reason: Reason
    changes: dict[Line, Any] = Field(min_length=1, max_length=20)


class Kind(StrEnum):
    """What may be entered."""

    ANSWERS = "answers"
    DENSITOMETRY = "densitometry"
    TREATMENTS = "treatments"
    EVENTS = "events"


_CHECKED: dict[Kind, type[BaseModel]] = {
    Kind.ANSWERS: NewAnswer,
    Kind.DENSITOMETRY: NewDensitometry,
    Kind.TREATMENTS: NewTreatment,
    Kind.EVENTS: NewEvent,
}


@router.get("/patients/{patient}/facts/{kind}")
def list_(here: Here, who: Who, patient: UUID, kind: Kind) -> list[Fact]:
    """All facts of a kind, as they now stand."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = patient_of(session, who, patient)
        return [fact_shape(kind, row) for row in outcomes.facts(session, who, found, kind)]


@router.post("/visits/{visit}/answers", status_code=201)
def answer(here: Here, who: Who, visit: UUID, asked: NewAnswer) -> Fact:
    """What the patient answered at a visit."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = visit_of(writer.session, who, visit)
        row = outcomes.answer(writer, found, asked.instrument, asked.value, asked.answers)
        return fact_shape(Kind.ANSWERS, row)


@router.post("/visits/{visit}/densitometry", status_code=201)
def densitometry(here: Here, who: Who, visit: UUID, asked: NewDensitometry) -> Fact:
    """A T-score by DXA."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = visit_of(writer.session, who, visit)
        row = outcomes.densitometry(writer, found, asked.site, asked.t_score, asked.measured_on)
        return fact_shape(Kind.DENSITOMETRY, row)


@router.post("/episodes/{episode}/treatments", status_code=201)
def treat(here: Here, who: Who, episode: UUID, asked: NewTreatment) -> Fact:
    """A treatment."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = outcomes.episode_of(writer.session, who, episode)
        row = outcomes.treat(
            writer,
            found,
            asked.kind,
            asked.started_on,
            ended_on=asked.ended_on,
            levels=tuple(asked.levels),
            detail=asked.detail,
        )
        return fact_shape(Kind.TREATMENTS, row)


@router.post("/episodes/{episode}/events", status_code=201)
def happened(here: Here, who: Who, episode: UUID, asked: NewEvent) -> Fact:
    """Something that happened."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = outcomes.episode_of(writer.session, who, episode)
        return fact_shape(Kind.EVENTS, outcomes.happened(writer, found, asked.kind, asked.on, level=asked.level))


@router.patch("/facts/{kind}/{fact}")
def correct(here: Here, who: Who, kind: Kind, fact: UUID, asked: Correction) -> Fact:
    """Correct a fact; what was recorded before stays."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        old = outcomes.fact_of(writer.session, who, kind, fact)
        changes = _checked(kind, old, asked.changes)
        return fact_shape(kind, writer.replace(old, asked.reason, **changes))


@router.post("/facts/{kind}/{fact}/retraction", status_code=204)
def take_back(here: Here, who: Who, kind: Kind, fact: UUID, asked: TakenBack) -> None:
    """Take a fact back; that it was recorded stays."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        writer.retract(outcomes.fact_of(writer.session, who, kind, fact), asked.reason)


def _checked(kind: Kind, old: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes, if the fact with them could have been entered.

    Raises:
        RegistryError: a field is unknown, or a value does not fit.
    """
    from pydantic import ValidationError

    form = _CHECKED[kind]
    now = {name: getattr(old, name) for name in form.model_fields}
    if unknown := sorted(changes.keys() - form.model_fields.keys()):
        raise RegistryError("changes", f"{unknown[0][:60]!r} is no field of this", f"Fields: {', '.join(now)}.")
    if changes.get("instrument", now.get("instrument")) != now.get("instrument"):
        raise RegistryError("instrument", "cannot be changed", "Take this answer back, and enter another.")
    try:
        whole = form.model_validate(now | changes)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "changes"
        raise RegistryError(where, str(first["msg"]), "Correct what was sent.") from None
    found = {name: getattr(whole, name) for name in changes}
    outcomes.check(kind, {name: getattr(whole, name) for name in form.model_fields})
    return found
