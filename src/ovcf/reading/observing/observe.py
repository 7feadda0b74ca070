"""From the images of a study, and the bodies found on them, to observations. All that needs pixels happens here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import OvcfError, Remedy, RemedyCode
from ovcf.imaging.one_time import MARROW_ROLES
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.reading.observations import LandmarkSet, Observations, ObservedSeries, ObservedVertebra, Unseen
from ovcf.reading.observing.ct_samples import read_ct
from ovcf.reading.observing.labelled import LabelledImage, label_image
from ovcf.reading.observing.marrow_samples import read_marrow
from ovcf.reading.observing.misplaced import misplaced_on
from ovcf.reading.observing.unsaid import contrasts_unsaid
from ovcf.segmentation.body_outlines import body_outlines
from ovcf.segmentation.points.landmarks_from_bodies import off_plane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.result import LevelQuestion
    from ovcf.imaging.stored import StoredImages
    from ovcf.imaging.study import Series, Study
    from ovcf.landmarks import Point, SpineLandmarks, VertebraLandmarks
    from ovcf.segmentation.film.radiograph_reading import RadiographReading
    from ovcf.segmentation.label_map import VertebralBodies

BY_HAND = Remedy("Where you can see it well enough, place its six points or draw it.", RemedyCode.PLACE_OR_DRAW)
NOT_SEEN = "no landmarks were found on it"
_BEYOND = Remedy("Name one on either side.", RemedyCode.NAME_A_LEVEL).having(image="radiograph")
VERTEBRAL_BODIES = "vertebral bodies"
"""Name of what is withheld when there is nothing to measure on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What was found on a study before anything was concluded: by a reader, in a label map, or by an engine.

    ``landmarks`` come from a reader's file. ``radiograph`` is what the model read there, or why it did not, and
    ``more_films`` the same of further films, ``film_anchors`` what a reader said of their levels: by the number of the
    film (2 is the first further one), then by that of a body. ``engine_error`` is why an engine that was to find the
    bodies did not. ``doubts`` are what it found wrong with the images.
    """

    bodies: Sequence[VertebralBodies] = ()
    landmarks: SpineLandmarks | None = None
    radiograph: RadiographReading | OvcfError | None = None
    more_films: Sequence[RadiographReading | OvcfError] = ()
    engine_error: OvcfError | None = None
    doubts: Sequence[str] = ()
    models: Sequence[tuple[str, str]] = ()
    film_anchors: Mapping[int, Mapping[int, Level]] = field(default_factory=dict)


def observe(study: Study, found: Found, *, software: str = "", made_at: str = "") -> Observations:
    """All that a study shows, ready to be concluded from; nothing of it depends on the clinical case.

    The reader's landmarks go first, then those of label maps and engines, then those read on the radiograph.

    Raises:
        OvcfError: a label map belongs to other images. What merely cannot be seen is listed as withheld.
    """
    labelled = [label_image(bodies, study) for bodies in found.bodies]
    return observe_labelled(study, labelled, found, software=software, made_at=made_at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Bodies found on one image whose levels are not sure, and the question which is which."""

    image: LabelledImage | RadiographReading
    question: LevelQuestion


