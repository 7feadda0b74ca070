"""What an automatic segmentation must not be measured on: withheld, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.mid_sagittal import sagittal_volume
from ovcf.landmarks import CORNERS, POINTS
from ovcf.language.worded import say
from ovcf.segmentation.network.landmark_maps import mapped_points, sinks_mm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.imaging.volume import Volume
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.network.fusion import SpineMap
    from ovcf.segmentation.network.landmark_maps import MappedPoints

    Array = NDArray[np.float64]

MIN_CERTAINTY = 0.70
"""Mean probability of body inside a body."""
MIN_CANAL = 0.3
"""Share of a body's rows with canal behind them: a body without is none, or lies off the slices."""
LARGEST_SD_MM = 3.0
"""Of the median landmark of a body."""
LARGEST_POINT_SD_MM = 2.5
"""Of any landmark of a body, where the outline and the landmark map have been put together."""
LARGEST_USUAL_SD_MM = 1.4
"""Of the median landmark of a whole image: beyond it, height losses err by several points. The middles of endplates
must be as hard to see, since osteophytes blur corners alone (docs/decisions/006)."""
_MIN_TO_BLUR = 3
"""Of fewer bodies each could be hard to see by itself, as a crushed one is."""
LARGEST_PIXEL_MM = 2.5
"""In the plane: the network sees 1 mm, and height losses go astray between 2 and 3 mm (docs/decisions/006)."""
AGREEMENT_MM = 3.0
"""How far the same landmark may lie apart in two contrasts of one patient."""
_MIN_TO_MOVE = 3
"""So many bodies tell that the patient moved between two contrasts; of fewer each could as well be seen wrongly."""
NEAR_BORDER_MM = 3.0
"""A body that ends closer to the border of an image may go on beyond it: masks stop short of the last pixels."""
LARGEST_BULGE = (0.06, 0.09)
"""Share of its depth by which the middle of a superior, an inferior endplate may lie beyond its corners. Endplates are
hollow: of 6,365 vertebrae of the NHANES survey (T4 to L4) one in 2,000 bulges by more than 0.004 or 0.026; the rest is
left to errors of the points. More is disc or neighbour taken for body, as where an endplate has sunk."""
TWO_PITCHES = 1.5
"""A body so many times as high as neighbours lie apart is of two: one is 0.8 times as high, at most 1.37 (survey)."""
_DEPTH_MM = (11.0, 50.0)
_HEIGHT_RATIO = (0.15, 2.2)
"""Bounds of depth (T1 of a small to L5 of a tall adult) and of any height over depth (vertebra plana to the tallest) of
bodies; outside them no vertebra of the shape model lies."""


def uncertain_bodies(
    certainty: Sequence[float], canal: Sequence[float], points: Sequence[MappedPoints]
) -> dict[int, str]:
    """Numbers (from 1) of the bodies whose segmentation is not sure enough, with the reason."""
    found = {}
    for number, (p, behind, mapped) in enumerate(zip(certainty, canal, points, strict=True), 1):
        sd = float(np.nanmedian(mapped.sd_mm)) if np.isfinite(mapped.sd_mm).any() else float("inf")
        if p < MIN_CERTAINTY:
            found[number] = say(
                "the model is unsure of this body (mean probability {p:.2f}, {min_certainty} is required)",
                p=p,
                min_certainty=MIN_CERTAINTY,
            )
        elif behind < MIN_CANAL:
            found[number] = say(
                "no canal is seen behind it ({behind:.0%} of its height): wrong plane, or no vertebra", behind=behind
            )
        elif sd > LARGEST_SD_MM:
            stated = "nowhere to be seen" if not np.isfinite(sd) else say("only known within {sd:.1f} mm", sd=sd)
            found[number] = say(
                "its corners are {stated} ({largest_sd_mm:g} mm are allowed)",
                stated=stated,
                largest_sd_mm=LARGEST_SD_MM,
            )
    return found


def with_mapped_points(bodies: VertebralBodies, spine: SpineMap) -> VertebralBodies:
    """Bodies with the landmarks that the network mapped; those it is not sure of are withheld."""
    mapped = mapped_points(spine)
    unsure = uncertain_bodies(spine.certainty.tolist(), spine.canal.tolist(), mapped)
    return replace(
        bodies,
        mapped={level: mapped[k - 1] for k, level in bodies.levels.items()},
        withheld={bodies.levels[k]: why for k, why in unsure.items() if k in bodies.levels},
    )


