"""Every coded concept by what it is of: standard where pydicom's dictionary has it, else of 99OVCF."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ovcf.measures.registry import published
from ovcf.scores.registry import scores

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEME = "99OVCF"
SCHEME_UID = "2.25.196064701562506008845927463339838097940"
"""Of the private coding scheme; it is fixed, whatever is added to the scheme."""
MAX_MEANING = 64
"""Letters that a code meaning may have."""
MAX_VALUE = 16
"""Letters that a code may have."""
SCHEME_NAME = "Private codes of ovcf, see docs/dicom-codes.md"


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept: the ``section`` and ``id`` that ovcf knows it by, and its code."""

    section: str
    id: str
    scheme: str
    value: str
    meaning: str


@cache
def concepts() -> Mapping[str, Mapping[str, Concept]]:
    """Every concept by its section and id."""
    table = tomllib.loads(files("ovcf.coded").joinpath("codes.toml").read_text("utf-8"))
    for section, named in (("measurement", _measurements()), ("score", _scores())):
        table[section] = named | table[section]
    return {section: {id_: _concept(section, id_, row) for id_, row in rows.items()} for section, rows in table.items()}


def _measurements() -> dict[str, list[str]]:
    return {id_: [_derived("measurement", id_), one.name] for id_, one in published().items()}


def _scores() -> dict[str, list[str]]:
    """A score has its id for a code, unless the table gives another: one that is too long for DICOM needs that."""
    found = {}
    for one in scores().values():
        code = f"S-{one.id.upper()}"
        found[one.name] = [code if len(code) <= MAX_VALUE else _derived("score", one.name), one.title]
    return found


def _derived(section: str, id_: str) -> str:
    """The code of what was declared and not yet given one: it can be written all the same."""
    return f"X-{hashlib.sha256(f'{section} {id_}'.encode()).hexdigest()[:12].upper()}"


def id_of(section: str, scheme: str, value: str) -> str | None:
    """Which concept of a section a code stands for; None where it is none of them."""
    return next((c.id for c in concepts()[section].values() if (c.scheme, c.value) == (scheme, value)), None)


def _concept(section: str, id_: str, row: list[str]) -> Concept:
    scheme, value, meaning = row if len(row) == 3 else (SCHEME, *row)
    return Concept(section, id_, scheme, value, meaning[:MAX_MEANING])
