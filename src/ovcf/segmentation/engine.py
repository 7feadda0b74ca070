"""One protocol for whatever tells vertebrae in an image: the built-in model, a given label map, others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode, SeriesChoiceError
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.segmentation.builtin_model import builtin_network, model_card
from ovcf.segmentation.closer_look import closer_look
from ovcf.segmentation.external_engines import PROGRAMS, ExternalEngine
from ovcf.segmentation.fusion import PART_OF_CLASS, fused, on_grid_of
from ovcf.segmentation.inference import slice_maps
from ovcf.segmentation.label_map import bodies_from_labels, read_bodies
from ovcf.segmentation.landmark_maps import mri_bias
from ovcf.segmentation.level_evidence import column_seen
from ovcf.segmentation.level_labels import LevelsUncertainError, decided, labellings
from ovcf.segmentation.quality_gate import too_coarse, with_mapped_points
from ovcf.segmentation.schemes import INSTANCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ovcf.imaging.field_of_view import FieldOfView
    from ovcf.segmentation.fusion import SpineMap
    from ovcf.segmentation.inference import Network
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.level_labels import Labelling

    Array = NDArray[np.float64]

ENGINES = ("builtin", "labels", *PROGRAMS)


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
class BuiltinEngine:
    """The model shipped with the package; ``network`` stands in for it where another is to be tried.

    ``closer`` reads the slices that landmarks are found on a second time, on finer pixels.
    """

    network: Network | None = None
    closer: bool = True

    @property
    def name(self) -> str:
        """Model and version."""
        return "built-in model" if self.network is not None else f"built-in model {model_card()['version']}"

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
        """See :class:`Engine`."""
        if role is Role.RADIOGRAPH:
            raise SeriesChoiceError(
                name,
                "is a radiograph, which the built-in model does not read",
                Remedy("Place its landmarks.", RemedyCode.PLACE_LANDMARKS),
            )
        network, ct = self.network or builtin_network(), role is Role.CT
        spine = fused(slice_maps(volume, network, ct=ct))
        if not len(spine):
            raise LabelSchemeError(
                name, "shows no vertebral body that the built-in model recognises",
                Remedy(
                    "Check that it is a sagittal image of the thoracic or lumbar spine, or give a label map.",
                    RemedyCode.GIVE_A_LABEL_MAP,
                ),
            )  # fmt: skip
        if self.closer:
            spine = closer_look(spine, volume, network, ct=ct)
        labels, parts = on_grid_of(spine, volume)

        def named(
            anchors: Mapping[int, Level], column: VertebralColumn, notes: tuple[str, ...] = ()
        ) -> VertebralBodies:
            bodies = bodies_from_labels(labels, name, parts=parts, scheme=INSTANCES, anchors=anchors, column=column)
            # The average error is that of the shipped model; on CT, where cortex is seen, it has none of note.
            bias = mri_bias() if self.network is None and not ct else None
            seen = _with_what_else_is_seen(bodies, spine, parts, notes)
            if (coarse := too_coarse(volume)) is not None:
                seen = replace(seen, withheld=dict.fromkeys(bodies.levels.values(), coarse))
            return replace(seen, engine=self.name, bias=bias)

        if anchors:
            return named(anchors, column)
        try:
            return named(*decided(labelled_by_sight(spine, field), name, field))
        except LevelsUncertainError as question:
            best = question.likely[0]
            raise question.showing(named({len(best.levels): best.levels[-1]}, best.column)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMapEngine:
    """Label maps that somebody else made: a vertebra map, alone or with its subregion map."""

    paths: Sequence[Path]
    scheme: str | None = None

    @property
    def name(self) -> str:
        """The file."""
        return f"label map {self.paths[0].name}"

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


def engine_named(
    name: str,
    *,
    labels: Sequence[Path] = (),
    scheme: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Engine:
    """The engine of this name; ``labels`` and ``scheme`` are for the engine ``labels``, ``progress`` for slow ones.

    Raises:
        SeriesChoiceError: there is no such engine, or no label map for it.
    """
    if name == "builtin":
        return BuiltinEngine()
    if name == "labels" and labels:
        return LabelMapEngine(paths=tuple(labels), scheme=scheme)
    if name in PROGRAMS:
        return ExternalEngine(program=PROGRAMS[name], progress=progress)
    problem = "needs a label map" if name == "labels" else f"{name!r} is not known"
    code = RemedyCode.GIVE_A_LABEL_MAP if name == "labels" else RemedyCode.CHOOSE_THE_ENGINE
    raise SeriesChoiceError("engine", problem, Remedy(f"Choose one of: {', '.join(ENGINES)}.", code))


def labelled_by_sight(spine: SpineMap, field: FieldOfView | None = None) -> tuple[Labelling, ...]:
    """Every labelling of the bodies found, the likeliest first; ``field`` is what the scanner wrote of the image."""
    return labellings(column_seen(spine), field)


def _with_what_else_is_seen(
    bodies: VertebralBodies, spine: SpineMap, parts: Volume, notes: tuple[str, ...]
) -> VertebralBodies:
    discs, sacrum = (Volume(parts.voxels == PART_OF_CLASS[part], parts.affine) for part in ("disc", "sacrum"))
    return replace(
        with_mapped_points(bodies, spine), discs=discs, sacrum=sacrum,
        notes=(*notes, *bodies.notes, *spine.left_out),
    )  # fmt: skip