def too_coarse(volume: Volume) -> str | None:
    """Why no body of a volume can be measured, where its sagittal pixels are too large; else None."""
    pixel = max(sagittal_volume(volume).spacing_mm[1:])
    if pixel <= LARGEST_PIXEL_MM:
        return None
    return say(
        "pixels of {pixel:.1f} mm are too coarse for landmarks ({largest_pixel_mm:g} mm are allowed)",
        pixel=pixel,
        largest_pixel_mm=LARGEST_PIXEL_MM,
    )


def misshapen(spine: SpineLandmarks) -> dict[Level, str]:
    """Bodies of sizes that no vertebra has, with the reason; only where lengths are millimetres."""
    found = {}
    for v in spine:
        sa, sp, ia, ip = v.array[:4]
        depth = float((np.linalg.norm(sp - sa) + np.linalg.norm(ip - ia)) / 2)
        heights = np.linalg.norm([ia - sa, ip - sp], axis=1)
        ratios = heights / depth
        if v.source.calibrated and not _DEPTH_MM[0] <= depth <= _DEPTH_MM[1]:
            found[v.level] = say(
                "a depth of {depth:.0f} mm is outside the shape model ({depth_mm:g} to {depth_mm_2:g})",
                depth=depth,
                depth_mm=_DEPTH_MM[0],
                depth_mm_2=_DEPTH_MM[1],
            )
        elif ratios.min() < _HEIGHT_RATIO[0] or ratios.max() > _HEIGHT_RATIO[1]:
            found[v.level] = say(
                "heights of {min:.2f} to {max:.2f} of the depth are outside the shape model",
                min=ratios.min(),
                max=ratios.max(),
            )
    return found


def bulging(spine: SpineLandmarks) -> dict[Level, str]:
    """Bodies whose endplate bulges out of the body farther than any does, with the reason."""
    found = {}
    for v in spine:
        if not v.has_middle:
            continue
        sa, sp, ia, ip = v.array[:4]
        depth = float((np.linalg.norm(sp - sa) + np.linalg.norm(ip - ia)) / 2)
        for side, sink, most in zip(("superior", "inferior"), sinks_mm(v.array), LARGEST_BULGE, strict=True):
            if -sink > most * depth:
                found[v.level] = say(
                    "the middle of its {side} endplate lies {depth:.0%} of the depth beyond its corners "
                    "({most:.0%} is allowed): the outline may run into the disc over a sunk endplate",
                    side=side,
                    depth=-sink / depth,
                    most=most,
                )
    return found


def merged(spine: SpineLandmarks) -> dict[Level, str]:
    """Bodies as high as two, with the reason; how far the other bodies lie apart is the yardstick."""
    found = {}
    centres = [v.array[:4].mean(axis=0) for v in spine]
    pitches = [float(np.linalg.norm(b - a)) for a, b in pairwise(centres)]
    for i, v in enumerate(spine):
        others = [pitch for k, pitch in enumerate(pitches) if k not in (i - 1, i)]
        height = float(np.linalg.norm(v.array[2:4].mean(axis=0) - v.array[:2].mean(axis=0)))
        if others and height > TWO_PITCHES * float(np.median(others)):
            found[v.level] = say(
                "its height is {height:.1f} times the distance of the other vertebrae: two bodies may be taken for one",
                height=height / float(np.median(others)),
            )
    return found


def near_border(bodies: VertebralBodies) -> dict[Level, str]:
    """Bodies that end within :data:`NEAR_BORDER_MM` of the border of their image, with the reason.

    A border to the left or right does not count.
    """
    from scipy.ndimage import find_objects

    labels, boxes = bodies.labels, find_objects(bodies.labels.voxels)
    across, _ = labels.axis_towards((1.0, 0.0, 0.0))
    found = {}
    for label, level in bodies.levels.items():
        gaps = [
            min(side.start, size - side.stop) * mm
            for axis, (side, size, mm) in enumerate(
                zip(boxes[label - 1], labels.voxels.shape, labels.spacing_mm, strict=True)
            )
            if axis != across
        ]
        if min(gaps) < NEAR_BORDER_MM:
            found[level] = say(
                "it ends within {near_border_mm:g} mm of the border of the image, which may cut it off",
                near_border_mm=NEAR_BORDER_MM,
            )
    return found


