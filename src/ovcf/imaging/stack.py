"""Slices into volumes, by where they lie in the patient; never by file name, number or order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.language.worded import joined, say
from ovcf.plausible import check_spacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_SAME_DIRECTION = np.cos(np.radians(0.5))
_SAME_PLACE_MM = 0.02
_UNEVEN = 0.1
"""How far, in slice distances, a slice may lie from its place: positions are stored rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Where one stored frame lies.

    ``corner`` is the centre of its first pixel (LPS mm); ``along_row`` and ``along_column`` point towards rising
    column and row index; ``spacing_mm`` is (row, column). ``contrast`` names what may differ between images of the
    same place (echo, phase, time), most telling first. ``frame`` is its number in ``file``.
    """

    file: str
    frame: int
    corner: Array
    along_row: Array
    along_column: Array
    spacing_mm: tuple[float, float]
    shape: tuple[int, int]
    thickness_mm: float | None = None
    contrast: tuple[tuple[str, str], ...] = ()

    @property
    def normal(self) -> Array:
        """Unit normal of the slice."""
        return np.asarray(np.cross(self.along_row, self.along_column))


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Slices in order, and the affine of ``(slice, row, column)`` to LPS mm; ``named`` tells split series apart."""

    slices: tuple[Slice, ...]
    affine: Array
    named: str = ""
    notes: tuple[str, ...] = ()


def stack(slices: Sequence[Slice], series: str) -> list[Stack]:
    """The complete volumes that the slices of one series make: usually one, several for several echoes or planes.

    Raises:
        SeriesGeometryError: missing slices, repeated slices, mixed orientations, sizes or spacings.
    """
    planes = by_orientation(slices)
    if len(planes) > 1:
        normals = [plane[0].normal for plane in planes]
        widest = min(abs(float(a @ b)) for i, a in enumerate(normals) for b in normals[:i])
        if widest > np.cos(np.radians(30)) or min(map(len, planes)) < 3:
            raise SeriesGeometryError(
                say("series {series}", series=series),
                say("its slices lie in {planes} orientations ({counts})", planes=len(planes), counts=_counts(planes)),
                "Give one stack: export each orientation as a series of its own.",
            )
    stacks = []
    for plane in planes:
        _check_uniform(plane, series)
        named = say("plane {rounded}", rounded=_rounded(plane[0].normal)) if len(planes) > 1 else ""
        stacks += [
            _complete(part, series, ", ".join(filter(None, (named, what)))) for what, part in _by_contrast(plane)
        ]
    return stacks


