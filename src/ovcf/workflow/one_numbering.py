"""One answer names the vertebrae of every image: levels known on the radiograph serve the MRI, and the other way round.

They are taken over only where the shapes of the bodies leave no doubt which is which; else the question stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.language.worded import say
from ovcf.reading.observing.labelled import label_image
from ovcf.segmentation.film.radiograph_reading import RadiographReading
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.segmentation.levels.same_levels import Match, match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.imaging.study import Study
    from ovcf.landmarks import SpineLandmarks

_MIN_LIKELY = 0.01
"""Levels that an image by itself all but excludes are not given to it by another."""
_LEVELS = {level.rank: level for level in Level}


@dataclass(frozen=True, slots=True)
class Answer:
    """An anchor for the image that asks: the number of one of its bodies and the level that the other image gives it.

    ``note`` says where the name comes from.
    """

    number: int
    level: Level
    note: str


def film_answered(asking: LevelsUncertainError, bodies: Sequence[VertebralBodies], study: Study) -> Answer | None:
    """The radiograph's question, answered by the bodies named on MRI or CT; None where that is not sure."""
    known = label_image(bodies[0], study).spine if bodies else None
    return None if known is None else answered_by(asking, known, bodies[0].name)


def answered_by(asking: LevelsUncertainError, known: SpineLandmarks, name: str) -> Answer | None:
    """A radiograph's question, answered by named landmarks on another image; None where that is not sure."""
    film = asking.seen
    if not isinstance(film, RadiographReading):
        return None
    numbers = {place.level: place.number for place in film.places}
    return _answered(asking, known, film.spine, numbers, say("as on {name}", name=name))


def volume_answered(asking: LevelsUncertainError, film: RadiographReading, study: Study) -> Answer | None:
    """The question of an MRI or CT, answered by the radiograph; None where that is not sure."""
    bodies = asking.seen
    if not isinstance(bodies, VertebralBodies):
        return None
    seen = label_image(bodies, study).spine
    numbers = {level: number for number, level in bodies.levels.items()}
    return None if seen is None else _answered(asking, film.spine, seen, numbers, "as on the radiograph")


def named_differently(bodies: Sequence[VertebralBodies], film: RadiographReading, study: Study) -> str | None:
    """What to check where both images are named and the shapes of their bodies say that one is named wrongly."""
    known = label_image(bodies[0], study).spine if bodies else None
    found = None if known is None else match(known, film.spine)
    if known is None or found is None or not found.contradicts:
        return None
    which = next(v.level for v in film.spine if v.level.rank + found.offset in {w.level.rank for w in known})
    return say(
        "radiograph and {bodies} seem to name their vertebrae differently: by its shape, {which} "
        "of the radiograph is {levels} there ({how}). Check the levels of both",
        bodies=bodies[0].name,
        which=which,
        levels=_LEVELS[which.rank + found.offset],
        how=_how(found),
    )


def _answered(
    asking: LevelsUncertainError, known: SpineLandmarks, seen: SpineLandmarks, numbers: dict[Level, int], where: str
) -> Answer | None:
    found = match(known, seen)
    if found is None or not found.sure or not _possible(asking, found.offset):
        return None
    levels = {v.level.rank for v in known}
    level = next(v.level for v in seen if v.level.rank + found.offset in levels)
    named = _LEVELS[level.rank + found.offset]
    return Answer(numbers[level], named, say("levels {where}: {how}", where=where, how=_how(found)))


def _possible(asking: LevelsUncertainError, offset: int) -> bool:
    """Whether the image itself, whose bodies bear the likeliest levels, leaves room for those of the other."""
    first = asking.likely[0].levels[0].rank + offset
    return any(x.levels[0].rank == first and x.probability >= _MIN_LIKELY for x in asking.likely)


def _how(found: Match) -> str:
    return say(
        "the shapes of {bodies} bodies match, {probability:.1%} surely",
        bodies=found.bodies,
        probability=found.probability,
    )
