"""The report of a reading as it now is: the pictures kept in it take the place of the images it was made from."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.reading.record import recorded
from ovcf.reading.session import Session
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.report.serialise import to_json
from ovcf.segmentation.places import Place
from ovcf.workflow.draft import Draft
from ovcf.workflow.slice_view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edited import Edited, EditedSet
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observing.pictures import Picture
    from ovcf.report.figure import Figure


def json_of(file: ReadingFile) -> bytes:
    """``assessment.json`` of the newest version."""
    return to_json(assessment_of(file)).encode()


def html_of(file: ReadingFile) -> bytes:
    """``report.html`` of the newest version."""
    assessment = assessment_of(file)
    return to_html(assessment, figures_in(file, assessment)).encode()


def pdf_of(file: ReadingFile) -> bytes:
    """``report.pdf`` of the newest version."""
    assessment = assessment_of(file)
    return to_pdf(assessment, figures_in(file, assessment))


def assessment_of(file: ReadingFile) -> Assessment:
    """What follows from the newest version, which it then names."""
    return named(recorded(Session(file).assessment(), file))


def named(assessment: Assessment) -> Assessment:
    """The assessment, made by the software that its reading names where nobody else says so."""
    made, record = assessment.provenance, assessment.reading
    if record is None or made.software:
        return assessment
    return replace(assessment, provenance=replace(made, software=record.software))


def figures_in(file: ReadingFile, assessment: Assessment) -> tuple[Figure, ...]:
    """The figures of the report, drawn on the pictures of the reading with the points as they now are."""
    views = tuple(_views(file, Session(file).now(), assessment))
    return figures_of(Draft(assessment=assessment, observations=file.current, views=views))


def _views(file: ReadingFile, now: Edited, assessment: Assessment) -> Iterator[View]:
    """One picture of each series: the slice in the plane of its landmarks."""
    sets = {s.seen.id: s for s in now.sets}
    series = {s.uid: s for s in now.observations.series}
    middle: dict[str, Picture] = {}
    for picture in file.pictures:
        known = middle.get(picture.series)
        if known is None or abs(picture.offset_mm) < abs(known.offset_mm):
            middle[picture.series] = picture
    for uid, picture in middle.items():
        one, own = series.get(uid), sets.get(picture.landmark_set)
        if one is None or own is None:
            continue
        role = now.roles.get(uid, one.role)
        image = one.source("").image
        spine = next((s for s in assessment.landmarks if s.vertebrae and s.vertebrae[0].source.image == image), None)
        if spine is None and own.seen.plane is not None:
            spine = own.spine()  # points of another series of the same plane lie on the same place here
        yield View(
            title=f"{role.value}: {one.description}",
            caption="" if own.seen.plane is None else "mid-sagittal plane",
            pixels=_pixels(picture),
            origin=picture.origin,
            spacing=picture.spacing,
            spine=None if own.asked else spine,
            calibrated=own.seen.source.calibrated,
            places=tuple(_places(own)),
            image=image,
            asked=own.asked,
            role=role,
            modality=one.modality,
            posture=one.posture,
        )


def _pixels(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from PIL import Image

    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image.convert("L"), np.float64)


def _places(own: EditedSet) -> Iterator[Place]:
    for number, (id_, vertebra) in enumerate(own.vertebrae.items(), 1):
        corners = vertebra.seen.outline or vertebra.seen.points
        if corners:
            xs, ys = zip(*corners, strict=True)
            yield Place(number, own.levels[id_], (min(xs), min(ys)), (max(xs), max(ys)))
