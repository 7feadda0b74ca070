"""Sclerosis: dense bone beside a worn disc, dark in every contrast of MR and white to X-rays (Modic 3).

Modic 1988 (Radiology 166:193; M) describes it as dark on T1 and T2. Sizes are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.body.lesions import Waves
from ovcf.phantom.body.tissue import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Frame

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

_DEPTH_MM, _MIDDLE, _HALF, _TO_SIDE = (5.0, 11.0), (-0.25, 0.1), (0.45, 0.75), (0.6, 1.0)
"""How deep it reaches; the s of its middle; half its length in depths of the body, and in half widths."""


@dataclass(frozen=True, slots=True, eq=False)
class Sclerosis:
    """The dense bone beneath one endplate; ``side`` is 1 at the inferior one, -1 at the superior one."""

    side: int
    depth_mm: float
    middle: float
    half: float
    to_side: float
    edge: Waves

    @classmethod
    def drawn(cls, rng: np.random.Generator, side: int) -> Sclerosis:
        """One of its own size and border."""
        depth, middle, half, to_side = (float(rng.uniform(*limits)) for limits in (_DEPTH_MM, _MIDDLE, _HALF, _TO_SIDE))
        return cls(side, depth, middle, half, to_side, Waves(rng, frequency=1.6))

    def harden(self, inside: Labels, within: Mask, s: Array, t: Array, u_mm: float, frame: Frame) -> None:
        """Turn what is marrow of ``inside`` and lies in it to dense bone; places (s, t) in the frame of the body."""
        u = u_mm / frame.half_width
        left = 1 - ((s - self.middle) / self.half) ** 2 - (u / self.to_side) ** 2
        reach = self.depth_mm * np.sqrt(np.clip(left, 0, None)) * (1 + 0.12 * self.edge.at(s, t, u))
        beneath = (0.5 - self.side * t) * frame.height
        marrow = np.isin(inside, (Tissue.MARROW, Tissue.POSTERIOR_MARROW))
        # Dense bone is to MR and X-rays what an old fracture leaves: marrow half replaced by bone.
        inside[within & marrow & (beneath < reach)] = Tissue.MARROW_T2_LOW