def by_orientation(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Slices grouped by the direction of their rows and columns, within half a degree."""
    groups: list[list[Slice]] = []
    for one in slices:
        for group in groups:
            first = group[0]
            if min(first.along_row @ one.along_row, first.along_column @ one.along_column) > _SAME_DIRECTION:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _check_uniform(slices: Sequence[Slice], series: str) -> None:
    for what, values in (
        ("sizes", {s.shape for s in slices}),
        ("pixel spacings", {tuple(round(mm, 4) for mm in s.spacing_mm) for s in slices}),
    ):
        if len(values) > 1:
            shown = ", ".join(" x ".join(map(str, v)) for v in sorted(values))
            raise SeriesGeometryError(
                say("series {series}", series=series),
                say("its slices have different {what}: {shown}", what=what, shown=shown),
                "Give one acquisition: export the series again without added or reformatted images.",
            )


def _by_contrast(slices: Sequence[Slice]) -> list[tuple[str, list[Slice]]]:
    """Split images of the same places by what tells them apart; a series without repeated places stays whole."""
    parts = [("", list(slices))]
    for index in range(max(len(s.contrast) for s in slices)):
        split: list[tuple[str, list[Slice]]] = []
        for name, part in parts:
            groups: dict[tuple[str, str], list[Slice]] = {}
            for one in part:
                groups.setdefault(one.contrast[index], []).append(one)
            if not 1 < len(groups) <= _most_at_one_place(part):
                split.append((name, part))
                continue
            for (key, value), group in groups.items():
                split.append((", ".join(filter(None, (name, f"{key} {value}"))), group))
        parts = split
    return sorted(parts, key=lambda p: p[0])


def _ordered(slices: Sequence[Slice]) -> tuple[list[Slice], Array]:
    normal = slices[0].normal
    ordered = sorted(slices, key=lambda s: (float(s.corner @ normal), s.file, s.frame))
    return ordered, np.array([float(s.corner @ normal) for s in ordered])


def _repeated(slices: Sequence[Slice]) -> tuple[Slice, Slice, float] | None:
    ordered, heights = _ordered(slices)
    close = np.flatnonzero(np.diff(heights) < _SAME_PLACE_MM)
    return (ordered[close[0]], ordered[close[0] + 1], float(heights[close[0]])) if len(close) else None


def _most_at_one_place(slices: Sequence[Slice]) -> int:
    """How many images share the fullest place: more groups than that would tear a stack apart."""
    _, heights = _ordered(slices)
    places = np.cumsum(np.diff(heights, prepend=heights[0]) >= _SAME_PLACE_MM)
    return int(np.bincount(places).max())


def _complete(slices: Sequence[Slice], series: str, named: str) -> Stack:
    where = say("series {series}", series=series) + (say(" ({named})", named=named) if named else "")
    if (twice := _repeated(slices)) is not None:
        first, second, height = twice
        raise SeriesGeometryError(
            where,
            say(
                "two slices lie at the same position, {height:.2f} mm along the normal: {at} and {at_2}",
                height=height,
                at=_at(first),
                at_2=_at(second),
            ),
            "Remove one of them, or export each acquisition as a series of its own.",
        )
    ordered, heights = _ordered(slices)
    first = ordered[0]
    notes: tuple[str, ...] = ()
    if len(ordered) == 1:
        step = first.normal * (first.thickness_mm or 1.0)
        notes = ("a single slice" + ("" if first.thickness_mm else ", of unknown thickness (1 mm assumed)"),)
    else:
        _check_gaps(ordered, heights, where)
        step = (ordered[-1].corner - first.corner) / (len(ordered) - 1)
        ideal = first.corner + np.arange(len(ordered))[:, None] * step
        off = np.linalg.norm(np.array([s.corner for s in ordered]) - ideal, axis=1)
        if off.max() > max(_UNEVEN * float(np.linalg.norm(step)), _SAME_PLACE_MM):
            worst = ordered[int(off.argmax())]
            raise SeriesGeometryError(
                where,
                say("the slice of {at} lies {max:.2f} mm from its place in the stack", at=_at(worst), max=off.max()),
                "Export the series again as it was acquired.",
            )
    spacing = (float(np.linalg.norm(step)), *first.spacing_mm)
    check_spacing(spacing, (len(ordered), *first.shape), where)
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [step, first.along_column * first.spacing_mm[0], first.along_row * first.spacing_mm[1], first.corner]
    )
    return Stack(tuple(ordered), affine, named, notes)


def _check_gaps(ordered: Sequence[Slice], heights: Array, where: str) -> None:
    gaps = np.diff(heights)
    usual = float(np.median(gaps))
    if len(gaps) == 1 and ordered[0].thickness_mm and gaps[0] > 3 * ordered[0].thickness_mm:
        usual = ordered[0].thickness_mm
    wide = np.flatnonzero(gaps > 1.5 * usual)
    if len(wide):
        i = int(wide[0])
        missing = heights[i] + usual
        lost = joined(
            ", ", (say("{gaps} after {at}", gaps=round(gaps[j] / usual) - 1, at=_at(ordered[int(j)])) for j in wide)
        )
        raise SeriesGeometryError(
            where,
            say(
                "slices are missing: {lost}; the first at {missing:.2f} mm along the normal, between "
                "{heights:.2f} and {heights_2:.2f}, where slices lie {usual:.2f} mm apart",
                lost=lost,
                missing=missing,
                heights=heights[i],
                heights_2=heights[i + 1],
                usual=usual,
            ),
            "Export the whole series again.",
        )
    if np.abs(gaps - usual).max() > max(_UNEVEN * usual, _SAME_PLACE_MM):
        i = int(np.abs(gaps - usual).argmax())
        raise SeriesGeometryError(
            where,
            say(
                "slices are unevenly spaced: {gaps:.2f} mm after {at}, else {usual:.2f} mm",
                gaps=gaps[i],
                at=_at(ordered[i]),
                usual=usual,
            ),
            "Give a series with one slice distance.",
        )


def _at(one: Slice) -> str:
    return one.file if one.frame == 0 else f"{one.file} frame {one.frame + 1}"


def _counts(groups: Sequence[Sequence[Slice]]) -> str:
    return joined("; ", (say("{g} like {at}", g=len(g), at=_at(g[0])) for g in groups))


def _rounded(normal: Array) -> str:
    return "(" + ", ".join(f"{x:.1f}" for x in normal) + ")"
