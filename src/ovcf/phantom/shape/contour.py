"""One vertebral body as 28 points, its six landmarks and its smooth outline; and stacking bodies across discs.

A contour is ``(..., 28, 2)``: superior anterior corner, 7 points of the superior endplate, superior posterior corner, 5
of the posterior wall, inferior posterior corner, 7 of the inferior endplate, inferior anterior corner, 5 of the
anterior wall. In its own frame the mean of the corners is the origin and x runs from the middle of the anterior corners
to the middle of the posterior ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

N_ENDPLATE, N_WALL = 7, 5
SA, SP, IP, IA = 0, 8, 14, 22
N_POINTS = 28
#: Rows of a contour in the order of ``landmarks.POINTS``.
LANDMARK_ROWS = [SA, SP, IA, IP, SA + 1 + N_ENDPLATE // 2, IP + 1 + N_ENDPLATE // 2]
SUPERIOR, POSTERIOR, INFERIOR = slice(SA, SP + 1), slice(SP, IP + 1), slice(IP, IA + 1)


def rotation(angle_deg: float) -> Array:
    """Matrix turning column vectors from x towards y."""
    a = np.radians(angle_deg)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def landmarks_of(contour: ArrayLike) -> Array:
    """The six points ``(..., 6, 2)`` of contours ``(..., 28, 2)``."""
    return np.asarray(contour, float)[..., LANDMARK_ROWS, :]


def own_frame(contour: Array) -> Array:
    """A contour ``(28, 2)`` moved into its own frame."""
    sa, sp, ip, ia = contour[[SA, SP, IP, IA]]
    x, y = (sp + ip - sa - ia) / 2
    return np.asarray((contour - (sa + sp + ip + ia) / 4) @ rotation(np.degrees(np.arctan2(y, x))))


def _endplate(contour: Array, first: int, second: int) -> tuple[Array, float]:
    """Middle of an endplate and its direction from anterior to posterior, in degrees."""
    dx, dy = contour[second] - contour[first]
    return (contour[first] + contour[second]) / 2, float(np.degrees(np.arctan2(dy, dx)))


def joint_between(upper: Array, lower: Array) -> Array:
    """``(angle_deg, shift_mm, height_mm)`` of the disc between two contours in one frame.

    The angle is positive in kyphosis; shift and height are those of the lower body's superior
    endplate centre from the upper's inferior one, in the frame that halves the angle.
    """
    above, up = _endplate(upper, IA, IP)
    below, down = _endplate(lower, SA, SP)
    shift, height = rotation(-(up + down) / 2) @ (below - above)
    return np.array([down - up, shift, height])


def stack(contours: Array, joints: Array) -> Array:
    """Contours ``(n, 28, 2)`` in their own frames joined by ``(n - 1, 3)`` joints; the first stays where it is."""
    placed = [contours[0]]
    for contour, (angle, shift, height) in zip(contours[1:], joints, strict=True):
        above, up = _endplate(placed[-1], IA, IP)
        below, own = _endplate(contour, SA, SP)
        target = above + rotation(up + angle / 2) @ np.array([shift, height])
        placed.append((contour - below) @ rotation(up + angle - own).T + target)
    return np.stack(placed)


def smooth(points: ArrayLike, step_mm: float = 0.5, *, closed: bool = True) -> Array:
    """A centripetal Catmull-Rom curve through ``(n, 2)`` points, sampled about every ``step_mm``.

    It passes through every point and does not loop between them.
    """
    p = np.asarray(points, float)
    padded = (
        np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    )
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(padded, axis=0), axis=1)))])
    length = np.linalg.norm(np.diff(padded, axis=0), axis=1)[1:-1]
    n = np.maximum(2, np.ceil(length / step_mm).astype(int))
    piece = np.repeat(np.arange(len(n)), n)
    within = (np.arange(len(piece)) - np.repeat(np.cumsum(n) - n, n)) / n[piece]
    k, q = (np.stack([v[piece + j] for j in range(4)]) for v in (knots, padded))
    t = k[1] + within * (k[2] - k[1])

    def blend(a: Array, b: Array, start: Array, stop: Array) -> Array:
        return np.asarray(((stop - t)[:, None] * a + (t - start)[:, None] * b) / (stop - start)[:, None])

    first = [blend(q[j], q[j + 1], k[j], k[j + 1]) for j in range(3)]
    second = [blend(first[j], first[j + 1], k[j], k[j + 2]) for j in range(2)]
    curve = blend(second[0], second[1], k[1], k[2])
    return curve if closed else np.concatenate([curve, p[-1:]])


def contour_from_sides(corners: Array, endplates: tuple[Array, Array], walls: tuple[Array, Array]) -> Array:
    """A contour from corners (SA, SP, IP, IA) and the interior points of its sides.

    ``endplates`` are (superior, inferior), each ``(7, 2)`` from anterior to posterior; ``walls`` (posterior, anterior),
    each ``(5, 2)`` from superior to inferior.
    """
    sa, sp, ip, ia = corners[:, None]
    superior, inferior = endplates
    posterior, anterior = walls
    return np.concatenate([sa, superior, sp, posterior, ip, inferior[::-1], ia, anterior[::-1]])
