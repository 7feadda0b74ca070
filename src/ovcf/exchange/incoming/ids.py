"""The ids of what an import adds: they follow from the place in the table, so that nothing is added twice."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from ovcf.exchange.incoming.said import Said

_NAMES = UUID("5b0d9c1e-3f0a-5d1b-9d55-6f4b0f7b8a11")


def patient_id(site: UUID, code: str) -> UUID:
    """Of a patient of a site."""
    return uuid5(_NAMES, f"{site}/{code}")


def fracture_id(site: UUID, line: Said) -> UUID:
    """Of the fracture that a line is about."""
    return uuid5(_NAMES, f"{site}/{line.record}/{line.arm}/fracture")


def fact_id(site: UUID, line: Said, what: str) -> UUID:
    """Of a fact of a line: a visit, an answer, one of several of a kind."""
    window = "fracture" if line.window is None else line.window.value
    number = line.instance if what == line.form else 0
    place = (site, line.record, line.arm, window, line.further, what, number)
    return uuid5(_NAMES, "/".join(map(str, place)))
