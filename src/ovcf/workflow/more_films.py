"""Several images of one role: they are told apart by name, and every film is read, not the best alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError, SeriesChoiceError
from ovcf.imaging.study import Role, Study
from ovcf.imaging.volume import ImagePlane

if TYPE_CHECKING:
    from ovcf.imaging.study import Series
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
                names[id(series)] = f"{series.description or role.value} ({seen[series.description]})"
    return replace(study, series=tuple(replace(s, description=names.get(id(s), s.description)) for s in study.series))


def more_films(study: Study, first: RadiographReading) -> tuple[Study, tuple[RadiographReading | OvcfError, ...]]:
    """The study with its other lateral films turned as they were read, and what was read there, or why nothing was."""
    from ovcf.segmentation.film.radiograph import read_radiograph

    found: list[RadiographReading | OvcfError] = []
    turned: dict[str, Series] = {}
    for series in study.all(Role.RADIOGRAPH):
        if series.uid == first.series.uid or not isinstance(series.image, ImagePlane):
            continue
        try:
            reading = read_radiograph(series)
        except OvcfError as error:  # no question is asked of it: the best film, or the MRI, has named the levels
            found.append(SeriesChoiceError(error.where, error.problem, "Assess this film by itself."))
        else:
            found.append(reading)
            turned[series.uid] = reading.series
    return replace(study, series=tuple(turned.get(s.uid, s) for s in study.series)), tuple(found)
