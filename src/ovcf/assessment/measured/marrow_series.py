"""One MR series with its bodies, canal and reference marrow: what every measurement of marrow signal is made on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.imaging.study import Role
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast
from ovcf.measures.signal.bone_quality import csf_roi
from ovcf.measures.signal.edema import DRAWN, Outline
from ovcf.measures.signal.marrow import PROGRAM_INSIDE_MM, PROGRAM_OUTLINE_SD_MM, THRESHOLD_SD
from ovcf.measures.signal.recent_fracture import BodySignal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.imaging.volume import Volume
    from ovcf.landmarks import Source
    from ovcf.measures.declare import Acquisition
    from ovcf.measures.signal.marrow import MarrowReference

CONTRASTS = {Role.T1: Contrast.T1, Role.T2: Contrast.T2, Role.STIR: Contrast.FLUID, Role.FS_T2: Contrast.FLUID}
"""What each series of marrow is read for."""
_BY_PROGRAM = Outline(sd_mm=PROGRAM_OUTLINE_SD_MM, inside_mm=PROGRAM_INSIDE_MM, end_weight=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOut:
    """What a reader left out of a body: why, who, and its share of the body, 0 to 1."""

    reason: str
    reader: str
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class MarrowSeries:
    """One MR series, sagittal slices first, with its bodies, canal and reference marrow on the same grid."""

    uid: str
    acquisition: Acquisition
    volume: Volume
    bodies: dict[Level, NDArray[np.bool_]]
    canal: NDArray[np.bool_] | None
    reference: MarrowReference
    middle: int
    source: Source
    by_program: bool = False
    apart: Mapping[Level, str] = field(default_factory=dict)
    threshold_sd: float = THRESHOLD_SD
    contrast: Contrast = Contrast.T1
    regions: Mapping[tuple[Level, str], tuple[int, NDArray[np.bool_]]] = field(default_factory=dict)
    """What a reader placed: slice and pixels of a region of "body" or "csf"."""
    threshold_by: str = ""
    """Who set the threshold; empty where it is the automatic one."""
    areas: Mapping[Level, tuple[AreaOut, ...]] = field(default_factory=dict)
    """What a reader left out of each body; ``bodies`` are without it."""
    outside: Mapping[tuple[Level, str], float] = field(default_factory=dict)
    """Share of each region that a reader placed which lies outside of the body, or of the canal."""

    @property
    def voxels(self) -> NDArray[np.generic]:
        """Signal as the scanner gave it."""
        return self.volume.voxels

    @property
    def outline(self) -> Outline:
        """How far a body's outline is trusted: a reader's more than a program's.

        A program cannot tell whether the outermost slices cut the body or only its side wall: they count half.
        """
        return _BY_PROGRAM if self.by_program else DRAWN

    @property
    def spacing(self) -> tuple[float, float, float]:
        """(slice, row, column) spacing, millimetres."""
        return self.volume.spacing_mm

    def body(self, level: Level) -> BodySignal:
        """What the signs of recency take of one vertebra.

        Raises:
            KeyError: the series does not show it.
        """
        return BodySignal(self.volume.voxels, self.bodies[level], self.reference, self.spacing, self.source)

    def flat(self, at: int) -> NDArray[np.float64]:
        """One slice as if the coil were equally near everywhere."""
        image = self.volume.voxels[at].astype(float)
        return self.reference.flattened(image, tuple(slice(0, n) for n in image.shape))

    def slice_of(self, level: Level) -> int:
        """The slice through the middle of this body; scoliosis moves it off that of the spine."""
        area = self.bodies[level].sum(axis=(1, 2))
        return round(float(np.average(np.arange(len(area)), weights=area)))

    def csf(self, level: Level) -> float:
        """Signal of CSF behind a body, the coil's sensitivity divided out: the mean of a region that a reader placed,
        else the median of the one found there.

        Raises:
            MeasurementInputError: there is no canal, or it does not lie behind the body.
        """
        placed = self.placed(level, "csf")
        if placed is not None:
            return placed
        at, mask = csf_region(self, level)
        return float(np.median(self.flat(at)[mask]))

    def placed(self, level: Level, region: Literal["body", "csf"]) -> float | None:
        """Mean signal of the region that a reader placed, the coil divided out; None without one."""
        if (level, region) not in self.regions:
            return None
        at, mask = self.regions[level, region]
        return float(self.flat(at)[mask].mean())


def series_of(prepared: Mapping[Role, MarrowSeries], contrast: Contrast) -> MarrowSeries | None:
    """The series that a contrast is read on."""
    if contrast is Contrast.FLUID:
        return fluid_of(prepared)
    return prepared.get({Contrast.T1: Role.T1, Contrast.T2: Role.T2}[contrast])


def fluid_of(prepared: Mapping[Role, MarrowSeries]) -> MarrowSeries | None:
    """The fluid-sensitive series: STIR, else fat-suppressed T2."""
    return prepared.get(Role.STIR) or prepared.get(Role.FS_T2)


@kept
def csf_region(series: MarrowSeries, level: Level) -> tuple[int, NDArray[np.bool_]]:
    """Slice and pixels of CSF behind a body, on the slice through the middle of the canal there.

    In scoliosis that is not the slice through the middle of the spine, which may graze the canal's fat.

    Raises:
        MeasurementInputError: there is no canal, or it does not lie behind the body.
    """
    if series.canal is None:
        raise MeasurementInputError(
            say("CSF at {level}", level=level),
            "the label map has no spinal canal, so CSF cannot be found",
            "Give a label map with the canal, e.g. the subregion map beside the vertebra map, or place the region.",
        )
    rows = np.flatnonzero(series.bodies[level].any(axis=(0, 2)))
    wide = series.canal[:, rows[0] : rows[-1] + 1].sum(axis=(1, 2))
    at = round(float(np.average(np.arange(len(wide)), weights=wide))) if wide.any() else series.middle
    image, body = series.flat(at), series.bodies[level][at]
    # Fluid is dark on T1 and bright on all others.
    sequence = "T1" if series.contrast is Contrast.T1 else "T2"
    return at, csf_roi(image, series.canal[at], body, sequence=sequence, pixel_mm=series.spacing[1:])