def uncertain_landmarks(spine: SpineLandmarks) -> dict[Level, str]:
    """Bodies with a landmark that is not known well enough, with the reason; a landmark without an SD passes."""
    found = {}
    for v in spine:
        sd = np.array(v.sd if v.sd is not None else 0.0, float)
        if v.source.calibrated and sd.max() > LARGEST_POINT_SD_MM:
            worst = POINTS[int(np.argmax(sd))].replace("_", " ")
            found[v.level] = say(
                "its {worst} is only known within {max:.1f} mm ({largest_point_sd_mm:g} mm are allowed): "
                "outline and landmark map disagree there",
                worst=worst,
                max=sd.max(),
                largest_point_sd_mm=LARGEST_POINT_SD_MM,
            )
    return found


def unsharp(spine: SpineLandmarks) -> dict[Level, str]:
    """Every body, with the reason, where landmarks are hard to see all over the image; one without an SD counts not.

    Noise and motion blur the middles of endplates as they do corners; osteophytes blur corners alone, body by body.
    """
    sd = [np.array(v.sd) for v in spine if v.sd is not None and v.source.calibrated]
    usual, middles = (
        float(np.median([np.median(s[part]) for s in sd if len(s[part])] or [np.inf]))
        for part in (slice(None), slice(len(CORNERS), None))
    )
    if len(sd) < _MIN_TO_BLUR or min(usual, middles) <= LARGEST_USUAL_SD_MM:
        return {}
    why = say(
        "noise or motion: landmarks of this image are only known within {usual:.1f} mm as a rule "
        "({largest_usual_sd_mm:g} mm are allowed)",
        usual=usual,
        largest_usual_sd_mm=LARGEST_USUAL_SD_MM,
    )
    return {v.level: why for v in spine}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two contrasts of one patient agree on the bodies that both show.

    ``median_mm`` is the median distance of the same landmark (NaN where no body is shared) and ``apart`` names the
    bodies that lie farther apart than :data:`AGREEMENT_MM`, both once the motion of the whole spine between the two, of
    ``moved_mm`` on average, is taken off. ``elsewhere`` counts sure bodies of the second contrast that lie among those
    of the first but match none. ``second`` holds the landmarks of the second contrast without the motion.
    """

    compared: int
    median_mm: float
    moved_mm: float
    apart: Mapping[Level, str] = field(default_factory=dict)
    elsewhere: int = 0
    second: Mapping[Level, Array] = field(default_factory=dict)


def agreement(first: Mapping[Level, Array], second: Mapping[Level, Array]) -> Agreement:
    """Compare the landmarks ``(6, 2)`` of each body in two contrasts, in millimetres of one sagittal plane."""
    levels = sorted(first.keys() & second.keys(), key=lambda level: level.rank)
    if not levels:
        return Agreement(0, float("nan"), 0.0)
    one, other = (np.concatenate([np.asarray(points[level], float) for level in levels]) for points in (first, second))
    fitted = _rigidly_onto(one, other) if len(levels) >= _MIN_TO_MOVE else other
    back = dict(zip(levels, np.split(fitted, len(levels)), strict=True))
    return Agreement(
        compared=len(levels),
        median_mm=float(np.median(np.linalg.norm(one - fitted, axis=1))),
        moved_mm=float(np.linalg.norm(other - fitted, axis=1).mean()),
        apart=disagreement(first, back),
        second=back,
    )


def _rigidly_onto(target: Array, points: Array) -> Array:
    """Points turned and shifted onto a target with the least sum of distances, so that a few wrong ones pull little."""
    weight = np.ones(len(points))
    fitted = points
    for _ in range(30):
        here, there = (np.average(x, axis=0, weights=weight) for x in (points, target))
        u, _, vt = np.linalg.svd(((points - here) * weight[:, None]).T @ (target - there))
        turn = u @ np.diag([1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
        fitted = (points - here) @ turn + there
        weight = 1 / np.maximum(np.linalg.norm(fitted - target, axis=1), 0.2)
    return np.asarray(fitted)


def disagreement(first: Mapping[Level, Array], second: Mapping[Level, Array]) -> dict[Level, str]:
    """Bodies whose landmarks (six points in one frame, mm) differ between two contrasts of one patient.

    The median distance counts: one point beside an osteophyte withholds nothing.
    """
    found = {}
    for level in sorted(first.keys() & second.keys(), key=lambda level: level.rank):
        away = np.linalg.norm(np.asarray(first[level]) - np.asarray(second[level]), axis=-1)
        if float(np.median(away)) > AGREEMENT_MM:
            worst = POINTS[int(np.argmax(away))].replace("_", " ")
            found[level] = say(
                "two contrasts place it {median:.1f} mm apart ({worst} {max:.1f} mm)",
                median=np.median(away),
                worst=worst,
                max=away.max(),
            )
    return found
