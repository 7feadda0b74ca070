"""An exercise: the lateral film of a digital patient, its points put off, to be put right by a reader.

Everything follows from the seed: the patient, how far each point is off, and the truth. The fractured vertebra is
named; its points and those of its two neighbours are moved by 2.5 mm (SD) in each direction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.files.workspace import workspace
from ovcf.imaging.read import read_study
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.observations import LandmarkSet, ObservedVertebra
from ovcf.reading.observing.pictures import pictures_of
from ovcf.reading.version import Reading, Version
from ovcf.vocabulary import FractureShape
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ovcf.landmarks import SpineLandmarks
    from ovcf.reading.observations import Observations

OFF_MM = 2.5
LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2)
SHAPES = (FractureShape.WEDGE, FractureShape.BICONCAVE, FractureShape.CRUSH)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so on the film: the six points of each of three vertebrae (px), the scale, and what follows from them.

    ``points`` are by level, in the order of :data:`ovcf.landmarks.POINTS`; ``grade`` is Genant's.
    """

    level: str
    mm_per_px: float
    points: Mapping[str, tuple[Point, ...]]
    vhl_percent: float
    ka_deg: float
    grade: int

    def to_data(self) -> dict[str, Any]:
        """Plain values, to be stored."""
        return {
            "level": self.level,
            "mm_per_px": self.mm_per_px,
            "points": {level: [list(p) for p in points] for level, points in self.points.items()},
            "vhl_percent": self.vhl_percent,
            "ka_deg": self.ka_deg,
            "grade": self.grade,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Truth:
        """The inverse of :meth:`to_data`."""
        points = {level: tuple((x, y) for x, y in found) for level, found in data["points"].items()}
        return cls(**{**data, "points": points})


def make_exercise(seed: int, label: str) -> tuple[ReadingFile, Truth]:
    """The reading to be corrected, under a label, and the truth. Takes some seconds.

    Raises:
        OvcfError: it cannot be drawn.
    """
    from ovcf.phantom.patient import make_patient
    from ovcf.phantom.recipe import FractureRecipe, Recipe

    random = np.random.default_rng([seed, 20260110])
    level = LEVELS[int(random.integers(len(LEVELS)))]
    fracture = FractureRecipe(
        level=level, shape=SHAPES[int(random.integers(len(SHAPES)))], vhl_percent=round(float(random.uniform(8, 35)), 1)
    )
    with workspace() as folder:
        (visit,) = make_patient(
            Recipe(seed=seed, centre=level, fractures=(fracture,)), folder / "patient", contrasts=("T2",)
        )
        (film,) = (visit / "study" / "DX").iterdir()
        truth = _truth(visit / "truth" / "landmarks_radiograph.json", level, _mm_per_px(film))
        begun = begin_reading(draft_from_files([film], engine=None, fracture=level.value))
        seen = _put_off(begun.current, truth, random)
        pictures = pictures_of(read_study([film]), seen)
    name = digest(seen)
    version = Version(id=f"{label}-1", observations=name, software=seen.software, case=ClinicalCase(index_level=level))
    reading = Reading(id=label, versions=(version,))
    return ReadingFile(reading=reading, observations={name: seen}, pictures=pictures), truth


def _put_off(seen: Observations, truth: Truth, random: np.random.Generator) -> Observations:
    """The film with three vertebrae whose points are off; the others are left out, not to help."""
    (series,) = seen.series
    off = OFF_MM / truth.mm_per_px
    placed = LandmarkSet(
        id="film",
        name=series.description,
        series=series.uid,
        source=series.source("put off on purpose"),
        by_program=True,
        vertebrae=tuple(
            ObservedVertebra(
                id=level,
                level=Level(level),
                points=tuple((float(x), float(y)) for x, y in np.round(points + random.normal(0, off, (6, 2)), 2)),
                sd=(off,) * 6,
            )
            for level, points in truth.points.items()
        ),
    )
    return replace(seen, landmarks=(placed,), made_at="", warnings=(), notes=())


def _mm_per_px(film: Path) -> float:
    """Millimetres in the middle of the patient to a pixel of the film."""
    import pydicom

    told = pydicom.dcmread(film, stop_before_pixels=True)
    rows, columns = (float(x) for x in told.ImagerPixelSpacing)
    assert np.isclose(rows, columns)
    return rows / float(told.EstimatedRadiographicMagnificationFactor)


def _truth(file: Path, level: Level, mm_per_px: float) -> Truth:
    from ovcf.measures.from_landmarks import measure
    from ovcf.measures.registry import from_landmarks
    from ovcf.measures.shape.semiquantitative import sq_from_measurement
    from ovcf.segmentation.points.landmark_file import read_landmarks

    spine: SpineLandmarks = read_landmarks(file)
    declared = {one.id: one for one in from_landmarks()}
    near = [n for n in (spine.column.above(level), level, spine.column.below(level)) if n is not None]
    return Truth(
        level=level.value,
        mm_per_px=mm_per_px,
        points={n.value: tuple((float(x), float(y)) for x, y in spine[n].array) for n in near},
        vhl_percent=float(measure(declared["vhl-han"], spine, level).value),
        ka_deg=float(measure(declared["ka-han"], spine, level).value),
        grade=int(sq_from_measurement(spine, level).grade),
    )
