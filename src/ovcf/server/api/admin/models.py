"""The model cards: what the shipped models are, what they were made from and judged by, and what they cannot do."""

from __future__ import annotations

from fastapi import APIRouter

from ovcf.errors import OvcfError
from ovcf.registry.access import Act, require
from ovcf.segmentation.network.builtin_model import MODEL, RADIOGRAPH, model_card
from ovcf.segmentation.network.model_files import digests, folder, model_file
from ovcf.server.api.admin.shapes import Models, ModelShape
from ovcf.server.api.here import Here, Who

router = APIRouter(tags=["administration"], prefix="/admin/models")


@router.get("")
def list_(here: Here, who: Who) -> Models:  # noqa: ARG001
    """The shipped models with their cards, and whether each file is the one that was released."""
    require(who, Act.READ_CASES)
    items = shipped()
    known = {one.file for one in items}
    return Models(items=items, others={name: digest for name, digest in digests().items() if name not in known})


def shipped() -> list[ModelShape]:
    """The models of this installation."""
    return [_shape(name) for name in (MODEL, RADIOGRAPH)]


def _shape(name: str) -> ModelShape:
    card = model_card(name)
    try:
        size, released = len(model_file(name)), True
    except OvcfError:
        there = folder().joinpath(name)
        size, released = (len(there.read_bytes()) if there.is_file() else 0), False
    return ModelShape(
        file=name,
        sha256=digests()[name],
        released=released,
        bytes=size,
        name=str(card["name"]),
        version=str(card["version"]),
        card=card,
    )
