"""A lateral radiograph read by the built-in model: vertebral bodies, their six landmarks and levels.

The picture is laid into the sagittal plane as a single slice, so that everything that reads slices reads it. What a
radiograph does not say is found by trying: its scale, where no spacing is given, and which side is anterior. Lengths
stay in pixels unless the image is calibrated; the scale found serves the network and the levels only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode, SeriesChoiceError
from ovcf.geometry import SagittalPlane
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.language.worded import joined, say
from ovcf.segmentation.film.radiograph_anchor import as_far_as_trusted, sacral_anchor, steady, trust
from ovcf.segmentation.film.radiograph_evidence import canal_behind, canal_sureness, head_up, sureness_of, usual_size
from ovcf.segmentation.film.radiograph_gate import unsure
from ovcf.segmentation.film.radiograph_held import (
    FLIPPED,
    STOOD_UP,
    Flip,
    HeldUncertainError,
    as_the_reader_says,
    flipped,
    stood_up,
)
from ovcf.segmentation.film.radiograph_picture import graded, laid, scales
from ovcf.segmentation.film.radiograph_reading import RadiographReading
from ovcf.segmentation.label_map import bodies_from_labels, cut_off
from ovcf.segmentation.levels.counting import unbroken
from ovcf.segmentation.levels.level_evidence import column_seen
from ovcf.segmentation.levels.level_labels import CONFIDENT, Labelling, LevelsUncertainError, decided, labellings
from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network, model_card
from ovcf.segmentation.network.closer_look import closer_look
from ovcf.segmentation.network.fusion import fused, on_grid_of
from ovcf.segmentation.network.inference import slice_maps
from ovcf.segmentation.places import places_of
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.segmentation.quality_gate import bulging, merged, misshapen, near_border, with_mapped_points
from ovcf.segmentation.schemes import INSTANCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.imaging.study import Series
    from ovcf.segmentation.film.radiograph_anchor import SacralAnchor
    from ovcf.segmentation.network.fusion import SpineMap
    from ovcf.segmentation.network.inference import Network

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

_DOUBT = {
    Calibration.CALIBRATED: (1.0,),
    Calibration.DETECTOR: (0.92, 1.0, 1.09),
    Calibration.NONE: (0.8, 0.9, 1, 1.11, 1.25),
}
"""By how much the scale may be off; levels are weighed over all of these."""
_SLICE_MM, _SHEET_MM = 3.0, 1.9
"""Thickness given to the slice that the network reads, and to the label map that outlines are taken from."""
_FIRMER, _AS_MUCH = 0.02, 0.7
"""A mirrored picture is taken for the right one where the canal is surer by so much, and so much of the spine is seen
(docs/decisions/005)."""
_HARDLY = 0.3
"""Where the other way up shows so much less of a spine, it is none. More than that says little: upside down a pelvis
shows as many bodies again as there are."""
_SURELY_UP, _SURELY_DOWN = 1.0, 1.5
"""By how much more must speak for a head at the top (:func:`head_up`) for a picture to pass without a word, and for a
head at the bottom before it is turned. Between the two the reader is asked (docs/decisions/005)."""
_MAY_BE_SACRUM = 0.8
"""With a sacral endplate of this trust (:func:`trust`) in the picture turned upside down, too, the reader is asked."""
_PAST = 0.5
"""Scales rise; where so much less is seen than where bodies were, larger ones (which cost most) are not tried."""
_MIN_CONFIDENCE, _MIN_BODIES, _MIN_CANAL = 0.43, 3, 0.88
"""Median confidence of the bodies, their number, and probability of the canal behind them, of what is taken for a
spine: a chest without one shows less (docs/decisions/005)."""
_AS_WIDE, _HIGHEST_MM, _HINT = 0.9, 700.0, 0.3
"""What lies on its side is at least so many times as wide as high; shows no more than this from head to foot; and its
bodies are seen as surely as this from the wrong side, too (docs/decisions/005)."""
_WIDER, _LESS_MM = 1.6, 1.15
"""A landmark's SD on a radiograph is so many times what the maps and outlines say, less this, and never less than they
say: what lies over a body deceives both alike (docs/decisions/005)."""
_FARTHEST = 1.3
"""A step to the next body so many times as long as those beside it may be over one that was missed; steps to a
true neighbour are shorter (docs/decisions/005)."""
PLANE = SagittalPlane(origin=(0.0, 0.0, 0.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))


@dataclass(frozen=True, slots=True, eq=False)
class SeenRadiograph:
    """What the network sees of a radiograph, not yet labelled.

    ``picture`` ``(rows, columns)`` is ``series``, anterior at the left, from 0 to 1; its pixels are ``mm`` high at the
    patient and ``ratio`` times as wide. ``confidence`` of each body runs from 0 to 1.
    """

    series: Series
    picture: Image
    mm: float
    ratio: float
    spine: SpineMap
    confidence: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """How much spine is seen: bodies, each counted by its confidence."""
        return sum(self.confidence)

    @property
    def centres_px(self) -> Array:
        """The middle of every body ``(n, 2)`` as (column, row), cranial to caudal."""
        return np.asarray(self.spine.centres[:, 1:] * (1, -1) / (self.mm * self.ratio, self.mm))

    @property
    def labellings(self) -> tuple[Labelling, ...]:
        """Which levels the bodies may be, the likeliest first, as far as what they are counted from can be trusted."""
        return as_far_as_trusted(
            self.by_evidence, trust(self.anchor, counted_once=steady(self.spine.centres, self.confidence))
        )

    @property
    def by_evidence(self) -> tuple[Labelling, ...]:
        """The same if what is seen is what it seems: the mean over scales that are equally likely."""
        assert isinstance(self.series.image, ImagePlane)
        factors = _DOUBT[self.series.image.calibration]
        total: dict[tuple[Level, ...], Labelling] = {}
        for x in (x for factor in factors for x in labellings(column_seen(_resized(self.spine, factor)))):
            so_far = total.get(x.levels, replace(x, probability=0.0, usual=0.0))
            total[x.levels] = replace(
                x,
                probability=so_far.probability + x.probability / len(factors),
                usual=so_far.usual + x.usual / len(factors),
            )
        return tuple(sorted(total.values(), key=lambda x: -x.probability))

    @property
    def anchor(self) -> SacralAnchor | None:
        """What is seen of the sacral endplate that levels are counted from."""
        return sacral_anchor(self.spine)


def read_radiograph(
    series: Series,
    *,
    anchors: Mapping[int, Level] | None = None,
    column: VertebralColumn = STANDARD_COLUMN,
    network: Network | None = None,
    flip: Flip | None = None,
) -> RadiographReading:
    """Find, label and measure out the vertebral bodies of a lateral radiograph of any size, polarity and side.

    ``anchors`` gives the level of one body by its number, cranial to caudal from 1. ``network`` stands in for the
    built-in model where another is to be tried. ``flip`` is what a reader says of how the picture is held.

    Raises:
        SeriesChoiceError: not a radiograph. SeriesGeometryError: too small, or it holds no image.
        HeldUncertainError: it may be upside down, or lie on its side. LabelSchemeError: no spine is recognised.
        LevelsUncertainError: its levels are uncertain and no anchor is given.
    """
    return landmarks_on(look_at(series, network=network, flip=flip), anchors=anchors, column=column, network=network)


def look_at(series: Series, *, network: Network | None = None, flip: Flip | None = None) -> SeenRadiograph:
    """The bodies on a radiograph, at the scale and side read most surely; see :func:`read_radiograph`.

    Where neither tags nor a reader (``flip``) say how it is held, the side on which the canal lies is found, and said;
    a picture that seems upside down, or to lie on its side, is never turned but asked about.
    """
    image, name = series.image, series.description or "radiograph"
    if not isinstance(image, ImagePlane):
        raise SeriesChoiceError(
            name,
            "is not a radiograph",
            Remedy("Name the series that is the radiograph.", RemedyCode.NAME_THE_ROLE).having(
                series=name, role=Role.RADIOGRAPH
            ),
        )
    series = series if flip is None else as_the_reader_says(series, image, flip)
    assert isinstance(series.image, ImagePlane)
    network = network or builtin_network(model=RADIOGRAPH)
    best, said = _at_its_scale(series, series.image, name, network), image.oriented or flip is not None
    if not said or (flip is not None and flip.lies):  # of a picture that lay only the head was told
        best = _facing_left(best, network)
    if not said:
        if not _recognised(best) and _lies(series, image, name, network):
            raise _asked_how_held(
                name, "seems to lie on its side, and nothing says how it is held: it is not read before that is clear"
            )
        best = _head_up(best, name, network)
    if not _recognised(best):
        raise LabelSchemeError(
            name,
            "shows no spine that the built-in radiograph model recognises",
            Remedy(
                "Check that it is a lateral radiograph of the thoracic or lumbar spine, or place landmarks.",
                RemedyCode.PLACE_LANDMARKS,
            ),
        )
    return best


def _at_its_scale(
    series: Series, image: ImagePlane, name: str, network: Network, highest_mm: float = float("inf")
) -> SeenRadiograph:
    """The bodies at the scale at which most of a spine is seen, of bodies as large as people's."""
    picture, ratio = graded(image, name)
    best, most = None, 0.0
    for mm in scales(image, highest_mm):
        seen = _seen(series, picture, mm, ratio, network)
        worth = seen.worth * usual_size(seen.spine)
        if most > 1 and worth < _PAST * most:
            break
        best, most = (seen, worth) if best is None or worth > most else (best, most)
    assert best is not None
    return best


