"""Several images of one role: they are told apart by name, and every film is read, not the best alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError, SeriesChoiceError
from ovcf.imaging.study import Role, Study
from ovcf.imaging.volume import ImagePlane
from ovcf.language.worded import say
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.workflow.on_radiograph import film_word, with_film_asked, with_series
from ovcf.workflow.one_numbering import answered_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.imaging.study import Series
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.film.radiograph_reading import RadiographReading


def distinctly_named(study: Study) -> Study:
    """The study with a number behind the descriptions that several series of one role share; the best keeps its own."""
    names: dict[int, str] = {}
    for role in Role:
        if role is Role.OTHER:
            continue
        seen: Counter[str] = Counter()
        for series in study.all(role):
            seen[series.description] += 1
            if seen[series.description] > 1:
                names[id(series)] = say(
                    "{value} ({seen})", value=series.description or role.value, seen=seen[series.description]
                )
    return replace(study, series=tuple(replace(s, description=names.get(id(s), s.description)) for s in study.series))


def more_films(
    study: Study, known: Sequence[tuple[str, SpineLandmarks]], anchors: Mapping[int, Mapping[int, Level]]
) -> tuple[Study, tuple[RadiographReading | OvcfError, ...]]:
    """The study with its lateral films but the best turned as they were read, and what was read there, or why not.

    Where the levels of one are not sure, they are taken from ``known`` landmarks of other images (with the name of
    each) if the shapes of the bodies leave no doubt, else asked. ``anchors`` holds what a reader said of a film, by its
    number, counted from 1 with the best.
    """
    found: list[RadiographReading | OvcfError] = []
    for number, series in enumerate(study.all(Role.RADIOGRAPH), 1):
        if number == 1 or not isinstance(series.image, ImagePlane):
            continue
        try:
            reading = _read(series, number, known, anchors.get(number, {}))
        except LevelsUncertainError as question:
            found.append(question)
            study = with_film_asked(study, question)
        except OvcfError as error:
            found.append(SeriesChoiceError(error.where, error.problem, "Assess this film by itself."))
        else:
            found.append(reading)
            study = with_series(study, reading.series)
    return study, tuple(found)


def _read(
    series: Series, number: int, known: Sequence[tuple[str, SpineLandmarks]], anchors: Mapping[int, Level]
) -> RadiographReading:
    from ovcf.segmentation.film.radiograph import read_radiograph

    try:
        return read_radiograph(series, anchors=anchors or None)
    except LevelsUncertainError as question:
        for name, spine in known:
            answer = answered_by(question, spine, name)
            if answer is not None:
                reading = read_radiograph(series, anchors={answer.number: answer.level})
                return replace(reading, notes=(answer.note, *reading.notes))
        raise question.answered_by(question.remedy.having(image=film_word(number))) from None
