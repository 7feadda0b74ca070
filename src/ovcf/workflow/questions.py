"""Bodies whose levels are not sure: numbered, with what needs no name, and the question which is which."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.result import LevelQuestion, NumberedBody
from ovcf.imaging.study import Role
from ovcf.measures.declare import Points
from ovcf.measures.from_landmarks import measure
from ovcf.measures.registry import from_landmarks
from ovcf.reading.observing.labelled import label_image
from ovcf.reading.observing.observe import Asked
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.segmentation.levels.level_labels import CONFIDENT
from ovcf.segmentation.places import places_of
from ovcf.workflow.slice_view import view_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.imaging.study import Study
    from ovcf.landmarks import SpineLandmarks
    from ovcf.measures.measurement import Measurement
    from ovcf.reading.observing.labelled import LabelledImage
    from ovcf.segmentation.film.radiograph_reading import RadiographReading
    from ovcf.segmentation.levels.level_labels import LevelsUncertainError
    from ovcf.segmentation.places import Place
    from ovcf.workflow.slice_view import View


def asked(question: LevelsUncertainError, study: Study) -> tuple[Asked, View] | None:
    """The bodies that are asked about, and the picture that numbers them; None where nothing was found."""
    seen = question.seen
    if seen is None:
        return None
    if isinstance(seen, VertebralBodies):
        image = label_image(seen, study)
        if image.series is None or image.spine is None:
            return None
        of: LabelledImage | RadiographReading = image
        view, spine = view_of(image.series, image), image.spine
        places: Sequence[Place] = places_of(image.bodies, image.plane)
        withheld: Mapping[Level | None, str] = dict(image.withheld)
    else:
        of, spine, places, withheld = seen, seen.spine, seen.places, dict(seen.withheld)
        view = view_of(seen.series, None, places=seen.places)
    bodies = tuple(NumberedBody(p.number, _without_a_name(spine, p.level), withheld.get(p.level, "")) for p in places)
    likely = tuple((x.levels[0], x.levels[-1], x.probability) for x in question.likely)
    made = LevelQuestion(
        image=view.image,
        likely=likely,
        asked=CONFIDENT,
        bodies=bodies,
        how=question.remedy,
        on_radiograph=not isinstance(seen, VertebralBodies),
        film=_film_number(study, seen),
    )
    return Asked(image=of, question=made), replace(view, spine=None, asked=True)


def _film_number(study: Study, seen: VertebralBodies | RadiographReading) -> int:
    """Which of the films of a study, the best being 1."""
    if isinstance(seen, VertebralBodies):
        return 1
    return 1 + [s.uid for s in study.all(Role.RADIOGRAPH)].index(seen.series.uid)


def _without_a_name(spine: SpineLandmarks, level: Level) -> tuple[Measurement, ...]:
    """Heights, ratios and wedge angle of one body; the level it goes by is a guess and is left out."""
    if level not in spine:
        return ()
    ledger = Ledger()
    for one in from_landmarks():
        if one.points is Points.OWN and (spine[level].has_middle or not one.middle):
            ledger.take(one.method.name, None, partial(measure, one, spine, level))
    return tuple(replace(m, levels=()) for m in ledger.measurements)
