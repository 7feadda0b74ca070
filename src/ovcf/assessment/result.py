"""The assessment as data: everything the report prints and ``assessment.json`` holds."""

from __future__ import annotations

from dataclasses import dataclass

from ovcf.anatomy import Level, VertebralColumn
from ovcf.assessment.finding import Finding
from ovcf.clinical.case import ClinicalCase
from ovcf.guidance.statement import Statement
from ovcf.landmarks import SpineLandmarks
from ovcf.measures.measurement import Measurement
from ovcf.scores.result import ScoreResult

SCHEMA_VERSION = "1.0"
VERTEBRAL_BODIES = "vertebral bodies"
"""Name of what is withheld when there is nothing to measure on."""


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series of the study as it was understood: its role, and every reason for that decision."""

    role: str
    description: str
    reasons: tuple[str, ...]
    overridden: bool
    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A measurement or score that was not made, and why."""

    name: str
    level: Level | None
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A numbered source as printed under the guidance; ``mark`` says how it was verified."""

    number: int
    id: str
    citation: str
    doi: str
    mark: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made this assessment, from what, when."""

    software: str
    created_at: str
    command: str
    inputs: tuple[tuple[str, str], ...]
    """(path as given, sha-256) of every file that was used."""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NumberedBody:
    """A vertebral body that was found but whose level is not sure, with what needs no name: ratios, angles, heights."""

    number: int
    measurements: tuple[Measurement, ...]
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelQuestion:
    """Which vertebra is which on one image, asked of the reader: naming one numbered body answers it.

    ``likely`` holds the first and the last level of the likeliest labellings, with their probability.
    """

    image: str
    likely: tuple[tuple[Level, Level, float], ...]
    asked: float
    bodies: tuple[NumberedBody, ...]
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One patient, one visit, one index vertebra (None while the reader has not chosen)."""

    schema_version: str = SCHEMA_VERSION
    case: ClinicalCase
    index_level: Level | None
    column: VertebralColumn
    series: tuple[SeriesSummary, ...]
    landmarks: tuple[SpineLandmarks, ...]
    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...] = ()
    suggested_fractures: tuple[Finding, ...] = ()
    """Vertebrae that look fractured, most conspicuous first: for the reader to choose from. Behind them stand those
    that could not be judged."""
    questions: tuple[LevelQuestion, ...] = ()
    """What must be answered before levels can be named; stands first in the report."""
    withheld: tuple[Withheld, ...]
    scores: tuple[ScoreResult, ...]
    guidance: tuple[Statement, ...]
    references: tuple[Reference, ...]
    warnings: tuple[str, ...] = ()
    """What may be wrong with the input as a whole; stands at the top of the report."""
    notes: tuple[str, ...]
    provenance: Provenance
