"""What a digital spine is: bodies, discs, canal and soft tissues as mid-sagittal outlines with known truth.

Everything is in the plane frame of :mod:`ovcf.geometry` (x anterior to posterior, y cranial to caudal), millimetres.
Outlines are ``(n, 2)``, closed without repeating the first point, with positive
:func:`~ovcf.geometry.polygon_area`: counter-clockwise in the axes of the frame, so clockwise on a screen where y runs
down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import PhantomError
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.vocabulary import FractureShape

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHAPES = tuple(FractureShape)


@dataclass(frozen=True, slots=True)
class Fracture:
    """A fracture to make: which vertebra, Genant's shape, and how much.

    ``vhl_percent`` is HAN's vertebral height loss against both neighbours, ``grade`` Genant's 1 to 3 by plain ratios;
    None leaves either to chance. ``posterior_wall`` makes it a burst: the wall bulges into the canal.

    Raises:
        PhantomError: a grade, shape or height loss that does not exist.
    """

    level: Level
    shape: FractureShape
    vhl_percent: float | None = None
    grade: int | None = None
    posterior_wall: bool = False

    def __post_init__(self) -> None:
        where = f"fracture of {self.level}"
        if self.shape not in SHAPES:
            raise PhantomError(where, f"{self.shape!r} is not a shape", f"Give one of {', '.join(SHAPES)}.")
        if self.grade not in (None, 1, 2, 3):
            raise PhantomError(where, f"grade {self.grade} does not exist", "Give 1, 2 or 3, or None.")
        if self.vhl_percent is not None and not 0 <= self.vhl_percent <= 75:
            raise PhantomError(where, f"a height loss of {self.vhl_percent} % cannot be drawn", "Give 0 to 75.")


@dataclass(frozen=True, kw_only=True)
class Body:
    """One vertebral body: its outline, sampled finer than a millimetre, and its true six points, which lie on it."""

    level: Level
    outline: Array
    landmarks: VertebraLandmarks


@dataclass(frozen=True, kw_only=True)
class SpineShape:
    """A spine in its mid-sagittal plane, cranial to caudal.

    ``bodies`` run from T1 to the last lumbar vertebra and S1; ``discs[i]`` lies between ``bodies[i]`` and
    ``bodies[i + 1]``. ``sacrum`` are S1 to S3 (S1 also being the last body) and ``sacral_disc`` what is left of the
    disc between its first two. ``canal`` is the bony canal, ``cord`` the spinal cord down to its conus.
    ``tissues`` are named outlines, drawn in the order of the mapping, later over earlier. ``half_width_mm`` is half the
    lateral width of each body. ``fractures`` are those that were asked for.
    """

    bodies: tuple[Body, ...]
    discs: tuple[Array, ...]
    sacral_disc: Array
    canal: Array
    cord: Array
    sacrum: tuple[Array, ...]
    posterior_elements: tuple[Array, ...]
    tissues: Mapping[str, Array]
    half_width_mm: Mapping[Level, float]
    column: VertebralColumn = STANDARD_COLUMN
    fractures: tuple[Fracture, ...] = field(default=())

    @property
    def spine_landmarks(self) -> SpineLandmarks:
        """The true landmarks; fractured vertebrae are marked as no reference for their neighbours."""
        return SpineLandmarks(
            vertebrae=tuple(body.landmarks for body in self.bodies),
            column=self.column,
            unusable=tuple((f.level, "fractured") for f in self.fractures),
        )