def _lies(series: Series, image: ImagePlane, name: str, network: Network) -> bool:
    """Whether a spine is recognised once the picture is turned by 90 degrees, one way or the other.

    Most that is refused shows no spine at all: what is unlikely and would cost as much again is not tried.
    """
    high, wide = np.multiply(image.pixels.shape, image.spacing_mm or 1.0)
    if wide < _AS_WIDE * high:
        return False
    for flip in STOOD_UP:
        standing = stood_up(series, image, flip, STOOD_UP[flip])
        assert isinstance(standing.image, ImagePlane)
        seen = _at_its_scale(standing, standing.image, name, network, _HIGHEST_MM)
        if _recognised(seen) or (_has_bodies(seen, _HINT) and _recognised(_facing_left(seen, network))):
            return True
    return False


def _asked_how_held(name: str, problem: str) -> HeldUncertainError:
    """The question how a picture is held."""
    remedy = "Look at it and say whether the head is at the top, at the bottom, at the left or at the right."
    return HeldUncertainError(name, problem, Remedy(remedy, RemedyCode.SAY_HOW_IT_IS_HELD))


def _recognised(seen: SeenRadiograph) -> bool:
    """Whether a spine is seen, and not merely something like it."""
    return _has_bodies(seen, _MIN_CONFIDENCE) and canal_behind(seen.spine, seen.confidence) >= _MIN_CANAL


