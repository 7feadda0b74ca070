"""Who the images are of: what the clinical file leaves out is taken from their tags, what contradicts it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.language.worded import say
from ovcf.plausible import MARROW_DAYS
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Patient

_SEX = {"F": Sex.FEMALE, "M": Sex.MALE}
_YEARS_APART = 2.0
"""Ages that differ by less may be of one patient: a birthday, an older image, a rounded figure."""
_OLDEST = 120.0
"""What removes names writes 000Y for an age that is not to be told, and 999Y for one that nobody entered."""


def with_header(case: ClinicalCase, patient: Patient, days: Sequence[str]) -> tuple[ClinicalCase, tuple[str, ...]]:
    """The case with id, sex, age and visit date of the images where it has none, and the names of those fields.

    ``days`` are the ISO dates on which the images were taken; the latest is the visit.
    """
    known: dict[str, Any] = {
        "patient_id": patient.id,
        "visit_date": max(days, default=None),
        "age_years": patient.age if patient.age is not None and 0 < patient.age <= _OLDEST else None,
        "sex": _SEX.get(patient.sex or ""),
    }
    taken = {name: value for name, value in known.items() if value is not None and not _said(case, name)}
    return (replace(case, **taken) if taken else case), tuple(taken)


def as_entered(case: ClinicalCase, from_header: Sequence[str]) -> ClinicalCase:
    """The case without what was taken from the images."""
    empty = type(case)()
    return replace(case, **{name: getattr(empty, name) for name in from_header})


def other_patient(case: ClinicalCase, patient: Patient, days: Sequence[str] = ()) -> Iterator[str]:
    """Why the clinical file may be of another patient or visit than the images; no identifier is repeated."""
    check = "check that both are of one person"
    if patient.id and case.patient_id and patient.id.strip().casefold() != case.patient_id.strip().casefold():
        yield say(
            "the patient id of the clinical file is not the one of the images: {check}, and that one is a pseudonym",
            check=check,
        )
    sex = _SEX.get(patient.sex or "")
    if sex and case.sex and sex != case.sex:
        yield say(
            "the images are of a {sex} patient, the clinical file says {sex_2}: {check}",
            sex=sex,
            sex_2=case.sex,
            check=check,
        )
    if patient.age is not None and case.age_years is not None and abs(patient.age - case.age_years) >= _YEARS_APART:
        yield (
            say(
                "the images are of a patient of {age:.0f} years, the clinical file says {age_years:g}: {check}",
                age=patient.age,
                age_years=case.age_years,
                check=check,
            )
        )
    if case.visit_date and days:
        apart = min(abs((date.fromisoformat(day) - date.fromisoformat(case.visit_date)).days) for day in days)
        if apart > MARROW_DAYS:
            yield (
                say(
                    "the images were taken {apart} days from the visit of the clinical file ({visit_date}): "
                    "check that its facts hold for that day",
                    apart=apart,
                    visit_date=case.visit_date,
                )
            )


def _said(case: ClinicalCase, name: str) -> bool:
    return bool(getattr(case, name) is not None and getattr(case, name) != "")
