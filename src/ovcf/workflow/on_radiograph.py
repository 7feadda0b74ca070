"""The radiograph of a study, read by the built-in model where nobody placed landmarks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import LabelSchemeError, OvcfError
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.language.worded import say
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.film.radiograph_held import Flip
    from ovcf.segmentation.film.radiograph_reading import RadiographReading

RADIOGRAPH = "radiograph"
"""What stands for the image where a level is named on it: ``radiograph:5=L3``."""


def film_word(number: int) -> str:
    """The same of the films of one study, counted from 1, the best first: ``radiograph 2:5=L3``."""
    return RADIOGRAPH if number == 1 else say("{radiograph} {number}", radiograph=RADIOGRAPH, number=number)


def read_in(
    study: Study, anchors: Mapping[int, Level] | None = None, flip: Flip | None = None
) -> tuple[Study, RadiographReading | OvcfError | None]:
    """The study, its best radiograph turned as it was read, and what was read there or why nothing was.

    None where the study has no lateral radiograph. ``flip`` is what a reader says of how it is held.
    """
    series = study.get(Role.RADIOGRAPH)
    if series is None or not isinstance(series.image, ImagePlane):
        return study, None
    from ovcf.segmentation.film.radiograph import read_radiograph

    try:
        reading = read_radiograph(series, anchors=anchors, flip=flip)
    except LevelsUncertainError as question:
        return with_film_asked(study, question), question.answered_by(question.remedy.having(image=RADIOGRAPH))
    except LabelSchemeError as error:
        return study, LabelSchemeError(error.where, error.problem, error.remedy.having(image=RADIOGRAPH))
    except OvcfError as error:
        return study, error
    return with_series(study, reading.series), reading


def with_series(study: Study, turned: Series) -> Study:
    """The study with one radiograph as it was turned when it was read: its landmarks lie on that."""
    return replace(study, series=tuple(turned if s.uid == turned.uid else s for s in study.series))


def with_film_asked(study: Study, question: LevelsUncertainError) -> Study:
    """The same of a radiograph whose levels are asked."""
    seen = question.seen
    return study if seen is None or isinstance(seen, VertebralBodies) else with_series(study, seen.series)


def placed_on(series: Series, spine: SpineLandmarks) -> bool:
    """Whether landmarks lie on this radiograph, in its pixels or its calibrated millimetres."""
    image = series.image
    if not isinstance(image, ImagePlane) or not spine.vertebrae:
        return False
    source = spine.vertebrae[0].source
    if source.modality is not Modality.RADIOGRAPH or source.image not in ("", series.description, series.uid):
        return False
    if source.calibrated and image.calibration is not Calibration.CALIBRATED:
        return False
    points = np.concatenate([v.array for v in spine])
    rows, columns = image.pixels.shape
    down, across = spacing_of(image, calibrated=source.calibrated)
    return bool((points > 0).all() and (points < (columns * across, rows * down)).all())


def spacing_of(image: ImagePlane, *, calibrated: bool) -> tuple[float, float]:
    """(Row, column) spacing in the unit of landmarks: millimetres, or the height of a pixel."""
    spacing = image.spacing_mm or (1.0, 1.0)
    return spacing if calibrated else (1.0, spacing[1] / spacing[0])
