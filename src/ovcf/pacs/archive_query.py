"""What an archive is asked for, and what it answers, whichever way it is spoken with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.errors import PacsError

if TYPE_CHECKING:
    from pydicom import Dataset

_DATES = re.compile(r"\d{8}|\d{8}-|-\d{8}|\d{8}-\d{8}")
RETURNED = (
    "PatientID",
    "PatientName",
    "StudyDate",
    "ModalitiesInStudy",
    "StudyDescription",
    "AccessionNumber",
    "NumberOfStudyRelatedInstances",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which studies. Text may hold ``*`` and ``?``; ``date`` is YYYYMMDD, or a range with a hyphen.

    Raises:
        PacsError: it asks for nothing, or the date is none.
    """

    patient_id: str = ""
    patient_name: str = ""
    date: str = ""
    modality: str = ""
    study_uid: str = ""
    accession: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if self.date and not _DATES.fullmatch(self.date):
            raise PacsError("date", f"{self.date!r} is none", "Write YYYYMMDD, or a range: 20260101-20260131.")
        if not self.keys():
            raise PacsError("query", "asks for everything an archive holds", "Say at least a patient, date or study.")

    def keys(self) -> dict[str, str]:
        """The matching keys by DICOM keyword, those that are empty left out."""
        told = {
            "PatientID": self.patient_id,
            "PatientName": self.patient_name,
            "StudyDate": self.date,
            "ModalitiesInStudy": self.modality,
            "StudyInstanceUID": self.study_uid,
            "AccessionNumber": self.accession,
            "StudyDescription": self.description,
        }
        return {keyword: value for keyword, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that an archive holds."""

    study_uid: str
    patient_id: str
    patient_name: str
    date: str
    modalities: tuple[str, ...]
    description: str
    accession: str
    instances: int | None

    @classmethod
    def of(cls, ds: Dataset) -> FoundStudy:
        """From an answer, what is absent empty."""
        modalities = ds.get("ModalitiesInStudy") or ()
        count = str(ds.get("NumberOfStudyRelatedInstances") or "")
        return cls(
            study_uid=str(ds.get("StudyInstanceUID", "")),
            patient_id=str(ds.get("PatientID") or ""),
            patient_name=str(ds.get("PatientName") or ""),
            date=str(ds.get("StudyDate") or ""),
            modalities=(modalities,) if isinstance(modalities, str) else tuple(map(str, modalities)),
            description=str(ds.get("StudyDescription") or ""),
            accession=str(ds.get("AccessionNumber") or ""),
            instances=int(count) if count.isdigit() else None,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an archive said of one object that was sent: taken, or why not; ``again`` where another try may help."""

    sop_uid: str
    taken: bool
    why: str = ""
    again: bool = True
