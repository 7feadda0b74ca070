"""What findings say, as data: one frozen type per kind, from a grade to a vertebra that could not be judged.

A program decides by these types alone. What people read stands in
:mod:`ovcf.assessment.findings.finding_words`, once a kind, and nothing reads it back.
Probabilities are keyed by the category itself, and are empty or None where they are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal

from pydantic import Field

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding_over_time import (
    CementedBody,
    EdemaReturned,
    HeightLossSince,
    KyphosisProgress,
    NonUnion,
    OverVisits,
)
from ovcf.language.worded import say
from ovcf.vocabulary import BmeLevel, Cleft, FractureShape, MorphometricAlgorithm, OfClass, ShapeOnRadiograph, T2Pattern

Sides = Literal["both", "superior", "inferior", "none"]
"""Which of the two endplates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqGrade:
    """Genant's grade, 0 to 3, from measured height loss or as a reader sees it.

    ``shape`` is None for grade 0, and where the reader did not name one. ``boundary``: the deciding loss lies exactly
    on a limit between two grades.
    """

    kind: Literal["SQ grade"] = "SQ grade"
    grade: int
    shape: FractureShape | None = None
    boundary: bool = False
    probability: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersGrade:
    """How the readers of the NHANES survey would likely have graded the vertebra: the probability of each grade."""

    kind: Literal["grade of readers"] = "grade of readers"
    probability: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Morphometry:
    """What one published definition of deformity says; ``fractured`` None where it cannot tell.

    ``grade`` is Eastell's 1 or 2, None where there is none. ``probability`` is that of being fractured.
    """

    kind: Literal["morphometry"] = "morphometry"
    algorithm: MorphometricAlgorithm
    fractured: bool | None
    shape: FractureShape | None = None
    grade: int | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiographShape:
    """A sign of a compression fracture on a radiograph; ``present`` None where it cannot be told."""

    kind: Literal["radiograph sign"] = "radiograph sign"
    sign: ShapeOnRadiograph
    present: bool | None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecencySign:
    """Whether marrow signal says that a fracture is recent; None: the reader must decide."""

    kind: Literal["recency"] = "recency"
    recent: bool | None
    probability: tuple[tuple[bool | None, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class T2Signal:
    """Tsujio's pattern of the T2 signal of a fractured body.

    Not ``sure``: it lies near a limit, and the reader decides.
    """

    kind: Literal["T2 pattern"] = "T2 pattern"
    pattern: T2Pattern
    probability: tuple[tuple[T2Pattern, float], ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EdemaLevel:
    """How much of the body holds marrow edema, as Nagao grades it."""

    kind: Literal["edema level"] = "edema level"
    level: BmeLevel
    probability: tuple[tuple[BmeLevel, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdemaBesideEndplates:
    """On which side of the body the edema is."""

    kind: Literal["edema beside the endplates"] = "edema beside the endplates"
    superior: bool
    inferior: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CleftSign:
    """Whether there is an intravertebral cleft, and what it holds."""

    kind: Literal["cleft"] = "cleft"
    cleft: Cleft


@dataclass(frozen=True, slots=True, kw_only=True)
class BoneQuality:
    """Whether vertebral bone quality (VBQ) is high in Kadri's sense, and the probability of that."""

    kind: Literal["bone quality"] = "bone quality"
    high: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endplates:
    """Which endplates have given way, suggested by the outline; None where that cannot be told."""

    kind: Literal["endplates"] = "endplates"
    superior: bool | None
    inferior: bool | None
    probability: tuple[tuple[Sides, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorWall:
    """Whether the posterior wall is involved by a fifth or more, suggested by the outline; and the probability."""

    kind: Literal["posterior wall"] = "posterior wall"
    involved: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSuggestion:
    """The OF class that the outline suggests; ``of`` is None while several are ``possible``.

    ``probability`` is that of each class, or of those that what is not known leaves open together.
    """

    kind: Literal["OF class suggested"] = "OF class suggested"
    of: OfClass | None
    possible: tuple[OfClass, ...] = ()
    probability: tuple[tuple[tuple[OfClass, ...], float], ...] = ()


FromOutline = OfSuggestion | Endplates | PosteriorWall | EdemaBesideEndplates
"""What the outline of a body suggests; it stands beside the signs of a fracture and ranks nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedFracture:
    """A vertebra that looks fractured, for the reader to choose from; ``recent`` by signal, None where unknown.

    ``outline`` is what its outline suggests. ``unclear``: its shape is sound, and the signal of its marrow does not
    say whether it is fractured; it is to be looked at, and does not look fractured.
    """

    kind: Literal["suggested fracture"] = "suggested fracture"
    recent: bool | None
    outline: tuple[FromOutline, ...] = ()
    unclear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulNeighbour:
    """A neighbour that looks fractured and that nobody named: what is measured against it may be wrong."""

    kind: Literal["doubtful neighbour"] = "doubtful neighbour"
    neighbour: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Ungraded:
    """A vertebra that one image shows, or that must stand between those it shows, and that was not graded there.

    ``marrow`` tells that only its corners are unsure, so that the signal of its marrow may be read. ``level`` is None
    where even the name is not sure.
    """

    kind: Literal["ungraded"] = "ungraded"
    level: Level | None
    reason: str
    image: str = ""
    marrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineGrades:
    """Which vertebrae were graded, which of them are fractured, and which were not graded and why."""

    kind: Literal["spine"] = "spine"
    graded: tuple[tuple[Level, int], ...]
    fractured: tuple[Level, ...]
    ungraded: tuple[Ungraded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedClass:
    """The class of a published classification, by its ``system`` and version; ``label`` is None while several are
    ``possible``.
    """

    kind: Literal["class"] = "class"
    system: str
    version: str
    label: str | None
    possible: tuple[str, ...] = ()


FindingData = Annotated[
    SqGrade
    | ReadersGrade
    | Morphometry
    | RadiographShape
    | RecencySign
    | T2Signal
    | EdemaLevel
    | EdemaBesideEndplates
    | CleftSign
    | BoneQuality
    | Endplates
    | PosteriorWall
    | OfSuggestion
    | SuggestedFracture
    | DoubtfulNeighbour
    | Ungraded
    | SpineGrades
    | PublishedClass
    | NonUnion
    | KyphosisProgress
    | HeightLossSince
    | OverVisits
    | EdemaReturned
    | CementedBody,
    Field(discriminator="kind"),
]


def looks_fractured(data: FindingData) -> bool:
    """Whether a finding says so of a vertebra that nobody has named; one whose marrow alone is unclear does not."""
    return isinstance(data, SuggestedFracture) and not data.unclear


def identity(data: FindingData) -> str:
    """The kind, and which of several of that kind: two algorithms, two signs, several classifications."""
    match data:
        case Morphometry():
            return say("{kind}, {algorithm}", kind=data.kind, algorithm=data.algorithm)
        case RadiographShape():
            return say("{kind}, {sign}", kind=data.kind, sign=data.sign)
        case PublishedClass():
            return say("{kind}, {system}", kind=data.kind, system=data.system)
        case OverVisits():
            return say("{kind}, {of}", kind=data.kind, of=data.of)
    return data.kind


def decided(data: FindingData) -> FindingData:
    """The same without probabilities: what was decided, whatever the measurement error."""
    if isinstance(data, ReadersGrade) or "probability" not in {f.name for f in fields(data)}:
        return data
    one = Morphometry | RadiographShape | BoneQuality | PosteriorWall | NonUnion | KyphosisProgress
    unknown = None if isinstance(data, one) else ()
    return replace(data, probability=unknown)  # type: ignore[arg-type]  # of the kind that the type takes
