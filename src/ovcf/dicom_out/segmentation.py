"""The vertebral bodies as a binary segmentation of one MR series, one segment each, on the stored pixels.

It is made of the voxels that the reading keeps of each body, as the reader has outlined them since: those that the
marrow was read in. A radiograph has no such voxels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovcf.assessment.measured.ledger import Ledger
from ovcf.dicom_out.coded.concept import concept
from ovcf.dicom_out.sr.report import MANUFACTURER, SERIES_NUMBERS, finished
from ovcf.imaging.files.archive import FoundFile
from ovcf.imaging.files.dicom_files import slices_of
from ovcf.imaging.volume import Volume
from ovcf.reading.marrow import affected_levels, prepared_marrow
from ovcf.reading.uids import instance_uid, series_uid, tracking_uid, uid_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from highdicom.seg import Segmentation, SegmentDescription
    from numpy.typing import NDArray
    from pydicom import Dataset

    from ovcf.anatomy import Level
    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.dicom_out.sr.groups import Written
    from ovcf.imaging.stack import Slice

    Mask = NDArray[np.bool_]

_SAME_PLACE_MM = 0.1
_HUES = 12
"""Colours repeat after so many vertebrae: neighbours never share one."""


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """The voxels of each vertebra on one series: ``masks`` lie on the grid of ``volume``."""

    series: str
    volume: Volume
    masks: Mapping[Level, Mask]
    made_by: str
    by_program: bool
    redrawn: frozenset[Level]


def bodies_of(what: Written) -> Bodies | None:
    """The bodies to write: on the series their landmarks lie on, else on the first that the marrow was read on."""
    now = what.now
    prepared = prepared_marrow(now, affected_levels(now.case), Ledger())
    there = [m for m in prepared.values() if m.uid in what.sources.series and m.bodies]
    if not there:
        return None
    own = {s.seen.series for s in now.sets}
    best: MarrowSeries = min(there, key=lambda m: m.uid not in own)
    drawn = {s.levels[v.id] for s in now.sets for v in s.vertebrae.values() if v.redrawn}
    return Bodies(
        best.uid, best.volume, best.bodies, best.source.placed_by, best.by_program, frozenset(drawn & set(best.bodies))
    )


def segmentation(what: Written, bodies: Bodies) -> Segmentation:
    """The segmentation, in the frame of reference of its series."""
    from highdicom.seg import Segmentation

    version = what.reading.current
    images = what.sources.series[bodies.series]
    levels = sorted(bodies.masks, key=lambda level: level.rank)
    labels = np.zeros(bodies.volume.voxels.shape, np.uint8)
    for n, level in enumerate(levels, 1):
        labels[bodies.masks[level]] = n
    stored = _on_stored(images, bodies.volume, labels)
    pixels = np.stack([stored == n for n in range(1, len(levels) + 1)], axis=-1).astype(np.uint8)
    made = Segmentation(
        source_images=list(images),
        pixel_array=pixels,
        segmentation_type="BINARY",
        segment_descriptions=[_segment(what, bodies, n, level) for n, level in enumerate(levels, 1)],
        series_instance_uid=series_uid(what.reading, version, "SEG"),
        series_number=SERIES_NUMBERS["SEG"],
        sop_instance_uid=instance_uid(what.reading, version, "SEG"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="ovcf",
        software_versions=what.assessment.provenance.software or "ovcf",
        device_serial_number="0",
        content_description="Vertebral bodies",
        content_label="VERTEBRAE",
        series_description="ovcf: vertebral bodies",
    )
    finished(made, what)
    organization = uid_of("dimensions", str(made.SOPInstanceUID))  # highdicom draws a new one each time
    for item in (*made.DimensionOrganizationSequence, *made.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    return made


def _segment(what: Written, bodies: Bodies, number: int, level: Level) -> SegmentDescription:
    from highdicom.content import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes

    kind = "SEMIAUTOMATIC" if level in bodies.redrawn else "AUTOMATIC"
    if not bodies.by_program:
        kind = "MANUAL"
    algorithm = AlgorithmIdentificationSequence(
        name=bodies.made_by[:64] or "ovcf",
        family=codes.cid7162.ArtificialIntelligence,
        version=what.reading.current.software[:64] or "unknown",
    )
    segment = SegmentDescription(
        segment_number=number,
        segment_label=str(level),
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=concept("level", level),
        algorithm_type=kind,
        algorithm_identification=None if kind == "MANUAL" else algorithm,
        tracking_uid=tracking_uid(what.reading, "body", _identity(what, level)),
        tracking_id=f"body of {level}",
    )
    segment.RecommendedDisplayCIELabValue = _colour(level)
    return segment


def _identity(what: Written, level: Level) -> str:
    """The vertebra of the first set of cross-sections that bears this name."""
    return next((i for s in what.now.sets if s.seen.plane and (i := s.id_of(level))), str(level))


def _on_stored(images: Sequence[Dataset], volume: Volume, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Labels on the stored frames ``(frames, rows, columns)``: that of the voxel that each stored pixel lies in."""
    return np.stack([_pixels_of(one, volume, labels) for ds in images for one in slices_of(_named(ds), ds)])


def _pixels_of(one: Slice, volume: Volume, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    inverse = np.linalg.inv(volume.affine)
    rows, columns = one.shape
    step_down = inverse[:3, :3] @ (one.along_column * one.spacing_mm[0])
    step_right = inverse[:3, :3] @ (one.along_row * one.spacing_mm[1])
    first = inverse[:3, :3] @ one.corner + inverse[:3, 3]
    index = first + np.arange(rows)[:, None, None] * step_down + np.arange(columns)[None, :, None] * step_right
    nearest = np.rint(index).astype(int)
    inside = ((nearest >= 0) & (nearest < labels.shape)).all(axis=-1)
    inside &= (np.abs(index - nearest) * volume.spacing_mm < _SAME_PLACE_MM).all(axis=-1)
    found = np.zeros((rows, columns), np.uint8)
    found[inside] = labels[tuple(nearest[inside].T)]
    return found


def _named(ds: Dataset) -> FoundFile:
    return FoundFile(str(ds.SOPInstanceUID), Path(str(ds.SOPInstanceUID)))


def _colour(level: Level) -> list[int]:
    """A colour by hue, as DICOM writes CIELab: lightness 70%, far from grey."""
    angle = 2 * np.pi * (5 * level.rank % _HUES) / _HUES
    lightness, a, b = 70.0, 60.0 * np.cos(angle), 60.0 * np.sin(angle)
    return [round(lightness / 100 * 65535), round((a + 128) / 255 * 65535), round((b + 128) / 255 * 65535)]
