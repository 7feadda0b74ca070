"""The whole line for one study in memory: observed, concluded from, and shown, as a draft that a reader confirms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.kept import Kept
from ovcf.reading.conclude import conclude, counted_as_edema
from ovcf.reading.labelled import LabelledImage, label_image, labelled_for
from ovcf.reading.observe import Found, observe_labelled
from ovcf.reading.pictures import Picture, pictures_of
from ovcf.workflow.on_radiograph import placed_on
from ovcf.workflow.view import View, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment, Provenance
    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Study
    from ovcf.landmarks import SpineLandmarks
    from ovcf.reading.observations import Observations


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """An assessment nobody has confirmed yet, what it was concluded from, and the pictures to judge it by."""

    assessment: Assessment
    observations: Observations
    views: tuple[View, ...]
    pictures: tuple[Picture, ...] = ()


def draft(study: Study, case: ClinicalCase, found: Found, *, provenance: Provenance) -> Draft:
    """Assess one study. The index vertebra is the one the case names; it is never chosen here.

    Raises:
        OvcfError: a label map belongs to other images. What merely cannot be measured is listed as withheld.
    """
    labelled = [label_image(bodies, study) for bodies in found.bodies]
    observations = observe_labelled(study, labelled, found, software=provenance.software, made_at=provenance.created_at)
    results = Kept()
    assessment = conclude(observations, (), case, provenance=provenance, results=results)
    edema = counted_as_edema(observations, (), case, results=results)
    views = _views(study, labelled, assessment.landmarks, edema)
    return Draft(assessment, observations, views, pictures_of(study, observations))


def _views(
    study: Study, labelled: Sequence[LabelledImage], spines: Sequence[SpineLandmarks],
    overlay: tuple[str, Volume] | None,
) -> tuple[View, ...]:  # fmt: skip
    """A picture of each series that was read for something, with the landmarks that were used on it."""
    views = []
    for series in study.series:
        image = labelled_for(series, labelled) if isinstance(series.image, Volume) else None
        if series.role is Role.OTHER and image is None:
            continue
        edema = overlay[1] if overlay and overlay[0] == series.uid else None
        placed = next((spine for spine in spines if placed_on(series, spine)), None)
        views.append(view_of(series, image, edema, placed))
    return tuple(views)
