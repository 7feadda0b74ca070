"""Which endplates of a body have given way, and whether its posterior wall bulges, by its and its neighbours' outline.

Everything is measured from the body's own posterior wall, the line through its posterior corners, and compared with
the same of intact neighbours, so that tilt, lordosis and size do not count. Heights lost at the wall itself cannot be
given to one endplate. Limits are rounded choices of this project (docs/validation.md): the sources define the signs by
eye and give none, but for the fifth of the posterior wall that Schnake 2018 asks for OF3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import LandmarkError
from ovcf.geometry import distance, polygon_area, unit_vector
from ovcf.language.worded import say
from ovcf.measures.declare import FromOutlines, Of
from ovcf.measures.measurement import Measurement, Method
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source

    Array = NDArray[np.float64]

EVIDENCE = ("schnake-2018",)
SINK = {
    side: Method(
        f"{side}-endplate-sink",
        say("{side} endplate sunk", side=side.capitalize()),
        "deepest fifth of the endplate along the posterior wall from its posterior corner, less the neighbours' mean, "
        "in percent of the neighbours' posterior height",
        EVIDENCE,
    )
    for side in ("superior", "inferior")
}
WALL_BULGE = Method(
    "posterior-wall-bulge",
    "Posterior wall behind its corners",
    "greatest distance of the posterior outline behind the line of the posterior corners, less the neighbours' mean",
    EVIDENCE,
)
MEASUREMENTS = (
    *(FromOutlines(method=m, unit=Unit.PERCENT, of=Of.FRACTURES, finding="endplates") for m in SINK.values()),
    FromOutlines(method=WALL_BULGE, unit=Unit.MM, of=Of.FRACTURES, finding="posterior wall"),
)
SINK_LIMIT_PERCENT = 10.0
BULGE_LIMIT_MM = 1.0
INTACT_SD = {"superior-endplate-sink": 3.0, "inferior-endplate-sink": 3.0, "posterior-wall-bulge": 0.25}
"""By how much bodies of full shape differ from their neighbours, in the unit of the method: the least standard
uncertainty of a sign (docs/decisions/006). Two neighbours that differ more among themselves raise it."""
_ALONG = np.linspace(0.1, 0.9, 17)
"""Places on an endplate, 0 at its posterior corner, 1 at its anterior one."""
_WALL = np.linspace(0.1, 0.9, 17)


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedBody:
    """The outline ``(n, 2)`` of one body in plane millimetres and its corners ``(4, 2)`` in the order of CORNERS."""

    outline: Array
    corners: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSigns:
    """How far each endplate has sunk (percent of the neighbours' posterior height) and the wall bulges (mm)."""

    superior: Measurement
    inferior: Measurement
    bulge: Measurement

    @property
    def superior_sunk(self) -> bool:
        """Whether the superior endplate has given way."""
        return self.superior.value >= SINK_LIMIT_PERCENT

    @property
    def inferior_sunk(self) -> bool:
        """Whether the inferior endplate has given way."""
        return self.inferior.value >= SINK_LIMIT_PERCENT

    @property
    def bulges(self) -> bool:
        """Whether the posterior wall stands out behind its corners, as in a burst."""
        return self.bulge.value >= BULGE_LIMIT_MM


def profiles(body: OutlinedBody) -> tuple[Array, Array, Array]:
    """Depths of the superior and inferior endplate below their posterior corners, from back to front, and of the
    posterior wall behind the line of its corners, from top to bottom; millimetres.

    Raises:
        LandmarkError: the outline does not reach across the corners.
    """
    sa, sp, ia, ip = np.asarray(body.corners, float)[:4]
    down = unit_vector(ip - sp)
    front = np.array([-down[1], down[0]])
    front = front if front @ (sa - sp) > 0 else -front
    ring = np.asarray(body.outline, float)
    ring = ring if not np.allclose(ring[0], ring[-1]) else ring[:-1]
    ring = ring[::-1] if polygon_area(ring) < 0 else ring
    upper, lower = (_crossings(ring, sp, front, down, _ALONG * float((p - sp) @ front)) for p in (sa, ia))
    superior, inferior = upper.min(axis=1), lower.max(axis=1)
    length = float(distance(sp, ip))
    wall = _crossings(ring, sp, down, front, _WALL * length).min(axis=1)
    found = superior, length - inferior, -wall
    if not all(np.isfinite(p).all() for p in found):
        raise LandmarkError("outline", "does not reach across its own corners", "Check the label map at this level.")
    return found


def outline_signs(level: Level, body: OutlinedBody, neighbours: Sequence[OutlinedBody], source: Source) -> OutlineSigns:
    """The signs of one body against one or two intact neighbours.

    Raises:
        LandmarkError: there is no neighbour, or an outline does not reach across its corners.
    """
    if not neighbours:
        raise LandmarkError(
            say("endplates of {level}", level=level), "have no intact neighbour", "Give the outline of one."
        )
    own, others = profiles(body), [profiles(n) for n in neighbours]
    height = float(np.mean([distance(n.corners[1], n.corners[3]) for n in neighbours]))
    reference = [np.mean([o[k] for o in others], axis=0) for k in range(3)]
    spread = [np.array([abs(_deepest(o[k] - r)) for o in others]) for k, r in enumerate(reference)]

    def made(method: Method, value: float, unit: Unit, k: int, scale: float) -> Measurement:
        # Two neighbours differ among themselves by what intact bodies differ by; one tells nothing of that.
        sd = max(INTACT_SD[method.id], float(np.sqrt(2) * spread[k].mean() * scale) if len(others) > 1 else 0.0)
        return Measurement(
            method=method, value=value, unit=unit, levels=(level,), source=source, standard_uncertainty=sd
        )

    sunk = [100 * _deepest(own[k] - reference[k]) / height for k in range(2)]
    return OutlineSigns(
        superior=made(SINK["superior"], sunk[0], Unit.PERCENT, 0, 100 / height),
        inferior=made(SINK["inferior"], sunk[1], Unit.PERCENT, 1, 100 / height),
        bulge=made(WALL_BULGE, _deepest(own[2] - reference[2]), Unit.MM, 2, 1.0),
    )


def _deepest(profile: Array) -> float:
    """Mean of the deepest fifth: one pixel is no fracture."""
    return float(np.sort(profile)[-max(len(profile) // 5, 1) :].mean())


def _crossings(ring: Array, origin: Array, along: Array, across: Array, at: ArrayLike) -> Array:
    """Where lines at distances ``at`` along an axis cross a closed outline: smallest and largest place on the other
    axis ``(len(at), 2)``; NaN where they miss it.
    """
    a, b = (ring - origin) @ along, (ring - origin) @ across
    a2, b2 = np.roll(a, -1), np.roll(b, -1)
    out = np.full((np.size(at), 2), np.nan)
    for i, x in enumerate(np.asarray(at, float)):
        cut = (a <= x) != (a2 <= x)
        if cut.any():
            place = b[cut] + (x - a[cut]) / (a2[cut] - a[cut]) * (b2[cut] - b[cut])
            out[i] = place.min(), place.max()
    return out


def edema_by_third(edema: ArrayLike, body: ArrayLike) -> tuple[float, float, float]:
    """Percent of the cranial, middle and caudal third of a body that is edema.

    Arrays ``(slices, rows, columns)``, rows cranial to caudal; thirds are taken column by column, so they follow a
    tilted body. A body of one row has no thirds: NaN.
    """
    whole = np.asarray(body) != 0
    box = tuple(slice(int(at.min()), int(at.max()) + 1) if len(at) else slice(0) for at in np.nonzero(whole))
    mask, bright = whole[box], np.asarray(edema)[box] != 0
    place = (np.cumsum(mask, axis=1) - 0.5) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    shares = []
    for low in (0, 1 / 3, 2 / 3):
        part = mask & (place > low) & (place <= low + 1 / 3)
        shares.append(float(100 * bright[part].mean()) if part.any() else float("nan"))
    return shares[0], shares[1], shares[2]
