"""The model shipped with the package."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode, SeriesChoiceError
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.segmentation.engines.declare import DeclaredEngine, Gives
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.levels.level_evidence import column_seen
from ovcf.segmentation.levels.level_labels import LevelsUncertainError, decided, labellings
from ovcf.segmentation.network.builtin_model import MODEL, RADIOGRAPH, builtin_network, model_card
from ovcf.segmentation.network.closer_look import closer_look
from ovcf.segmentation.network.fusion import PART_OF_CLASS, fused, on_grid_of
from ovcf.segmentation.network.inference import slice_maps
from ovcf.segmentation.network.landmark_maps import mri_bias
from ovcf.segmentation.quality_gate import too_coarse, with_mapped_points
from ovcf.segmentation.schemes import INSTANCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.imaging.field_of_view import FieldOfView
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.levels.level_labels import Labelling
    from ovcf.segmentation.network.fusion import SpineMap
    from ovcf.segmentation.network.inference import Network


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
        return (
            "built-in model"
            if self.network is not None
            else say("built-in model {model_card}", model_card=model_card()["version"])
        )

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
                name,
                "shows no vertebral body that the built-in model recognises",
                Remedy(
                    "Check that it is a sagittal image of the thoracic or lumbar spine, or give a label map.",
                    RemedyCode.GIVE_A_LABEL_MAP,
                ),
            )
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
            return named(*decided(candidate_labellings(spine, field), name, field))
        except LevelsUncertainError as question:
            best = question.likely[0]
            raise question.showing(named({len(best.levels): best.levels[-1]}, best.column)) from None


ENGINE = DeclaredEngine(
    id="builtin",
    title="Built-in model",
    reads=(Role.T2, Role.T1, Role.STIR, Role.FS_T2, Role.CT, Role.RADIOGRAPH),
    gives=(Gives.BODIES, Gives.LANDMARKS, Gives.LEVELS, Gives.CANAL, Gives.DISCS, Gives.SACRUM),
    licence="Apache-2.0; trained in part on images under CC BY 4.0, which its card names",
    models=(MODEL, RADIOGRAPH),
    make=lambda _: BuiltinEngine(),
)


def candidate_labellings(spine: SpineMap, field: FieldOfView | None = None) -> tuple[Labelling, ...]:
    """Every labelling of the bodies found, the likeliest first; ``field`` is what the scanner wrote of the image."""
    return labellings(column_seen(spine), field)


def _with_what_else_is_seen(
    bodies: VertebralBodies, spine: SpineMap, parts: Volume, notes: tuple[str, ...]
) -> VertebralBodies:
    discs, sacrum = (Volume(parts.voxels == PART_OF_CLASS[part], parts.affine) for part in ("disc", "sacrum"))
    return replace(
        with_mapped_points(bodies, spine), discs=discs, sacrum=sacrum, notes=(*notes, *bodies.notes, *spine.left_out)
    )
