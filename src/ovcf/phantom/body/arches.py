"""What lies behind the bodies: spinous processes at the midline, then laminae, then pedicles, pillars and foramina.

Drawn from each body's own frame by anatomy; nothing here was learnt from people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.frame import ARCH, ARTICULAR, CIRCLE, NUMBER, SACRUM, SPINOUS, rounded
from ovcf.phantom.body.tissue import Tissue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Canvas, Curve, Frame
    from ovcf.phantom.shape import SpineShape

    Array = NDArray[np.float64]

_SPINOUS_MM = 3.4
"""Half the thickness of a spinous process."""
# Places behind the posterior wall: mm over the depth of the canal there, and t of the body.
_PILLAR = np.array([[0.50, -0.52], [0.78, -0.55], [0.95, 0.10], [1.06, 0.72], [0.72, 0.80], [0.58, 0.15]])
_PEDICLE = np.array([[-0.30, -0.36], [0.0, -0.34], [0.55, -0.30], [0.55, 0.08], [0.0, 0.02], [-0.30, 0.02]])
#: A transverse process that has grown together with the sacrum, from the body's (s, t) above to S1's below; how far to
#: the side it reaches beyond the pillars (mm).
_FUSED_ABOVE, _FUSED_BELOW, _FUSED_MM = ((0.78, -0.2), (0.22, -0.2)), ((0.1, 0.1), (0.6, 0.1)), 8.0
_FORAMEN = np.array([[-0.02, -0.7], [0.55, -0.6], [0.6, 0.95], [-0.02, 0.95]])


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What the posterior elements are drawn from.

    ``pillar_size`` is that of each body's articular pillar over the usual one, ``canal_mm`` from :func:`canal_depths`.
    ``fused`` are the sides (1 the patient's left, -1 the right) where the last lumbar vertebra is one with the sacrum.
    """

    shape: SpineShape
    frames: Mapping[Level, Frame]
    curve: Curve
    pillar_size: Array
    canal_mm: Mapping[Level, float]
    fused: tuple[int, ...] = ()


def canal_depths(shape: SpineShape, frames: Mapping[Level, Frame]) -> dict[Level, float]:
    """How far the canal reaches behind the posterior wall at each body (mm)."""
    found = {}
    for level, f in frames.items():
        d = shape.canal - f.at(0.5, 0.0)
        beside = np.abs(d @ f.caudal) < 0.4 * f.height + 4
        found[level] = float(np.clip((d[beside] @ f.posterior).max(initial=12.0), 10, 26))
    return found


def draw_arches(canvas: Canvas, of: Posterior, lateral_mm: float) -> None:
    """Every posterior element that the slice cuts."""
    for i, body in enumerate(of.shape.bodies):
        level, f = body.level, of.frames[body.level]
        u, dy = of.curve.beside(f, lateral_mm)
        w, behind, down = abs(u), of.canal_mm[level], np.array([0.0, dy])
        sacral, wide = level is Level.S1, level.region in ("lumbar", "sacral")
        number = SACRUM if sacral else NUMBER[level]
        half_canal, outer = (11.5, 17.5) if wide else (9.0, 15.0)
        if w < _SPINOUS_MM and i < len(of.shape.posterior_elements):
            outline = of.shape.posterior_elements[i]
            middle = outline.mean(axis=0)
            thinner = middle + (outline - middle) * (1 - 0.25 * (w / _SPINOUS_MM) ** 2)
            canvas.bone(thinner + down, number, SACRUM if sacral else SPINOUS, 0.8)
        elif w < half_canal:
            back = behind * np.sqrt(1 - (w / (half_canal + 3)) ** 2)
            x = f.depth / 2 + back + np.array([0.5, 6.5, 6.5, 0.5])
            lean = 0.05 * np.array([-1.0, 1.0, 1.0, -1.0])
            lamina = f.at(x / f.depth + lean, np.array([0.02, 0.12, 0.62, 0.60]))
            canvas.bone(rounded(lamina) + down, number, SACRUM if sacral else ARCH)
        elif w < outer:
            _foramen(canvas, f, behind, down)
            pillar = _behind(f, _PILLAR * (of.pillar_size[i], 1.0), behind)
            canvas.bone(rounded(pillar) + down, number, SACRUM if sacral else ARTICULAR)
            canvas.bone(rounded(_behind(f, _PEDICLE, behind)) + down, number, SACRUM if sacral else ARCH)
        elif w < outer + _FUSED_MM and i == len(of.shape.bodies) - 2 and np.sign(u) in of.fused:
            below = of.frames[Level.S1]
            ends = [frame.at(*np.transpose(at)) for frame, at in ((f, _FUSED_ABOVE), (below, _FUSED_BELOW))]
            canvas.bone(rounded(np.concatenate(ends)) + down, number, ARCH)


def _behind(f: Frame, places: Array, canal_mm: float) -> Array:
    return f.at(0.5 + places[:, 0] * canal_mm / f.depth, places[:, 1])


def _foramen(canvas: Canvas, f: Frame, canal_mm: float, down: Array) -> None:
    """The fat below the pedicle with its nerve root."""
    canvas.paint(_behind(f, _FORAMEN, canal_mm) + down, Tissue.EPIDURAL_FAT)
    canvas.paint(f.at(0.5 + 0.25 * canal_mm / f.depth, 0.22) + (2.2, 2.9) * CIRCLE + down, Tissue.ROOT)
