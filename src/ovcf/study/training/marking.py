"""How far a signed exercise is from the truth: each point in mm, height loss, kyphosis and grade."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from ovcf.errors import StudyError
from ovcf.landmarks import POINTS
from ovcf.language.worded import say
from ovcf.reading.session import Session
from ovcf.reading.version import ReadingStatus
from ovcf.study.protocol.model import ReaderPlan
from ovcf.study.readers.cases import said
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.reading.file import ReadingFile
    from ovcf.study.training.exercise import Truth

_PLAN = ReaderPlan(
    readers=1, windows=(), repeats_percent=0, washout_days=0, measures=("vhl-han", "ka-han"), ratings=("sq_grade",)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The errors of one exercise. ``points`` are mm by level and name of the point; a vertebra that the reader took
    away is in ``missing``. What the reading does not say is None."""

    points: Mapping[str, Mapping[str, float]]
    missing: tuple[str, ...]
    mean_mm: float | None
    worst_mm: float | None
    vhl_percent: float | None
    ka_deg: float | None
    grade: int | None

    def to_data(self) -> dict[str, Any]:
        """Plain values, to be stored."""
        return {
            "points": {level: dict(found) for level, found in self.points.items()},
            "missing": list(self.missing),
            "mean_mm": self.mean_mm,
            "worst_mm": self.worst_mm,
            "vhl_percent": self.vhl_percent,
            "ka_deg": self.ka_deg,
            "grade": self.grade,
        }


def marks_of(file: ReadingFile, truth: Truth) -> Marks:
    """Compare a signed exercise with the truth.

    Raises:
        StudyError: it is not signed.
    """
    if file.reading.current.status is not ReadingStatus.CONFIRMED:
        raise StudyError(say("exercise {id}", id=file.reading.id), "is not signed", "Sign the reading first.")
    session = Session(file)
    placed = _placed(session)
    errors: dict[str, dict[str, float]] = {}
    for level, points in truth.points.items():
        if level in placed:
            errors[level] = {
                name: truth.mm_per_px * math.dist(found, right)
                for name, found, right in zip(POINTS, placed[level], points, strict=True)
            }
    every = [mm for found in errors.values() for mm in found.values()]
    values = said(file, _PLAN, own=False)
    return Marks(
        points=errors,
        missing=tuple(level for level in truth.points if level not in placed),
        mean_mm=mean(every) if every else None,
        worst_mm=max(every, default=None),
        vhl_percent=values["vhl-han"],
        ka_deg=values["ka-han"],
        grade=values["sq_grade"],
    )


def _placed(session: Session) -> dict[str, tuple[tuple[float, float], ...]]:
    """The points of every vertebra on the film (px), as they now stand, by the name it now has."""
    found: dict[str, tuple[tuple[float, float], ...]] = {}
    for spine in session.assessment().landmarks:
        for vertebra in spine:
            if vertebra.source.modality is Modality.RADIOGRAPH:
                found[vertebra.level.value] = tuple((float(x), float(y)) for x, y in vertebra.array)
    return found
