"""Label maps that somebody else made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import Remedy, RemedyCode, SeriesChoiceError
from ovcf.imaging.study import Role
from ovcf.language.worded import say
from ovcf.segmentation.engines.declare import DeclaredEngine, Gives
from ovcf.segmentation.label_map import read_bodies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ovcf.imaging.field_of_view import FieldOfView
    from ovcf.imaging.volume import Volume
    from ovcf.segmentation.engines.declare import Asked
    from ovcf.segmentation.label_map import VertebralBodies


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMapEngine:
    """Label maps that somebody else made: a vertebra map, alone or with its subregion map."""

    paths: Sequence[Path]
    scheme: str | None = None

    @property
    def name(self) -> str:
        """The file."""
        return say("label map {name}", name=self.paths[0].name)

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
        """See :class:`Engine`; the bodies are on the grid of the map, which is matched to its image downstream."""
        del volume, role, name, field  # the map says where it lies
        return read_bodies(self.paths, scheme=self.scheme, anchors=anchors, column=column)


def _made(asked: Asked) -> LabelMapEngine:
    if not asked.labels:
        raise SeriesChoiceError("engine", "needs a label map", Remedy("Give one.", RemedyCode.GIVE_A_LABEL_MAP))
    return LabelMapEngine(paths=tuple(asked.labels), scheme=asked.scheme)


ENGINE = DeclaredEngine(
    id="labels",
    title="Label map",
    reads=(Role.T2, Role.T1, Role.STIR, Role.FS_T2, Role.CT),
    gives=(Gives.BODIES, Gives.LEVELS, Gives.CANAL, Gives.DISCS, Gives.SACRUM),
    licence="that of whoever drew it",
    needs="a label map of a known scheme (NIfTI)",
    make=_made,
)
