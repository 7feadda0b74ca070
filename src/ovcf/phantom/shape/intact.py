"""The intact column before any fracture: contours and joints from T1 to S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.shape import anatomy
from ovcf.phantom.shape import contour as c

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn

    Array = NDArray[np.float64]


def block(anterior: float, posterior: float, superior: float, inferior: float, concavity: float = 0.05) -> Array:
    """A body of these heights and depths in its own frame, with gently concave endplates and waisted walls."""
    corners = (
        np.array([[-superior, -anterior], [superior, -posterior], [inferior, posterior], [-inferior, anterior]]) / 2
    )
    sa, sp, ip, ia = corners
    height = (anterior + posterior) / 2

    def side(p: Array, q: Array, n: int, bow: Array) -> Array:
        t = np.linspace(0, 1, n + 2)[1:-1, None]
        return np.asarray(p + t * (q - p) + 4 * t * (1 - t) * bow)

    sink, waist = np.array([0.0, concavity * height]), np.array([0.04 * superior, 0.0])
    return c.contour_from_sides(
        corners,
        (side(sa, sp, c.N_ENDPLATE, sink), side(ia, ip, c.N_ENDPLATE, -sink)),
        (side(sp, ip, c.N_WALL, -waist), side(sa, ia, c.N_WALL, waist)),
    )


def intact_column(
    rng: np.random.Generator, column: VertebralColumn, sex: str, age_years: float, height_cm: float | None
) -> tuple[Array, Array]:
    """Contours ``(n, 28, 2)`` in their own frames and joints ``(n - 1, 3)``, from T1 to S3."""
    size = (1.1 if sex == "female" else 1.2) * rng.normal(1, 0.04) * (1 if height_cm is None else height_cm / 168)
    posterior = size * anatomy.of_position(anatomy.PANJABI, "height")
    depth = 0.9 * size * anatomy.of_position(anatomy.PANJABI, "depth")
    position = np.arange(17)
    wedge = np.interp(position, [0, 6, 11, 13, 16], [0.97, 0.93, 0.95, 1.0, 1.12]) + rng.normal(0, 0.015, 17)
    contours = np.stack([block(p * w, p, d, d * 1.03) for p, w, d in zip(posterior, wedge, depth, strict=True)])
    angle = np.interp(position, [0, 6, 11, 13, 16], [1.0, 1.5, 0.5, -5.0, -13.0]) + rng.normal(0, 1.5, 17)
    height = np.interp(position, [0, 3, 8, 12, 16], [4.0, 3.8, 5.0, 7.5, 9.5])
    joints = np.stack([angle, np.zeros(17), height], axis=1)
    return with_sacrum(*in_column(contours, joints, column))


def in_column(contours: Array, joints: Array, column: VertebralColumn) -> tuple[Array, Array]:
    """The standard 17 contours and joints spread over the vertebrae of this column."""
    position = anatomy.positions(column)
    low = np.minimum(position.astype(int), 15)
    share = (position - low)[:, None, None]
    spread = contours[low] * (1 - share) + contours[low + 1] * share
    joined = joints[low] * (1 - share[..., 0]) + joints[low + 1] * share[..., 0]
    return spread, joined


def with_sacrum(contours: Array, joints: Array) -> tuple[Array, Array]:
    """S1 to S3 appended, in proportion to the last lumbar body; the last joint given leads to S1."""
    last = contours[-1]
    height = np.linalg.norm(last[c.SP] - last[c.IP])
    depth = np.linalg.norm(last[c.SP] - last[c.SA])
    segments = [
        block(ha * height, hp * height, sup * depth, inf * depth, 0.03) for ha, hp, sup, inf, _, _ in anatomy.SACRUM
    ]
    below = [(angle, 0.0, gap) for *_, angle, gap in anatomy.SACRUM[:-1]]
    return np.concatenate([contours, segments]), np.concatenate([joints, below])