def observe_labelled(
    study: Study,
    labelled: Sequence[LabelledImage],
    found: Found,
    *,
    asked: Sequence[Asked] = (),
    software: str = "",
    made_at: str = "",
) -> Observations:
    """:func:`observe` where the label maps have been laid on their images already."""
    beside = misplaced_on(study, labelled)
    sets: list[LandmarkSet] = []
    withheld: list[Unseen] = []
    if found.landmarks is not None:
        sets.append(_placed("a", found.landmarks, name="landmark file"))
    own: dict[int, str] = {}
    for image in labelled:
        own[id(image)] = letter = _letter(len(sets))
        sets.append(_drawn(letter, image))
    for film in (found.radiograph, *found.more_films):
        if isinstance(film, OvcfError):
            withheld.append(("landmarks on the radiograph", _told(film), film.remedy))
        elif film is not None:
            sets.append(_on_film(_letter(len(sets)), film))
    unnamed = []
    for one in asked:
        letter = _letter(len(sets))
        if isinstance(one.image, LabelledImage):
            own[id(one.image)] = letter
            unnamed.append(one.image)
            made = _drawn(letter, one.image)
        else:
            made = _on_film(letter, one.image)
        sets.append(replace(made, question=one.question))
    if not labelled and not any(v.points for s in sets if s.question is None for v in s):
        withheld.append(_nothing_found(found.engine_error))
    marrow = []
    for role in MARROW_ROLES:
        refused: list[OvcfError] = []
        read = []
        for series in study.all(role):
            try:
                read.append(read_marrow(series, [*labelled, *unnamed], beside.get(series.uid), own, found.engine_error))
            except OvcfError as error:
                refused.append(error)
        marrow += read
        if refused and not read:  # of several, one that shows another part of the spine is no loss
            first = refused[0]
            why = _told(first) if first.where else first.problem
            withheld.append((say("marrow signal on {value}", value=role.value), why, first.remedy))
    ct = study.get(Role.CT)
    if ct is not None and isinstance(ct.image, Volume) and (labelled or unnamed):
        try:
            marrow.append(read_ct(ct, [*labelled, *unnamed], own))
        except OvcfError as error:
            withheld.append(("attenuation of L1 on CT", error.problem, error.remedy))
    unsaid, not_read = contrasts_unsaid(study, [*labelled, *unnamed])
    return Observations(
        software=software,
        made_at=made_at,
        models=tuple(found.models),
        patient=study.patient,
        series=tuple(_facts(s) for s in _as_chosen(study)),
        landmarks=tuple(sets),
        marrow=tuple(marrow),
        withheld=(*withheld, *not_read),
        skipped=study.skipped,
        warnings=(*study.doubts, *unsaid, *(one.why for one in beside.values()), *found.doubts),
    )


def _told(error: OvcfError) -> str:
    return say("{where}: {problem}", where=error.where, problem=error.problem)


