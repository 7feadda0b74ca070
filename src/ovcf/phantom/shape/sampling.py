"""Draw a spine: an intact column of the wanted person, its fractures, its kyphosis, and the tissues around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import LandmarkError, PhantomError
from ovcf.landmarks import Source, VertebraLandmarks
from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import published_sizes, tissues
from ovcf.phantom.shape.fracture import deformed, draw_heights, heights, retropulsed, with_heights
from ovcf.phantom.shape.intact import intact_column
from ovcf.phantom.shape.sacrum import slope_deg, towards_slope
from ovcf.phantom.shape.spine import Body, SpineShape
from ovcf.phantom.shape.transitional import transitional
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.phantom.shape.spine import Fracture
    from ovcf.phantom.shape.transitional import Transitional

    Array = NDArray[np.float64]

#: How far (degrees) the two discs beside a fracture may together leave their angle to reach a wanted kyphosis.
_DISC_REACH_DEG = 14.0
_MIN_DISC_MM = 1.2


def sample_spine(  # noqa: PLR0913  # what a person is, one by one
    rng: np.random.Generator,
    *,
    sex: Sex | None = None,
    age_years: float | None = None,
    height_cm: float | None = None,
    fractures: Sequence[Fracture] = (),
    kyphosis_deg: float | None = None,
    lumbar: int = 5,
    thoracic: int = 12,
    shift: tuple[float, float] = (0.0, 0.0),
    sacral_slope_deg: float | None = None,
    junction: Transitional | None = None,
) -> SpineShape:
    """One spine of a person of this sex, age and standing height; what is None is drawn.

    Height loss and grade of a fracture refer to its neighbours as they were before any fracture. ``kyphosis_deg`` is
    HAN's local kyphosis angle wanted at the first fracture. ``shift`` (mm) moves the whole spine in its plane; unmoved,
    the origin is the middle of the column's central body. With ``sacral_slope_deg`` the sacrum is whole (S1 to S5) and
    the last discs are turned until its endplate slopes so much to anterior; else S1 to S3 follow as they come. With
    ``junction`` the last lumbar vertebra, or S1, is transitional. The same generator state gives the same spine. The
    survey holds ages of 40 to 80 years: others are drawn as of these.

    Raises:
        PhantomError: a fracture or kyphosis that no body can have, a level without neighbours or named twice, fractures
            that together bend the column past a right angle.
        LevelError: a column that is not a known variant.
    """
    column = VertebralColumn(thoracic=thoracic, lumbar=lumbar)
    levels = [level for level in column.levels if level.region != "cervical"]
    sex = sex or Sex(rng.choice(list(Sex)))
    age_years = float(rng.uniform(50, 85)) if age_years is None else age_years
    whole = sacral_slope_deg is not None
    contours, joints = intact_column(rng, column, sex, age_years, height_cm, whole_sacrum=whole)
    if junction is not None:
        # A generator of its own, so that everything above the junction stays that of the seed.
        contours, joints = transitional(rng.spawn(1)[0], junction, contours, joints, len(levels) - 1)
    if kyphosis_deg is not None and not fractures:
        raise PhantomError("kyphosis", "is wanted at a fracture, but none is asked for", "Name a fracture.")
    if len({fracture.level for fracture in fractures}) < len(fractures):
        raise PhantomError("fractures", "a level appears twice", "Give one fracture for each vertebra.")
    before = heights(contours)
    for number, fracture in enumerate(fractures):
        i = _index(levels, fracture)
        wanted = kyphosis_deg if number == 0 else None
        contours[i] = _fractured(rng, fracture, contours[i], before[i - 1 : i + 2], wanted, joints[i - 1 : i + 1])
        if wanted is not None:
            joints[i - 1 : i + 1] = _with_kyphosis(joints[i - 1 : i + 1], _wedge_deg(contours[i]), wanted)
    mobile = slice(len(levels) - 1)
    if sacral_slope_deg is not None:
        stiff = junction == "sacralised"
        joints[mobile] = _sloped(contours, joints, len(levels), sacral_slope_deg, is_last_stiff=stiff)
    joints[mobile] = _open_discs(contours, joints[mobile])
    placed = _upright(c.stack(contours, joints), len(levels), shift)
    return _assemble(rng, column, levels, placed, tuple(fractures))


def _index(levels: list[Level], fracture: Fracture) -> int:
    where = f"fracture of {fracture.level}"
    if fracture.level not in levels or fracture.level in (levels[0], Level.S1):
        raise PhantomError(where, "is not between two vertebrae of this spine", f"Give {levels[1]} to {levels[-2]}.")
    return levels.index(fracture.level)


def _wedge_deg(contour: Array) -> float:
    upper, lower = contour[c.SP] - contour[c.SA], contour[c.IP] - contour[c.IA]
    return float(np.degrees(np.arctan2(lower[1], lower[0]) - np.arctan2(upper[1], upper[0])))


def _fractured(
    rng: np.random.Generator, fracture: Fracture, contour: Array, before: Array, kyphosis: float | None, joints: Array
) -> Array:
    wedge_mm = None
    if kyphosis is not None:
        depth = np.linalg.norm(contour[[c.SP, c.IP]] - contour[[c.SA, c.IA]], axis=1).mean()
        rest = kyphosis - joints[:, 0].sum()
        low, high = np.tan(np.radians([rest - _DISC_REACH_DEG, rest + _DISC_REACH_DEG])) * depth
        wedge_mm = (float(low), float(high))
    wanted = draw_heights(rng, fracture, before[1], before[[0, 2]], wedge_mm)
    contour = deformed(contour, wanted, rng)
    if fracture.posterior_wall:
        contour = with_heights(retropulsed(contour, float(rng.uniform(2.5, 6.0))), wanted)
    return c.own_frame(contour)


def _with_kyphosis(joints: Array, wedge_deg: float, wanted: float) -> Array:
    """The two joints turned alike until the angle across them and the body is the wanted one."""
    return np.asarray(joints + np.array([(wanted - joints[:, 0].sum() - wedge_deg) / 2, 0.0, 0.0]))


def _sloped(contours: Array, joints: Array, n_levels: int, wanted: float, *, is_last_stiff: bool) -> Array:
    """The mobile joints with which the upright column stands on an endplate of the wanted slope."""
    mobile = joints[: n_levels - 1]
    for _ in range(4):  # turning the column upright again takes a part of it back
        placed = _upright(c.stack(contours, np.concatenate([mobile, joints[n_levels - 1 :]])), n_levels, (0.0, 0.0))
        more = wanted - slope_deg(placed, n_levels - 1)
        mobile = towards_slope(mobile, more, is_last_stiff=is_last_stiff)
    return mobile


def _open_discs(contours: Array, joints: Array) -> Array:
    """The joints with discs high enough that the corners of neighbours keep their distance."""
    out = joints.copy()
    for joint, upper, lower in zip(out, contours, contours[1:], strict=False):
        depth = max(np.linalg.norm(upper[c.IP] - upper[c.IA]), np.linalg.norm(lower[c.SP] - lower[c.SA]))
        joint[2] = max(joint[2], _MIN_DISC_MM + depth * np.sin(np.radians(abs(joint[0]) / 2)))
    return out


def _upright(contours: Array, n_levels: int, shift: tuple[float, float]) -> Array:
    """The column turned so that the middle of its first body stands above the back of the sacral endplate."""
    top, bottom = contours[0].mean(axis=0), contours[n_levels - 1][c.SP]
    x, y = bottom - top
    turned = contours @ c.rotation(np.degrees(np.arctan2(x, y))).T
    return np.asarray(turned - turned[n_levels // 2].mean(axis=0) + np.asarray(shift))


def _assemble(
    rng: np.random.Generator,
    column: VertebralColumn,
    levels: list[Level],
    contours: Array,
    fractures: tuple[Fracture, ...],
) -> SpineShape:
    source = Source(placed_by="truth of a digital patient")
    outlines = [c.smooth(contour) for contour in contours]
    try:
        bodies = tuple(
            Body(
                level=level,
                outline=outline,
                landmarks=VertebraLandmarks.from_array(level, c.landmarks_of(contour), sd=0.0, source=source),
            )
            for level, outline, contour in zip(levels, outlines, contours, strict=False)
        )
    except LandmarkError as error:
        raise PhantomError(
            "fractures",
            f"together bend the column past a right angle ({error.problem})",
            "Ask for fewer or milder ones.",
        ) from None
    around = tissues.around(rng, contours, outlines, column)
    depth = np.linalg.norm(contours[:, c.SP] - contours[:, c.SA], axis=1)
    ratio = np.interp(
        published_sizes.positions(column, with_s1=True),
        range(17),
        published_sizes.of_position(published_sizes.PANJABI, "width")
        / published_sizes.of_position(published_sizes.PANJABI, "depth"),
    )
    return SpineShape(
        bodies=bodies,
        discs=around.discs,
        sacral_disc=around.sacral_disc,
        canal=around.canal,
        cord=around.cord,
        sacrum=tuple(outlines[len(levels) - 1 :]),
        posterior_elements=around.posterior_elements,
        tissues=around.named,
        half_width_mm={level: float(d * r / 2) for level, d, r in zip(levels, depth, ratio, strict=False)},
        column=column,
        fractures=fractures,
    )
