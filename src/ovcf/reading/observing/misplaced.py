"""Whether bodies lie on an image where they were drawn, or belong to another image, position or patient."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.imaging.mid_sagittal import is_sagittal
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.reading.observing.labelled import labelled_for
from ovcf.segmentation.placement import misplaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.imaging.study import Study
    from ovcf.reading.observing.labelled import LabelledImage
    from ovcf.segmentation.placement import Misplaced


def misplaced_on(study: Study, labelled: Sequence[LabelledImage]) -> dict[str, Misplaced]:
    """The uids of sagittal images on which bodies seem to lie elsewhere than they are drawn, each with what to say.

    Bodies that an engine saw in an image lie there by its own eyes; on other images they are checked too.
    """
    found = {}
    for series in study.series:
        if not isinstance(series.image, Volume) or not is_sagittal(series.image):
            continue
        image = labelled_for(series, labelled)
        if image is None or (image.bodies.engine and image.series is series):
            continue
        try:
            judged = misplaced(image.bodies.labels, series.image)
        except OvcfError:  # they do not overlap: said where something would be measured
            continue
        if judged is not None:
            drawn = "the bodies as drawn" if image.bodies.engine else PurePath(image.bodies.name).name
            fit = "do not fit" if judged.sure else "may not fit, though few bodies tell it poorly"
            found[series.uid] = judged._replace(
                why=say(
                    "{drawn} and {description} {fit}: {why}. Another patient, another position, or a map of "
                    "another image: check before reading on",
                    drawn=drawn,
                    description=series.description or series.role.value,
                    fit=fit,
                    why=judged.why,
                )
            )
    return found
