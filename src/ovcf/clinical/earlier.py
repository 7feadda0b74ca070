"""What was found at an earlier visit, so that one assessment can say what has changed since."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from ovcf.clinical.flags import about
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError
from ovcf.vocabulary import Cleft, T2Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVisit:
    """The index vertebra and its patient at one earlier visit, as entered; None means "not known".

    Raises:
        ClinicalDataError: a value outside its range, or nothing that says when the visit was.
    """

    visit_date: str | None = field(default=None, metadata=about("Date of the earlier visit, YYYY-MM-DD"))
    months_before: float | None = field(
        default=None, metadata=about("Months from the earlier visit to this one", low=0, high=600)
    )
    vhl_percent: float | None = field(
        default=None, metadata=about("Vertebral height loss then, by HAN's definition", low=-100, high=100)
    )
    local_kyphosis_deg: float | None = field(
        default=None, metadata=about("Local kyphosis angle then, by HAN's definition", low=-90, high=120)
    )
    posture_radiograph: Literal["standing", "sitting", "supine", "decubitus"] | None = field(
        default=None, metadata=about("Posture of the radiograph then")
    )
    sq_grade: int | None = field(default=None, metadata=about("Semiquantitative grade then", low=0, high=3))
    bme_percent: float | None = field(
        default=None, metadata=about("Bone marrow edema then, percent of the body", low=0, high=100)
    )
    t2_pattern: T2Pattern | None = field(default=None, metadata=about("T2 signal pattern then"))
    cleft: Cleft | None = field(default=None, metadata=about("Intravertebral cleft then"))
    vas: float | None = field(default=None, metadata=about("Pain then, 0 to 10", low=0, high=10))
    odi: float | None = field(default=None, metadata=about("Oswestry disability index then, percent", low=0, high=100))
    analgesic_class: int | None = field(
        default=None,
        metadata=about("Analgesic then: 0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid", low=0, high=3),
    )

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None and "ge" in f.metadata:
                parse_decimal(value, field=f"earlier visit, {f.name}", low=f.metadata["ge"], high=f.metadata["le"])
        if self.visit_date is None and self.months_before is None:
            raise ClinicalDataError(
                "earlier visit", "does not say when it was", "Give visit_date (YYYY-MM-DD) or months_before."
            )

    @property
    def when(self) -> str:
        """The visit as named in print."""
        return self.visit_date or f"{self.months_before:g} months before"

    def __str__(self) -> str:
        given = [
            f"{f.name.replace('_', ' ')} {getattr(self, f.name)}"
            for f in fields(self)
            if f.name not in ("visit_date", "months_before") and getattr(self, f.name) is not None
        ]
        return f"{self.when}: {', '.join(given) or 'nothing entered'}"
