"""Reading one radiograph whose landmarks are known, and counting what comes of it."""

import time
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.segmentation.film.radiograph import landmarks_on, look_at
from ovcf.vocabulary import Modality

NEAR_MM, OFF_MM = 9.0, 13.0
"""A body is found where one is seen this near its centre, false where none lies within the second distance."""


@dataclass(eq=False)
class Tally:
    """What came out of the radiographs of one kind."""

    images: int = 0
    visible: int = 0
    found: int = 0
    false: int = 0
    withheld: int = 0
    misnamed: int = 0
    unusual: int = 0  # of these, in columns without twelve thoracic vertebrae
    unread: int = 0
    levels: dict = field(default_factory=lambda: {"right": 0, "asked": 0, "wrong": 0})
    point_mm: list = field(default_factory=list)
    vhl: list = field(default_factory=list)
    ka: list = field(default_factory=list)
    inside: list = field(default_factory=list)
    scale: list = field(default_factory=list)
    seconds: list = field(default_factory=list)

    def row(self, name):
        points = f"{np.median(self.point_mm):.2f} / {np.quantile(self.point_mm, 0.9):.2f}" if self.point_mm else "-"
        cells = [
            name,
            self.images,
            f"{self.found} of {self.visible}",
            self.false,
            self.withheld,
            self.misnamed,
            points,
            *(f"{np.mean(x):.1f} ({len(x)})" if x else "-" for x in (self.vhl, self.ka)),
            f"{np.mean(self.inside):.0%}" if self.inside else "-",
            " / ".join(str(n) for n in self.levels.values()),
            self.unread,
        ]
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "| radiographs | images | bodies found | false | withheld | misnamed | landmarks median / 90 %, mm |"
    " VHL error, points (n) | KA error, degrees (n) | inside stated 95 % | levels right / asked / wrong | not read |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def series_of(pixels, spacing_mm):
    calibration = Calibration.NONE if spacing_mm is None else Calibration.DETECTOR
    image = ImagePlane(pixels, None if spacing_mm is None else (spacing_mm,) * 2, calibration)
    return Series("1", "radiograph", image, Modality.RADIOGRAPH, Role.RADIOGRAPH)


def take(tally, series, truth, mm, network, others=()):
    """Read one radiograph against ``truth`` (pixels of the picture with anterior at the left), ``mm`` per pixel.

    ``others`` are middles ``(n, 2)`` of bodies that are there but cut off, so that they have no landmarks.
    """
    rows, columns = series.image.pixels.shape
    margin = 3 / mm
    whole = {
        v.level: v.array[:4].mean(axis=0)
        for v in truth
        if v.level.region != "sacral"
        and (v.array > margin).all()
        and (v.array < (columns - margin, rows - margin)).all()
    }
    everything = np.array([v.array[:4].mean(axis=0) for v in truth])
    levels = [v.level for v in truth]
    tally.images += 1
    tally.visible += len(whole)
    start = time.perf_counter()
    try:
        seen = look_at(series, network=network)
    except OvcfError:
        tally.unread += 1
        return None
    away = np.linalg.norm(seen.centres_px[:, None] - everything, axis=-1) * mm
    nearest = away.argmin(axis=1)
    tally.found += sum(bool((np.linalg.norm(seen.centres_px - c, axis=1) * mm < NEAR_MM).any()) for c in whole.values())
    somewhere = np.concatenate([everything, np.reshape(others, (-1, 2))])
    nearest_any = np.linalg.norm(seen.centres_px[:, None] - somewhere, axis=-1).min(axis=1) * mm
    tally.false += int((nearest_any > OFF_MM).sum()) + sum(
        levels[n].region == "sacral" and bool(away[k, n] < OFF_MM) for k, n in enumerate(nearest)
    )
    k = int(away.min(axis=1).argmin())
    anchor = {k + 1: levels[nearest[k]]}
    best = seen.labellings[0]
    sure = best.sure
    tally.levels["asked" if not sure else "right" if best.levels[k] is anchor[k + 1] else "wrong"] += 1
    try:
        reading = landmarks_on(seen, anchors=anchor, network=network)
    except OvcfError:
        tally.unread += 1
        return None
    tally.seconds.append(time.perf_counter() - start)
    tally.scale.append(reading.mm_per_pixel / mm)
    named = [level for level, _ in reading.withheld if level is not None]
    nameless = len(seen.spine) - len(reading.spine.vertebrae) - len(named)  # beyond a gap, or beyond the column
    tally.withheld += sum(level in whole for level in named) + nameless
    for v in reading.spine:
        if v.level not in truth or v.level not in whole:
            continue
        off = (v.array - truth[v.level].array) * mm
        if np.linalg.norm(off.mean(axis=0)) > OFF_MM:
            tally.misnamed += 1
            tally.unusual += Level.T13 in levels or (Level.L1 in levels and Level.T12 not in levels)
            continue
        tally.point_mm += np.linalg.norm(off, axis=1).tolist()
        tally.inside += (np.abs(off) <= 1.96 * np.array(v.sd)[:, None] * mm).ravel().tolist()
        for errors, method in ((tally.vhl, vertebral_height_loss), (tally.ka, local_kyphosis_angle)):
            with suppress(OvcfError):
                errors.append(abs(method(reading.spine, v.level).value - method(truth, v.level).value))
    return reading
