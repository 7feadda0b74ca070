"""The doors of FHIR: a reading or a patient as a bundle, and the clinical facts of a bundle into a visit."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel

from ovcf.fhir.incoming.into_visit import into_visit
from ovcf.fhir.incoming.understand import understood
from ovcf.fhir.of_registry import patient_resources, reading_resources
from ovcf.fhir.out.bundle import MEDIA_TYPE, collection, to_bytes, transaction
from ovcf.pacs.line.known import known_in
from ovcf.registry.access import Act, require
from ovcf.registry.clinic.patients import patient_of, visit_on
from ovcf.registry.words import Window
from ovcf.server.api.here import Here, Who
from ovcf.server.api.readings import Id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ovcf.fhir.incoming.resources import Told
    from ovcf.fhir.parts import Json

router = APIRouter(tags=["fhir"])
_ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}
Bundle = Annotated[dict[str, Any], Body(description="A FHIR Bundle, R4 or R4B, as application/fhir+json too")]
Subject = Annotated[str | None, Query(max_length=500)]


class FactTaken(BaseModel):
    """A fact that was taken over: the field of the clinical file, its value and day, and what said it."""

    field: str
    value: Any
    day: date | None
    source: str


class NotTaken(BaseModel):
    """What was not taken over, and why."""

    what: str
    why: str


class Imported(BaseModel):
    """What became of a bundle: facts that were taken over, and everything that was not. Without a fact, no visit."""

    visit: UUID | None
    taken: list[FactTaken]
    kept: list[NotTaken]
    left: list[NotTaken]


@router.get("/readings/{reading}/fhir", response_class=Response, responses=_ANSWERS)
def of_reading(
    here: Here, who: Who, reading: Id, identity: bool = False, draft: bool = False, pdf: bool = True, send: bool = False
) -> Response:
    """A signed reading as a bundle, with what the patient answered at its visit.

    The patient goes by the pseudonym; ``identity`` adds who that is, for who may see it. Who may not see identities
    gets it de-identified. ``send`` makes it a transaction for a FHIR server. The audit says that it was exported.
    """
    knows = known_in(here.registry) if identity else None
    found = reading_resources(here.registry, who, reading, knows=knows, draft=draft, pdf=pdf)
    return _answer(found, f"reading-{reading[:8]}", send=send)


@router.get("/patients/{patient}/fhir", response_class=Response, responses=_ANSWERS)
def of_patient(
    here: Here,
    who: Who,
    patient: UUID,
    identity: bool = False,
    draft: bool = False,
    pdf: bool = False,
    send: bool = False,
) -> Response:
    """Everything of a patient: signed readings, answers, what became of the fracture."""
    knows = known_in(here.registry) if identity else None
    found = patient_resources(here.registry, who, patient, knows=knows, draft=draft, pdf=pdf)
    return _answer(found, "patient", send=send)


@router.post("/patients/{patient}/fhir")
def take(
    here: Here,
    who: Who,
    patient: UUID,
    on: date,
    bundle: Bundle,
    window: Window = Window.UNSCHEDULED,
    subject: Subject = None,
) -> Imported:
    """Keep the clinical facts of a bundle at the visit of a day, which is recorded where it is not there yet.

    Of each fact the newest counts, none of a later day. What is recorded there already stays.
    """
    require(who, Act.WRITE_FACTS)
    with here.registry.reading() as session:
        patient_of(session, who, patient)
    found = understood(json.dumps(bundle).encode(), on=on, subject=subject)
    if not found.facts:
        return Imported(visit=None, taken=[], kept=[], left=_told(found.left))
    with here.registry.writing(who.person) as writer:
        whose = patient_of(writer.session, who, patient)
        visit = visit_on(writer, whose, window=window, on=on)
        taken = into_visit(writer, whose, visit, found)
        return Imported(
            visit=visit.entity_id or visit.id,
            taken=[FactTaken(field=f.field, value=f.value, day=f.day, source=f.source) for f in taken.facts],
            kept=_told(taken.kept),
            left=_told(found.left),
        )


def _told(several: Iterable[Told]) -> list[NotTaken]:
    return [NotTaken(what=one.what, why=one.why) for one in several]


def _answer(found: Mapping[str, Json], name: str, *, send: bool) -> Response:
    bundle = transaction(found) if send else collection(found)
    headers = {"Content-Disposition": f'attachment; filename="{name}.fhir.json"'}
    return Response(to_bytes(bundle), media_type=MEDIA_TYPE, headers=headers)
