"""One study of a batch, before anybody has opened it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from ovcf.errors import ClinicalDataError

if TYPE_CHECKING:
    from collections.abc import Mapping

NONE_REPORTED = "none"
"""What ``reported`` says where a radiologist's report names no fracture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySource:
    """One study: what it is called, where its files are, and what is known of it.

    ``paths`` are folders, zips or files on disk, or addresses that :mod:`ovcf.batch.sources.fetch` knows. ``clinical``
    is a file of clinical facts; ``levels``, ``roles`` and ``fracture`` answer what the images leave open, written as
    for ``ovcf assess``. ``reported`` holds the levels of the fractures that the radiologist's report names, ``none``
    where it names none, empty where nobody looked. ``patient`` is whom a worklist names.
    """

    study: str
    paths: tuple[str, ...]
    patient: str = ""
    clinical: str = ""
    levels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fracture: str = ""
    reported: str = ""

    @property
    def options(self) -> dict[str, Any]:
        """What an assessment is told beside the images; it is a part of the key of the result."""
        given = {"levels": list(self.levels), "roles": list(self.roles), "fracture": self.fracture}
        return {name: value for name, value in given.items() if value}


SEVERAL = ("paths", "levels", "roles")
NAMES = tuple(f.name for f in fields(StudySource))


def as_row(source: StudySource) -> dict[str, Any]:
    """A row of a manifest."""
    return asdict(source)


def of_row(row: Mapping[str, Any]) -> StudySource:
    """The study that a row of a manifest names; a text that holds several is cut at semicolons.

    Raises:
        ClinicalDataError: it has no name or no path.
    """
    found: dict[str, Any] = {}
    for name in NAMES:
        value = row.get(name)
        if name in SEVERAL:
            parts = str(value).split(";") if isinstance(value, str) else [str(part) for part in value or ()]
            found[name] = tuple(part.strip() for part in parts if part.strip())
        else:
            found[name] = "" if value is None else str(value).strip()
    if not found["study"] or not found["paths"]:
        lacks = "study" if not found["study"] else "path"
        raise ClinicalDataError("manifest", f"a row has no {lacks}: {dict(row)}", f"Fill in the column {lacks}.")
    return StudySource(**found)
