"""``ovcf measurements`` and ``ovcf engines``: what is measured and what finds the bodies, as each says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cli.score.score_output import table
from ovcf.cli.streams import say_json

if TYPE_CHECKING:
    from ovcf.measures.registry import Published


def measurements(*, json: bool = False) -> None:
    """List every measurement with its unit and what it needs.

    Try

        ovcf measurements

        ovcf measurements --json

    Args:
        json: Print every declaration as JSON, with definition and sources.
    """
    from ovcf.measures.registry import published

    found = published()
    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(dict).dump_json(found, indent=2).decode())
        return
    rows = ((one.id, one.name, unit_of(one), needs_of(one)) for one in found.values())
    table(("Id", "Measurement", "Unit", "Needs"), rows)


def engines(*, json: bool = False) -> None:
    """List what can look for vertebral bodies: what it reads, gives and needs, its licence.

    Try

        ovcf engines

    Args:
        json: Print every declaration as JSON, with the SHA-256 of the models that it runs.
    """
    from ovcf.segmentation.engine import published

    found = published()
    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(dict).dump_json(found, indent=2).decode())
        return
    rows = (
        (e.id, e.title, ", ".join(role.removeprefix("sagittal ") for role in e.reads), e.needs or "nothing", e.licence)
        for e in found.values()
    )
    table(("Id", "Engine", "Reads", "Needs", "Licence"), rows)


def unit_of(one: Published) -> str:
    """The unit in words."""
    if one.unit is None:
        return "mm or px"
    return one.unit.symbol.strip() or "ratio"


def needs_of(one: Published) -> str:
    """What it is read from, in words."""
    if one.needs == "landmarks":
        return f"landmarks of {one.points}" + (", with the middles" if one.middle else "")
    if one.needs == "marrow":
        return f"marrow on {one.contrast}" + (", CSF" if one.csf else "")
    return "outlines of the body and of intact neighbours"
