"""What a published measurement says of itself: unit, what it needs, of which vertebrae, where it is printed, sources.

From one declaration follow its place in an assessment, its columns, its row of the documentation and the JSON Schema.
A file of ``shape/``, ``signal/`` or ``outline/`` names its declarations in ``MEASUREMENTS``;
:mod:`ovcf.measures.registry` finds them. Nothing here measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source, VertebraLandmarks
    from ovcf.measures.measurement import Measurement, Method
    from ovcf.measures.signal.marrow import MarrowReference
    from ovcf.measures.uncertainty import LandmarkFunction
    from ovcf.units import Unit


class Points(StrEnum):
    """Whose points a measurement takes; :data:`TAKEN` gives the order in which its function takes them."""

    OWN = "the vertebra"
    WITH_CRANIAL = "the vertebra and the one above"
    WITH_CAUDAL = "the vertebra and the one below"
    NEIGHBOURS = "both neighbours"
    ALL_THREE = "the vertebra and both neighbours"


TAKEN: Mapping[Points, tuple[int, ...]] = {
    Points.OWN: (0,),
    Points.WITH_CRANIAL: (0, -1),
    Points.WITH_CAUDAL: (0, 1),
    Points.NEIGHBOURS: (-1, 1),
    Points.ALL_THREE: (-1, 0, 1),
}
"""Places of the vertebrae in the column, counted from the one that is measured: -1 is the one above."""


class Contrast(StrEnum):
    """The MR series that a measurement of marrow is read on."""

    T1 = "T1"
    T2 = "T2"
    FLUID = "STIR or fat-suppressed T2"


class Of(StrEnum):
    """What a measurement is made of."""

    EVERY = "every vertebra"
    FRACTURES = "fractured and suspected vertebrae"
    SPINE = "the spine as a whole"


class Printed(StrEnum):
    """Where a measurement stands: also in the summary, in the tables, or in the words of its finding alone."""

    SUMMARY = "summary and tables"
    TABLES = "tables"
    FINDING = "with its finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What all measurements say of themselves.

    ``unit`` None is the unit of length of the image: millimetres, or pixels where it is not calibrated. ``finding``
    is the kind of finding whose making measures it, too; such a measurement has no function of its own.
    """

    method: Method
    unit: Unit | None
    of: Of = Of.EVERY
    printed: Printed = Printed.TABLES
    finding: str = ""

    @property
    def id(self) -> str:
        """That of the method."""
        return self.method.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FromLandmarks(Declared):
    """A measurement of the points of one image.

    ``function`` takes the points ``(..., n, 2)`` of the vertebrae of ``points`` and gives ``(...)``: one patient and a
    cohort are measured by the same function. ``middle``: it needs the middles of the endplates. ``details`` and
    ``warns`` give what stands beside the value.
    """

    points: Points
    middle: bool = False
    function: LandmarkFunction | None = None
    details: Callable[[Sequence[VertebraLandmarks]], tuple[tuple[str, float], ...]] | None = None
    warns: Callable[[float], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """What the scanner wrote about how a series was taken; None where it did not."""

    field_strength_t: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    contrast_agent: bool | None = None


class SignalSeries(Protocol):
    """One MR series as a measurement of marrow sees it, its slices sagittal.

    ``voxels`` and the masks of ``bodies`` are ``(slices, rows, columns)``, right to left, cranial to caudal, anterior
    to posterior, ``spacing`` apart in millimetres; ``middle`` is the slice through the middle of the spine.
    """

    @property
    def voxels(self) -> NDArray[np.generic]:
        """Signal as the scanner gave it."""

    @property
    def bodies(self) -> Mapping[Level, NDArray[np.bool_]]:
        """Which voxels are which vertebral body."""

    @property
    def reference(self) -> MarrowReference:
        """Signal of this patient's unaffected marrow in this series."""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """(slice, row, column) spacing."""

    @property
    def middle(self) -> int:
        """The slice through the middle of the spine."""

    @property
    def source(self) -> Source:
        """Image, day, and who drew the bodies."""

    @property
    def acquisition(self) -> Acquisition:
        """How it was taken."""

    def flat(self, at: int) -> NDArray[np.float64]:
        """One slice ``(rows, columns)`` as if the coil were equally near everywhere."""

    def slice_of(self, level: Level) -> int:
        """The slice through the middle of this body; scoliosis moves it off that of the spine."""

    def csf(self, level: Level) -> float:
        """Signal of CSF behind a body, the coil's sensitivity divided out.

        Raises:
            MeasurementInputError: no region is known there.
        """

    def placed(self, level: Level, region: Literal["body", "csf"]) -> float | None:
        """Mean signal of the region that a reader placed, the coil divided out; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromMarrow(Declared):
    """A measurement of the marrow signal on the series of one ``contrast``.

    ``function`` takes the series, the vertebra (None where ``of`` is the spine as a whole) and the levels that take no
    part: fractured, cemented, diseased. It may raise any OvcfError: the measurement is then withheld with its reason.
    None: it adds nothing to what is there.
    """

    contrast: Contrast
    csf: bool = False
    function: Callable[[SignalSeries, Level | None, frozenset[Level]], Measurement | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOutlines(Declared):
    """A measurement of the closed outline of a body against those of intact neighbours."""


AnyMeasurement = FromLandmarks | FromMarrow | FromOutlines
