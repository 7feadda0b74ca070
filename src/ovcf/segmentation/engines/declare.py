"""What an engine says of itself, and the one protocol behind which all of them stand.

A file of this folder names its declaration in ``ENGINE``; :mod:`ovcf.segmentation.engine` finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.imaging.study import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ovcf.imaging.field_of_view import FieldOfView
    from ovcf.imaging.volume import Volume
    from ovcf.segmentation.label_map import VertebralBodies


class Gives(StrEnum):
    """What an engine finds in an image."""

    BODIES = "outlines of vertebral bodies"
    LANDMARKS = "six landmarks of each body"
    LEVELS = "levels"
    CANAL = "spinal canal"
    DISCS = "discs"
    SACRUM = "sacrum"


class Engine(Protocol):
    """What finds vertebral bodies in a volume; everything downstream is the same for all."""

    @property
    def name(self) -> str:
        """Who placed the landmarks, as reports say it."""
        ...

    def segment(
        self,
        volume: Volume,
        role: Role,
        *,
        name: str = "image",
        anchors: Mapping[int, Level] | None = None,
        column: VertebralColumn = STANDARD_COLUMN,
        field: FieldOfView | None = None,
    ) -> VertebralBodies:
        """The bodies in a volume, on its own grid.

        ``anchors`` gives the level of one body by its number (the built-in engine counts from 1, cranial to caudal);
        ``name`` is what errors and reports call the image, ``field`` what the scanner wrote about it.

        Raises:
            LabelSchemeError: no vertebra is seen, or their levels are uncertain and no anchor is given.
            SeriesGeometryError: no sagittal planes can be read from the volume.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller gives an engine: the label maps of the engine ``labels`` with their scheme, and whom to tell what
    goes on."""

    labels: Sequence[Path] = ()
    scheme: str | None = None
    progress: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEngine:
    """An engine by its ``id``, as ``--engine`` takes it.

    ``reads`` are the roles of series that it reads, ``gives`` what it finds there. ``models`` are the files of
    ``model/`` that it runs, whose SHA-256 is checked before they are used. ``licence`` is that of program and weights,
    ``needs`` what must be installed or given besides ovcf (empty: nothing). ``make`` gives the engine.
    """

    id: str
    title: str
    reads: tuple[Role, ...]
    gives: tuple[Gives, ...]
    licence: str
    citation: str = ""
    needs: str = ""
    models: tuple[str, ...] = ()
    make: Callable[[Asked], Engine]
