"""The PDF of a reading with the pictures that the reading itself keeps."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.workflow.draft import Draft
from ovcf.workflow.slice_view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.assessment.result import Assessment
    from ovcf.landmarks import SpineLandmarks
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.file import ReadingFile


def report_pdf(file: ReadingFile, now: Edited, assessment: Assessment) -> bytes:
    """The report of the newest version."""
    seen = Draft(assessment, file.current, tuple(_views(file, now, assessment)), file.pictures)
    return to_pdf(assessment, figures_of(seen), confirmed_by=file.reading.current.reader if _signed(file) else "")


def _signed(file: ReadingFile) -> bool:
    return file.reading.current.confirmed_at is not None


def _views(file: ReadingFile, now: Edited, assessment: Assessment) -> Iterator[View]:
    """The picture of each series in the plane of its landmarks."""
    from PIL import Image

    sets = {s.seen.id: s for s in now.sets}
    for picture in file.pictures:
        facts = now.observations.get_series(picture.series)
        if facts is None or picture.offset_mm or picture.landmark_set not in sets:
            continue
        s = sets[picture.landmark_set]
        with Image.open(io.BytesIO(picture.png)) as image:
            pixels = np.asarray(image.convert("L"), float)
        role = now.roles.get(facts.uid, facts.role)
        yield View(
            title=f"{role.value}: {facts.description}",
            caption="mid-sagittal plane" if s.seen.plane is not None else "",
            pixels=pixels,
            origin=picture.origin,
            spacing=picture.spacing,
            spine=None if s.asked else _spine(assessment, s.seen.series),
            calibrated=s.seen.source.calibrated,
            image=facts.source("").image,
            role=role,
            modality=facts.modality,
            posture=facts.posture,
        )


def _spine(assessment: Assessment, series: str) -> SpineLandmarks | None:
    return next((s for s in assessment.landmarks if s.vertebrae[0].source.series_uid == series), None)
