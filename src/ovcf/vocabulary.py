"""Every closed list of words, once: what a reader may choose, what a file may hold, what a result may say.

A word is its own identifier: it stands in files, on the command line and in results. :data:`CODES` gives the DICOM or
SNOMED CT code of a word where pydicom's dictionary holds one of just this meaning; other words have none here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Sex(StrEnum):
    """Sex as the reference tables use it."""

    FEMALE = "female"
    MALE = "male"


class FractureType(StrEnum):
    """HAN: compression is the anterior column alone, burst the anterior and middle columns."""

    COMPRESSION = "compression"
    BURST = "burst"


class FractureShape(StrEnum):
    """The shape that Genant and Eastell tell apart."""

    WEDGE = "wedge"
    BICONCAVE = "biconcave"
    CRUSH = "crush"


class MorphometricAlgorithm(StrEnum):
    """The definitions of a deformity by standard deviations from normal shape: a published one, and this project's."""

    EASTELL = "Eastell"
    TWO_CRITERIA = "Two criteria"


class ShapeOnRadiograph(StrEnum):
    """The two signs of a compression fracture in the UNC teaching case: a wedge, a body shorter than its neighbour."""

    WEDGE = "wedge"
    SHORT = "short"


class OfClass(StrEnum):
    """Schnake's osteoporotic fracture classes; none where no fracture is seen."""

    OF1 = "OF1"
    OF2 = "OF2"
    OF3 = "OF3"
    OF4 = "OF4"
    OF5 = "OF5"
    NONE = "none"


class Treatment(StrEnum):
    """How the index fracture is, or was, treated; none: not yet."""

    NONE = "none"
    CONSERVATIVE = "conservative"
    AUGMENTATION = "augmentation"
    SURGERY = "surgery"


class Aetiology(StrEnum):
    """What broke the vertebra, as far as the reader has decided."""

    OSTEOPOROSIS = "osteoporosis"
    MYELOMA = "myeloma"
    METASTASIS = "metastasis"
    ANGIOMA = "vertebral angioma"
    INFECTION = "infection"
    TRAUMA = "high-energy trauma"


class NeurologicalGrade(StrEnum):
    """AO Spine neurological status."""

    N0 = "N0"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    N4 = "N4"
    NX = "NX"


class Analgesic(StrEnum):
    """The strongest analgesic taken, in rising order."""

    NONE = "none"
    NON_OPIOID = "non-opioid"
    WEAK_OPIOID = "weak opioid"
    STRONG_OPIOID = "strong opioid"


class T2Pattern(StrEnum):
    """Tsujio's patterns, and none of them."""

    CONFINED_HIGH = "confined high"
    DIFFUSE_HIGH = "diffuse high"
    CONFINED_LOW = "confined low"
    DIFFUSE_LOW = "diffuse low"
    NONE = "none"


class BmeLevel(StrEnum):
    """Extent of edema as Nagao grades it."""

    NONE = "none"
    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"


class Recency(StrEnum):
    """Whether a fracture is recent in Han's sense: low signal on T1."""

    RECENT = "recent"
    NOT_RECENT = "not recent"
    UNKNOWN = "not known"


class Cleft(StrEnum):
    """What a cleft holds."""

    NONE = "none"
    AIR = "air"
    FLUID = "fluid"
    BOTH = "both"


class Modality(StrEnum):
    """What the image is; radiographs and DXA are projections, CT and MR are cross-sections."""

    RADIOGRAPH = "radiograph"
    DXA = "DXA"
    MR = "MR"
    CT = "CT"
    UNKNOWN = "unknown"


class Posture(StrEnum):
    """How the patient was held: posture alone moves kyphosis by more than 10 degrees."""

    STANDING = "standing"
    SITTING = "sitting"
    SUPINE = "supine"
    LATERAL_DECUBITUS = "lateral decubitus"
    PRONE = "prone"
    UNKNOWN = "unknown"


class ReadingStatus(StrEnum):
    """What a version of a reading is."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"


#: (scheme, code) of a word. A radiograph is CR or DX, so it has no single code.
CODES: Mapping[StrEnum, tuple[str, str]] = {
    Sex.FEMALE: ("DCM", "F"),
    Sex.MALE: ("DCM", "M"),
    Modality.DXA: ("DCM", "BMD"),
    Modality.MR: ("DCM", "MR"),
    Modality.CT: ("DCM", "CT"),
    Posture.STANDING: ("SCT", "10904000"),
    Posture.SITTING: ("SCT", "33586001"),
    Posture.SUPINE: ("SCT", "40199007"),
    Posture.LATERAL_DECUBITUS: ("SCT", "32185000"),
    Posture.PRONE: ("SCT", "1240000"),
}

#: The lists by name.
LISTS: Mapping[str, type[StrEnum]] = {
    kind.__name__: kind
    for kind in (
        Sex,
        FractureType,
        FractureShape,
        MorphometricAlgorithm,
        ShapeOnRadiograph,
        OfClass,
        Treatment,
        Aetiology,
        NeurologicalGrade,
        Analgesic,
        T2Pattern,
        BmeLevel,
        Recency,
        Cleft,
        Modality,
        Posture,
        ReadingStatus,
    )
}

#: Other ways in which people and files write a word.
SYNONYMS = {"f": "female", "m": "male", "decubitus": "lateral decubitus"}


def choice(text: str, words: Iterable[str]) -> str | None:
    """The one of ``words`` that ``text`` stands for, whatever its case and joints; None if it is none of them."""
    said = _bare(text)
    known = {_bare(word): word for word in words}
    return known.get(said) or known.get(SYNONYMS.get(said, ""))


def _bare(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


def one_of(words: Iterable[str]) -> str:
    """The advice to choose among words: ``Give compression or burst.``."""
    known = list(words)
    return f"Give {' or '.join(known)}." if len(known) == 2 else f"Give one of: {', '.join(known)}."


def entered_posture(word: str | None) -> Posture:
    """The posture of a radiograph as the clinical file says it."""
    return Posture("lateral decubitus" if word == "decubitus" else word or "unknown")