def _has_bodies(seen: SeenRadiograph, confidence: float) -> bool:
    return len(seen.spine) >= _MIN_BODIES and float(np.median(seen.confidence)) >= confidence


def _head_up(best: SeenRadiograph, name: str, network: Network) -> SeenRadiograph:
    """The same, with a note where it is not clear that the head is at the top.

    Raises:
        HeldUncertainError: more speaks for a head at the bottom.
    """
    other = _flipped(best, 0, network)
    if trust(best.anchor) < CONFIDENT:  # what is less sure may face the other way as well
        other = _facing_left(other, network)
    more = head_up(best.spine) - head_up(other.spine)
    two_sacra = trust(other.anchor) >= _MAY_BE_SACRUM  # a pelvis the wrong way up may show one as sure as the true one
    if other.worth <= _HARDLY * best.worth or (more >= _SURELY_UP and not two_sacra):
        return best
    if more < -_SURELY_DOWN and (_recognised(best) or _recognised(other)):
        raise _asked_how_held(
            name, "seems to be upside down, and nothing says how it is held: it is not read before that is clear"
        )
    return replace(best, notes=(*best.notes, "check that the head is at the top of this image: it is not clear"))


def landmarks_on(
    seen: SeenRadiograph,
    *,
    anchors: Mapping[int, Level] | None = None,
    column: VertebralColumn = STANDARD_COLUMN,
    network: Network | None = None,
) -> RadiographReading:
    """The six points of every body seen that passes the quality gate; see :func:`read_radiograph`."""
    name, notes = seen.series.description or "radiograph", seen.notes
    if not anchors:
        try:
            anchors, column, how = decided(seen.labellings, name)
        except LevelsUncertainError as question:
            best = question.likely[0]
            provisional = {len(best.levels): best.levels[-1]}
            numbered = landmarks_on(seen, anchors=provisional, column=best.column, network=network)
            raise question.showing(numbered) from None
        notes += how
    as_read, sheet = (laid(seen.picture, seen.mm, seen.ratio, thickness) for thickness in (_SLICE_MM, _SHEET_MM))
    spine = closer_look(seen.spine, as_read, network or builtin_network(model=RADIOGRAPH))
    labels, parts = on_grid_of(spine, sheet)
    nameless = _beyond_a_gap(labels, anchors)
    labels.voxels[np.isin(labels.voxels, [k for run in nameless for k in run])] = 0
    bodies = bodies_from_labels(
        labels,
        name,
        parts=parts,
        scheme=INSTANCES,
        anchors=anchors,
        column=column,
        farthest=_FARTHEST if len(anchors) > 1 else float("inf"),  # one run is left, whatever its steps are like now
    )
    bodies = with_mapped_points(bodies, spine)
    bodies = replace(bodies, truncated={**bodies.truncated, **near_border(bodies)})
    source = seen.series.source(
        say("built-in radiograph model {model_card}", model_card=model_card(RADIOGRAPH)["version"])
    )
    found, withheld = landmarks_from_bodies(bodies, PLANE, source)
    found = replace(found, vertebrae=tuple(_widened(v) for v in found))
    confidence = {level: seen.confidence[number - 1] for number, level in bodies.levels.items()}
    ends = [level for number, level in bodies.levels.items() if number in (1, len(seen.spine))]
    if odd := {**unsure(found, confidence, ends), **bulging(found), **merged(found), **misshapen(found)}:
        withheld += tuple(odd.items())
        found = replace(found, vertebrae=tuple(v for v in found if v.level not in odd)).marked(odd.items())
    if not source.calibrated:
        found = _in_pixels(found, seen.mm)
    return RadiographReading(
        seen.series,
        found,
        seen.mm,
        (*notes, *bodies.notes, *spine.left_out),
        (*withheld, *_why(nameless)),
        places_of(bodies, PLANE, 1.0 if source.calibrated else seen.mm),
        seen.notes,
    )


