"""Whether files are of one person: what their tags say is compared, and what differs is named, never its content."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ovcf.errors import SeriesChoiceError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydicom import Dataset

_YEARS_APART, _YEARS_UNDER_ONE_ID = 2.0, 10.0
"""Birth years worked out from ages that differ by less may be of one person: ages are rounded down, and under one id
they may be those of another visit."""
_UNITS = {"Y": 1.0, "M": 12.0, "W": 52.18, "D": 365.25}


def check_one_patient(files: Sequence[tuple[str, Dataset]]) -> tuple[str, ...]:
    """Refuse files (by name, with their tags) of different people; give back what leaves doubt.

    One id does not make one person where sex, birth date or age say otherwise: "ANON" is an id. A name alone may
    change under one id, and differs between people without.

    Raises:
        SeriesChoiceError: names two files and what differs between them.
    """
    ids = {text(tags, "PatientID") for _, tags in files} - {""}
    telling: list[tuple[str, Callable[[Dataset], object]]] = [
        ("PatientID", lambda tags: text(tags, "PatientID")),
        ("PatientSex", _sex),
        ("PatientBirthDate", _birth),
    ]
    if not ids:
        telling.append(("PatientName", _name))
    for keyword, read in telling:
        first: dict[object, str] = {}
        for file, tags in files:
            if value := read(tags):
                first.setdefault(value, file)
        if len(first) > 1:
            _refuse(keyword, len(first), list(first.values()))
    born = [(year, file) for file, tags in files if (year := _birth_year(tags)) is not None]
    apart = _YEARS_UNDER_ONE_ID if ids else _YEARS_APART
    if born and (oldest := min(born))[0] + apart < (youngest := max(born))[0]:
        _refuse("PatientAge", 2, [oldest[1], youngest[1]])
    studies = {text(tags, "StudyInstanceUID") for _, tags in files} - {""}
    if len(studies) > 1 and not ids and not any(_name(tags) and _birth(tags) for _, tags in files):
        doubt = say("the images come from {studies} studies and do not say whose they are", studies=len(studies))
        return (say("{doubt}: check that all are of one person", doubt=doubt),)
    return ()


def text(tags: Dataset, keyword: str) -> str:
    """A tag as text; empty where it is absent."""
    return str(tags.get(keyword) or "").strip()


def day_of(digits: str) -> str | None:
    """A DICOM date as an ISO date; None where it is no day of the calendar."""
    if not re.fullmatch(r"[0-9]{8}.*", digits, re.DOTALL):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None


def age_of(tags: Dataset, on: str | None) -> float | None:
    """Years, from the stated age (``067Y``), else from the birth date and the day of the study."""
    stated, born = text(tags, "PatientAge"), _birth(tags)
    if re.fullmatch(r"[0-9]{3}[YMWD]", stated):
        return int(stated[:3]) / _UNITS[stated[3]]
    if born and on is not None:
        return float((int(on.replace("-", "")) - int(born.replace("-", ""))) // 10_000)
    return None


def acquired_on(tags: Dataset) -> str | None:
    """The day an image was taken, as an ISO date; None where no tag says it."""
    keywords = ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate")
    return next((day for keyword in keywords if (day := day_of(text(tags, keyword)))), None)


def _refuse(keyword: str, count: int, files: Sequence[str]) -> None:
    raise SeriesChoiceError(
        "study",
        say(
            "holds images of {count} patients: {keyword} differs between {files} and {files_2}",
            count=count,
            keyword=keyword,
            files=files[0],
            files_2=files[1],
        ),
        "Give the files of one patient.",
    )


def _sex(tags: Dataset) -> str | None:
    sex = text(tags, "PatientSex").upper()
    return sex if sex in ("F", "M") else None


def _birth(tags: Dataset) -> str | None:
    return day_of(text(tags, "PatientBirthDate"))


def _name(tags: Dataset) -> str:
    """The name's letters, so that "DOE^JANE" and "Doe^Jane^^" are one."""
    return " ".join(re.sub(r"[\W_]+", " ", text(tags, "PatientName")).casefold().split())


def _birth_year(tags: Dataset) -> float | None:
    day, age = acquired_on(tags), age_of(tags, None)
    return None if day is None or age is None else date.fromisoformat(day).toordinal() / 365.25 - age
