"""The intact column before any fracture: contours and joints from T1 to S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import published_sizes
from ovcf.phantom.shape.fracture import heights, with_heights
from ovcf.phantom.shape.sacrum import segments
from ovcf.phantom.shape.shape_model import packaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn

    Array = NDArray[np.float64]


#: The survey's ages (80 means 80 or more); older and younger people are drawn as of these ages.
SURVEY_AGES = (40.0, 80.0)


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
    rng: np.random.Generator,
    column: VertebralColumn,
    sex: str,
    age_years: float,
    height_cm: float | None,
    *,
    whole_sacrum: bool = False,
) -> tuple[Array, Array]:
    """Contours ``(n, 28, 2)`` in their own frames and joints ``(n - 1, 3)``, from T1 to S3, or S5 if it is whole."""
    age = float(np.clip(age_years, *SURVEY_AGES))
    contours, joints = packaged().draw(rng, male=sex == "male", age_years=age, height_cm=height_cm)
    above = [_like(contours[0], level, "T4") for level in ("T1", "T2", "T3")]
    below = _like(contours[-1], "L5", "L4")
    ends = {level: _joint(rng, level) for level in published_sizes.DISC_BELOW}
    # A generator of its own, so that what the sacrum draws changes nothing else of a seed's patient.
    return (with_whole_sacrum if whole_sacrum else with_sacrum)(
        rng.spawn(1)[0],
        *in_column(
            np.concatenate([above, contours, [below]]),
            np.concatenate([[ends["T1"], ends["T2"], ends["T3"]], joints, [ends["L4"], ends["L5"]]]),
            column,
        ),
    )


def _like(neighbour: Array, level: str, of: str) -> Array:
    """The contour of a level beyond the survey, in proportion to its neighbour's, with its own wedge."""
    here, there = published_sizes.PANJABI[level], published_sizes.PANJABI[of]
    scaled = neighbour * (here.depth / there.depth, here.height / there.height)
    _, hm, hp = heights(scaled)
    ratio = published_sizes.ANTERIOR_RATIO[level]
    return c.own_frame(with_heights(scaled, np.array([ratio * hp, hm * (1 + ratio) / 2, hp])))


def _joint(rng: np.random.Generator, level: str) -> tuple[float, float, float]:
    angle, sd, height = published_sizes.DISC_BELOW[level]
    return rng.normal(angle, sd), 0.0, height * rng.normal(1, 0.1)


def in_column(contours: Array, joints: Array, column: VertebralColumn) -> tuple[Array, Array]:
    """The standard 17 contours and joints spread over the vertebrae of this column."""
    position = published_sizes.positions(column)
    low = np.minimum(position.astype(int), 15)
    share = (position - low)[:, None, None]
    spread = contours[low] * (1 - share) + contours[low + 1] * share
    joined = joints[low] * (1 - share[..., 0]) + joints[low + 1] * share[..., 0]
    return spread, joined


def with_sacrum(rng: np.random.Generator, contours: Array, joints: Array) -> tuple[Array, Array]:
    """S1 to S3 appended, in proportion to the last lumbar body; the last joint given leads to S1.

    In some people S1 is nearly square and has a disc below, as a lumbar body has.
    """
    last = contours[-1]
    height = float(np.linalg.norm(last[c.SP] - last[c.IP]))
    depth = float(np.linalg.norm(last[c.SP] - last[c.SA]))
    kinds = published_sizes.SACRAL_DISC
    _, (low, high), lower_depth, bend = kinds[rng.choice(len(kinds), p=[kind[0] for kind in kinds])]
    sizes = [list(segment) for segment in published_sizes.SACRUM]
    sizes[0][3:] = lower_depth, bend * sizes[0][4], rng.uniform(low, high)
    sizes[1][2] = lower_depth - 0.02
    segments = [block(ha * height, hp * height, sup * depth, inf * depth, 0.03) for ha, hp, sup, inf, _, _ in sizes]
    below = [(angle, 0.0, gap) for *_, angle, gap in sizes[:-1]]
    return np.concatenate([contours, segments]), np.concatenate([joints, below])


def with_whole_sacrum(rng: np.random.Generator, contours: Array, joints: Array) -> tuple[Array, Array]:
    """S1 to S5 appended, as :mod:`ovcf.phantom.shape.sacrum` draws them; the last joint given leads to S1."""
    last = contours[-1]
    height, depth = (float(np.linalg.norm(last[c.SP] - last[other])) for other in (c.IP, c.SA))
    sizes, below = segments(rng, height, depth)
    blocks = [block(*four, 0.03) for four in sizes]
    return np.concatenate([contours, blocks]), np.concatenate([joints, below])
