"""What the rules look at: the clinical case, and what was found on its images and by its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.scores.applicability import Applicability, applicability, recency_of
from ovcf.scores.result import ScoreResult
from ovcf.vocabulary import Cleft, Recency, T2Pattern, Treatment

RADIOGRAPH, T1, T2, STIR, FS_T2, CT = (
    "lateral radiograph",
    "sagittal T1",
    "sagittal T2",
    "sagittal STIR",
    "sagittal fat-suppressed T2",
    "CT",
)
"""Names of the image series, as in ``AdviceInput.available``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceInput:
    """One index vertebra. None always means "not known".

    ``recent`` says whether the marrow of the index vertebra shows the signs of a recent fracture, ``sq_grade`` its
    grade (0 to 3), ``bme_percent`` the share of its volume with marrow edema, ``vhl_percent`` and
    ``local_kyphosis_deg`` its height loss and angle as scored, with the SD of their own error where that is known,
    ``posture_known`` whether the images or landmarks tell the posture of the radiograph, ``cemented_lower`` whether it
    holds cement and has lost height since an earlier visit, and ``available`` the image series at hand.
    """

    case: ClinicalCase
    index_level: Level | None = None
    scores: Mapping[str, ScoreResult] = field(default_factory=dict)
    vbq: float | None = None
    vbq_high: bool | None = None
    recent: bool | None = None
    bme_percent: float | None = None
    vhl_percent: float | None = None
    vhl_sd: float | None = None
    local_kyphosis_deg: float | None = None
    kyphosis_sd: float | None = None
    t2_pattern: T2Pattern | None = None
    cleft: Cleft | None = None
    sq_grade: float | None = None
    posture_known: bool = False
    cemented_lower: bool = False
    available: frozenset[str] = frozenset()

    def score(self, name: str) -> ScoreResult | None:
        """A score by its name, however it is capitalised."""
        return next(
            (s for key, s in self.scores.items() if name.casefold() in (key.casefold(), s.score.casefold())), None
        )

    @property
    def level(self) -> Level | None:
        """The index vertebra."""
        return self.index_level or self.case.index_level

    @property
    def named(self) -> ClinicalCase:
        """The case with the index vertebra that is looked at."""
        same = self.case.index_level == self.level
        return self.case if same else replace(self.case, index_level=self.level)

    @property
    def applicability(self) -> Applicability:
        """What stands against prognostic scores, outcome rates and augmentation, and what is not recorded."""
        return applicability(self.named, measured_recent=self.recent)

    @property
    def recency(self) -> Recency:
        """Whether the fracture is recent: the reader's word before the measured sign."""
        return recency_of(self.named, self.recent)[0]

    @property
    def augmented(self) -> bool:
        """Whether the index vertebra has been augmented."""
        cemented = self.level is not None and self.level in self.case.cemented_levels
        return cemented or self.case.treatment is Treatment.AUGMENTATION

    @property
    def has_mri(self) -> bool:
        """Whether any MR series is at hand."""
        return bool(self.available & {T1, T2, STIR, FS_T2})
