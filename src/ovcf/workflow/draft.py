"""The whole line for one study in memory: observed, concluded from, and shown, as a draft that a reader confirms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ovcf.budget import beside
from ovcf.errors import OvcfError
from ovcf.imaging.one_time import of_one_time
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.kept import Kept
from ovcf.language.worded import say
from ovcf.reading.conclude import conclude, counted_as_edema
from ovcf.reading.observing.labelled import LabelledImage, label_image, labelled_for
from ovcf.reading.observing.observe import Found, observe_labelled
from ovcf.reading.observing.pictures import Picture, pictures_of
from ovcf.segmentation.film.radiograph_held import HeldUncertainError
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.workflow.more_films import distinctly_named, more_films
from ovcf.workflow.on_radiograph import placed_on
from ovcf.workflow.questions import asked
from ovcf.workflow.slice_view import View, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ovcf.assessment.result import Assessment, Provenance
    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Study
    from ovcf.landmarks import SpineLandmarks
    from ovcf.reading.observations import Observations
    from ovcf.segmentation.film.radiograph_reading import RadiographReading


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """An assessment nobody has confirmed yet, what it was concluded from, and the pictures to judge it by."""

    assessment: Assessment
    observations: Observations
    views: tuple[View, ...]
    pictures: tuple[Picture, ...] = ()


def draft(study: Study, case: ClinicalCase, found: Found, *, provenance: Provenance, pictured: bool = True) -> Draft:
    """Assess one study. The index vertebra is the one the case names; it is never chosen here.

    Pictures are for who looks at the reading: where none is kept, it need not be ``pictured``.

    Raises:
        OvcfError: a label map belongs to other images. What merely cannot be measured is listed as withheld.
    """
    study = distinctly_named(of_one_time(study))
    labelled = [label_image(bodies, study) for bodies in found.bodies]
    if found.radiograph is not None or _of_a_film(found.engine_error):
        study, films = more_films(study, _named(found.radiograph, labelled), found.film_anchors)
        found = replace(found, more_films=(*found.more_films, *films))
    tried = (found.engine_error, found.radiograph, *found.more_films)
    open_ = [x for one in tried if isinstance(one, LevelsUncertainError) and (x := asked(one, study)) is not None]
    found = replace(found, doubts=(*found.doubts, *_held_doubts(tried)))
    observations = observe_labelled(
        study,
        labelled,
        found,
        asked=[of for of, _ in open_],
        software=provenance.software,
        made_at=provenance.created_at,
    )
    results = Kept()
    drawn: Callable[[], tuple[Picture, ...]] = partial(pictures_of, study, observations) if pictured else tuple
    with beside(drawn) as pictures:  # they leave Python's lock alone
        assessment = conclude(observations, (), case, provenance=provenance, results=results)
        edema = counted_as_edema(observations, (), case, results=results)
        views = _views(study, labelled, assessment.landmarks, edema, (found.radiograph, *found.more_films))
        made = pictures()
    return Draft(assessment, observations, (*(view for _, view in open_), *views), made)


def _of_a_film(engine_error: OvcfError | None) -> bool:
    """Whether a film was looked at in vain, or its levels are asked, and nothing else was there to look at."""
    return isinstance(engine_error, HeldUncertainError) or (
        isinstance(engine_error, LevelsUncertainError) and not isinstance(engine_error.seen, VertebralBodies | None)
    )


def _named(
    film: RadiographReading | OvcfError | None, labelled: Sequence[LabelledImage]
) -> list[tuple[str, SpineLandmarks]]:
    """Landmarks whose levels are known, and what their image is called."""
    known = [("the first radiograph", film.spine)] if film is not None and not isinstance(film, OvcfError) else []
    return known + [(image.bodies.name, image.spine) for image in labelled if image.spine is not None]


def _held_doubts(tried: Sequence[RadiographReading | OvcfError | None]) -> list[str]:
    """What is not clear about how a radiograph is held."""
    found = []
    for one in tried:
        if isinstance(one, HeldUncertainError):
            found.append(
                say(
                    "{where} {problem}. Look at the picture and say where the head is",
                    where=one.where,
                    problem=one.problem,
                )
            )
        reading = one.seen if isinstance(one, LevelsUncertainError) else one
        if reading is not None and not isinstance(reading, OvcfError | VertebralBodies):
            found += reading.doubts
    return found


def _views(
    study: Study,
    labelled: Sequence[LabelledImage],
    spines: Sequence[SpineLandmarks],
    overlay: tuple[str, Volume] | None,
    films: Sequence[RadiographReading | OvcfError | None],
) -> tuple[View, ...]:
    """A picture of each series that was read for something, with the landmarks that were used on it."""
    views = []
    places_on = {film.series.uid: film.places for film in films if film and not isinstance(film, OvcfError)}
    for series in study.series:
        image = labelled_for(series, labelled) if isinstance(series.image, Volume) else None
        if series.role is Role.OTHER and image is None:
            continue
        edema = overlay[1] if overlay and overlay[0] == series.uid else None
        placed = next((spine for spine in spines if placed_on(series, spine)), None)
        views.append(view_of(series, image, edema, placed, places_on.get(series.uid, ())))
    return tuple(views)
