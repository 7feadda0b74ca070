"""The assessment as data: everything the report prints and ``assessment.json`` holds."""

from __future__ import annotations

from dataclasses import dataclass

from ovcf.anatomy import Level, VertebralColumn
from ovcf.assessment import shown
from ovcf.assessment.findings.finding import Finding
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import NONE, Remedy
from ovcf.guidance.evidence import Mark
from ovcf.guidance.statement import Statement
from ovcf.imaging.study import Role
from ovcf.landmarks import SpineLandmarks
from ovcf.measures.measurement import Measurement
from ovcf.scores.result import ScoreResult
from ovcf.vocabulary import Modality, Posture, ReadingStatus

SCHEMA_VERSION = "2.0"
VERTEBRAL_BODIES = "vertebral bodies"
"""Name of what is withheld when there is nothing to measure on."""


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series of the study as it was understood: its role, and every reason for that decision."""

    role: Role
    description: str
    reasons: tuple[str, ...]
    overridden: bool
    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    uid: str = ""
    study_uid: str = ""
    instances: tuple[str, ...] = ()
    modality: Modality = Modality.UNKNOWN
    posture: Posture = Posture.UNKNOWN
    acquired_on: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A measurement or score that was not made, and why."""

    name: str
    level: Level | None
    reason: str
    remedy: Remedy = NONE


@dataclass(frozen=True, slots=True)
class Reference:
    """A numbered source as printed under the guidance; ``mark`` says how it was verified."""

    number: int
    id: str
    citation: str
    doi: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made this assessment, from what, when."""

    software: str
    created_at: str
    command: str
    inputs: tuple[tuple[str, str], ...]
    """(path as given, sha-256) of every file that was used."""
    parameters: tuple[tuple[str, str], ...] = ()
    software_sha256: str = ""
    """Of the files of this program, its models aside."""
    models: tuple[tuple[str, str], ...] = ()
    """(name and version, sha-256) of every model that looked at the images; empty where it is not one of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRecord:
    """Which version of which reading an assessment follows from, who answers for it, and what it rests on.

    ``observations`` is the digest of what was seen, ``edits`` counts the changes of readers that are in force, and
    ``readers`` names who made them. Instants are UTC, ISO 8601.
    """

    id: str
    version: str
    parent: str | None = None
    status: ReadingStatus
    addendum: bool = False
    reason: str = ""
    reader: str = ""
    begun_at: str = ""
    confirmed_at: str | None = None
    observations: str
    software: str = ""
    edits: int = 0
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberedBody:
    """A vertebral body that was found but whose level is not sure, with what needs no name: ratios, angles, heights."""

    number: int
    measurements: tuple[Measurement, ...]
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelQuestion:
    """Which vertebra is which on one image, asked of the reader: naming one numbered body answers it.

    ``likely`` holds the first and the last level of the likeliest labellings, with their probability;
    ``on_radiograph`` tells which numbering is meant where an MRI has one too, ``film`` which of several radiographs,
    the best of them being 1.
    """

    image: str
    likely: tuple[tuple[Level, Level, float], ...]
    asked: float
    bodies: tuple[NumberedBody, ...]
    how: Remedy
    on_radiograph: bool = False
    film: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Assessment:
    """One patient, one visit, one index vertebra (None while the reader has not chosen)."""

    schema_version: str = SCHEMA_VERSION
    reading: ReadingRecord | None = None
    """None where the assessment was not taken from a reading."""
    case: ClinicalCase
    from_header: tuple[str, ...] = ()
    """Fields of the case that nobody entered: they stand in the tags of the images."""
    index_level: Level | None
    column: VertebralColumn
    series: tuple[SeriesSummary, ...]
    landmarks: tuple[SpineLandmarks, ...]
    chosen_image: str | None = None
    """The image that the reader wants height loss and kyphosis taken from; else a radiograph goes before MRI."""
    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...] = ()
    suggested_fractures: tuple[Finding, ...] = ()
    """Vertebrae that look fractured, most conspicuous first: for the reader to choose from. Behind them stand those
    that could not be judged."""
    declined: tuple[Level, ...] = ()
    """Vertebrae that were suggested when a reader said that there is no recent fracture to assess."""
    undecided: tuple[Level, ...] = ()
    """Vertebrae of which a reader said, while none is assessed, that it cannot be told whether they are fractured."""
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

    def __repr__(self) -> str:
        return shown.short(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return shown.as_html(self)

    def rows(self) -> list[dict[str, object]]:
        """Every measurement as a flat row, for a table: ``pandas.DataFrame(assessment.rows())``."""
        return shown.rows(self)