def _letter(n: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[n]


def _nothing_found(engine_error: OvcfError | None) -> Unseen:
    if engine_error is not None:
        return VERTEBRAL_BODIES, _told(engine_error), engine_error.remedy
    return (
        VERTEBRAL_BODIES,
        "neither a label map nor landmarks were given",
        Remedy("Give a label map, or six points per vertebra.", RemedyCode.PLACE_OR_DRAW),
    )


def _as_chosen(study: Study) -> Iterable[Series]:
    """The series, those that were chosen among several of their role with the reason for it."""
    chosen = {s.uid: s for role in (*MARROW_ROLES, Role.RADIOGRAPH) if (s := study.get(role)) is not None}
    return (chosen.get(s.uid, s) for s in study.series)


def _facts(series: Series) -> ObservedSeries:
    image = series.image
    return ObservedSeries(
        uid=series.uid,
        study_uid=series.study_uid,
        instances=series.instances,
        stored=_stored(series),
        description=series.description,
        role=series.role,
        modality=series.modality,
        posture=series.posture,
        acquired_on=series.acquired_on,
        size=image.voxels.shape if isinstance(image, Volume) else image.pixels.shape,
        spacing_mm=image.spacing_mm or (),
        calibrated=series.source("").calibrated,
        reasons=series.reasons,
        overridden=series.overridden,
        field_strength_t=series.field_strength_t,
        repetition_time_ms=series.repetition_time_ms,
        echo_time_ms=series.echo_time_ms,
        contrast_agent=series.contrast_agent,
    )


def _stored(series: Series) -> StoredImages | None:
    """The stored images, those of a radiograph with the way back from how it was turned."""
    image = series.image
    if series.stored is None or isinstance(image, Volume):
        return series.stored
    return replace(series.stored, turned=image.turned)


def _placed(letter: str, spine: SpineLandmarks, *, name: str, series: str = "") -> LandmarkSet:
    """Landmarks that need nothing else: a reader's."""
    ids = {v.level: f"{letter}{n}" for n, v in enumerate(spine, 1)}
    return LandmarkSet(
        id=letter,
        name=name,
        series=series,
        source=spine.vertebrae[0].source,
        column=spine.column,
        vertebrae=tuple(_vertebra(ids[v.level], v) for v in spine),
        unusable=tuple((ids[level], why) for level, why in spine.unusable if level in ids),
    )


def _vertebra(
    id_: str,
    landmarks: VertebraLandmarks,
    *,
    outline: NDArray[np.float64] | None = None,
    withheld: str = "",
    vague: bool = False,
) -> ObservedVertebra:
    return ObservedVertebra(
        id=id_,
        level=landmarks.level,
        points=_points(landmarks.array),
        sd=landmarks.sd,
        outline=() if outline is None else _points(outline),
        withheld=withheld,
        vague=vague,
    )


def _points(array: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in array)


def _drawn(letter: str, image: LabelledImage) -> LandmarkSet:
    """The vertebrae of a label map, those whose landmarks are withheld too: a reader may correct them."""
    bodies, name = image.bodies, PurePath(image.bodies.name).name
    source = image.source
    stored = None if image.series is None else image.series.stored
    at = None if stored is None else stored.slice_of(image.plane)
    if stored is not None and at is not None:
        source = replace(source, instance_uid=stored.frames[at].instance)
    notes = (
        *(
            say("{name}, {level}: {why}", name=name, level=level, why=why)
            for level, why in off_plane(bodies, image.plane)
        ),
    )
    notes += tuple(say("{name}: {note}", name=name, note=note) for note in bodies.notes)
    series = "" if image.series is None else image.series.uid
    if image.spine is None or image.drawn is None:
        bodies_instead = Remedy("Give a label map of vertebral bodies, or landmarks.", RemedyCode.PLACE_OR_DRAW)
        discs = (("landmarks", say("{name} shows discs, not vertebral bodies", name=name), bodies_instead),)
        return LandmarkSet(
            id=letter,
            name=name,
            series=series,
            source=source,
            plane=image.plane,
            withheld=discs,
            notes=notes,
            column=bodies.column,
            by_program=bool(bodies.engine),
        )
    why = dict(image.withheld)
    rings = body_outlines(bodies, image.plane, set(bodies.levels.values()))
    levels = sorted({*bodies.levels.values(), *why}, key=lambda level: level.rank)
    ids = {level: f"{letter}{n}" for n, level in enumerate(levels, 1)}
    vertebrae = []
    for level in levels:
        landmarks = image.drawn.get(level)
        if landmarks is None:
            vertebrae.append(ObservedVertebra(id=ids[level], level=level, withheld=why.get(level, NOT_SEEN)))
        else:
            vertebrae.append(
                _vertebra(
                    ids[level],
                    landmarks,
                    outline=rings.get(level),
                    withheld=why.get(level, ""),
                    vague=level in image.vague,
                )
            )
    return LandmarkSet(
        id=letter,
        name=name,
        series=series,
        source=source,
        plane=image.plane,
        column=bodies.column,
        vertebrae=tuple(vertebrae),
        unusable=tuple((ids[level], reason) for level, reason in image.spine.unusable if level in ids),
        by_program=bool(bodies.engine),
        notes=notes,
    )


def _on_film(letter: str, film: RadiographReading) -> LandmarkSet:
    name = film.series.description or "radiograph"
    seen = _placed(letter, film.spine, name=name, series=film.series.uid) if film.spine.vertebrae else None
    why: Mapping[Level, str] = {at: reason for at, reason in film.withheld if at is not None}
    vertebrae = list(seen.vertebrae) if seen else []
    for n, (level, reason) in enumerate(why.items(), len(vertebrae) + 1):
        vertebrae.append(ObservedVertebra(id=f"{letter}{n}", level=level, withheld=reason, vague=True))
    vertebrae.sort(key=lambda v: v.level.rank)
    ids = {v.level: v.id for v in vertebrae}
    return LandmarkSet(
        id=letter,
        name=name,
        series=film.series.uid,
        source=film.spine.vertebrae[0].source if film.spine.vertebrae else film.series.source("built-in model"),
        column=film.spine.column,
        vertebrae=tuple(vertebrae),
        unusable=tuple((ids[level], reason) for level, reason in film.spine.unusable if level in ids),
        by_program=True,
        withheld=tuple(("landmarks on the radiograph", why, _BEYOND) for at, why in film.withheld if at is None),
        notes=tuple(say("{name}: {note}", name=name, note=note) for note in film.notes),
    )
