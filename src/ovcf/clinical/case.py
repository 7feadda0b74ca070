"""The clinical facts of one patient at one visit: what was said and measured outside the images.

None always means "not known", never "no".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ovcf.anatomy import Level


class Sex(StrEnum):
    """Sex as the reference tables use it."""

    FEMALE = "female"
    MALE = "male"


class FractureType(StrEnum):
    """HAN: compression is the anterior column alone, burst the anterior and middle columns."""

    COMPRESSION = "compression"
    BURST = "burst"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalCase:
    """PLACEHOLDER: the clinical helper completes this."""

    patient_id: str = ""
    age_years: float | None = None
    sex: Sex | None = None
    t_score: float | None = None
    index_level: Level | None = None
    fracture_type: FractureType | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
