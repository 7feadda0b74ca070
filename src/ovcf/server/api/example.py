"""The example that is always at hand: a digital patient, never a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from ovcf.anatomy import Level
from ovcf.files.workspace import workspace
from ovcf.jobs import queue
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import intake
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import Accepted
from ovcf.vocabulary import FractureShape, Sex

if TYPE_CHECKING:
    from collections.abc import Iterator

router = APIRouter(tags=["studies"])
NAME = "Example: a digital patient, not a person"
RECIPE = Recipe(
    seed=11,
    sex=Sex.FEMALE,
    age_years=74,
    t_score=-3.1,
    kyphosis_deg=17,
    centre=Level.L1,
    field_strength_t=1.5,
    fractures=(FractureRecipe(level=Level.L1, shape=FractureShape.WEDGE, vhl_percent=22),),
)
"""A woman of 74 with a recent wedge fracture of L1."""


@router.post("/example", status_code=202)
def example(here: Here, who: Who, response: Response) -> Accepted:
    """Draw the digital patient and assess it, as a study that belongs to nobody."""
    require(who, Act.WRITE_FACTS)
    with workspace() as folder:
        drawn = list(_drawn(folder))  # takes seconds: nobody else need wait to write meanwhile
        with here.registry.writing(who.person) as writer:
            kept = intake.store_files(writer, here.registry, drawn)
            item = intake.receive(writer, who, kept, name=NAME)
            job = queue.enqueue(writer.session, item, who.person, {})
            accepted = Accepted(study=item.id, job=job.id)
    response.headers["Location"] = f"/api/v1/studies/{accepted.study}"
    return accepted


def _drawn(folder: Path) -> Iterator[intake.Sent]:
    from ovcf.phantom.patient import make_patient

    (visit, *_) = make_patient(RECIPE, folder / "patient")
    study = visit / "study"
    for path in sorted(p for p in study.rglob("*") if p.is_file()):
        yield intake.Sent(path.relative_to(study).as_posix(), path)