def _beyond_a_gap(labels: Volume, anchors: Mapping[int, Level]) -> list[list[int]]:
    """The numbers of the bodies between which and an anchor one may have been missed, run by run."""
    from scipy.ndimage import find_objects

    boxes = {k: box for k, box in enumerate(find_objects(labels.voxels), 1) if box}
    if not anchors.keys() & boxes.keys():
        return []  # counting says what is wrong with the anchor
    centres = {k: labels.to_patient(np.argwhere(labels.voxels == k).mean(axis=0)) for k in boxes}
    runs = unbroken(centres, {k for k, box in boxes.items() if not cut_off(labels, box)}, _FARTHEST)
    return [run for run in runs if not anchors.keys() & set(run)]


def _why(nameless: Sequence[Sequence[int]]) -> list[tuple[None, str]]:
    if not nameless:
        return []
    numbers = joined(", ", (str(k) for run in nameless for k in run))
    why = "a vertebra may have been missed in the wide step between there and the level that is known"
    return [(None, say("no names for those counted {numbers}: {why}", numbers=numbers, why=why))]


def _seen(series: Series, picture: Image, mm: float, ratio: float, network: Network) -> SeenRadiograph:
    spine = fused(slice_maps(laid(picture, mm, ratio, _SLICE_MM), network))
    return SeenRadiograph(series, picture, mm, ratio, spine, sureness_of(spine))


def _facing_left(seen: SeenRadiograph, network: Network) -> SeenRadiograph:
    """The picture or its mirror image, whichever shows what lies behind the bodies more surely."""
    mirrored = _flipped(seen, 1, network)
    firmer = canal_sureness(mirrored.spine) - canal_sureness(seen.spine) > _FIRMER
    return mirrored if firmer and mirrored.worth > _AS_MUCH * seen.worth else seen


def _flipped(seen: SeenRadiograph, axis: int, network: Network) -> SeenRadiograph:
    """The same picture seen upside down (axis 0) or mirrored (1)."""
    image = seen.series.image
    assert isinstance(image, ImagePlane)
    series = flipped(seen.series, image, axis, FLIPPED[axis])
    picture = np.ascontiguousarray(np.flip(seen.picture, axis))
    return replace(_seen(series, picture, seen.mm, seen.ratio, network), notes=(*seen.notes, FLIPPED[axis]))


def _resized(spine: SpineMap, factor: float) -> SpineMap:
    """The same bodies, were every length ``factor`` times what it is taken for."""
    affine = spine.maps.affine * np.array([[factor], [factor], [factor], [1.0]])
    sacrum = None if spine.sacrum_mm is None else spine.sacrum_mm * factor
    return replace(spine, maps=replace(spine.maps, affine=affine), centres=spine.centres * factor, sacrum_mm=sacrum)


def _widened(v: VertebraLandmarks) -> VertebraLandmarks:
    sd = np.array(v.sd)
    return replace(v, sd=tuple(np.maximum(sd, _WIDER * sd - _LESS_MM).tolist()))


def _in_pixels(spine: SpineLandmarks, mm: float) -> SpineLandmarks:
    moved = tuple(
        VertebraLandmarks.from_array(
            v.level, v.array / mm, sd=None if v.sd is None else [s / mm for s in v.sd], source=v.source
        )
        for v in spine
    )
    return replace(spine, vertebrae=moved)
