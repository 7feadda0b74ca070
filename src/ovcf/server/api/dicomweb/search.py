"""QIDO-RS: rows about studies, series and instances, and which of them match."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ovcf.server.api.dicomweb.holdings import Listed
    from ovcf.server.api.dicomweb.study_cache import Holding, Outline

_PAGED = {"limit", "offset", "includefield", "fuzzymatching"}
_SERIES = ("Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription")
_INSTANCE = ("SOPClassUID", "SOPInstanceUID", "InstanceNumber", "Rows", "Columns", "BitsAllocated", "NumberOfFrames")
_EMPTY = ("StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientBirthDate", "StudyID")


def list_row(one: Listed) -> Dataset:
    """What the list of studies tells of one, without looking at what it holds."""
    row = Dataset()
    row.StudyInstanceUID, row.PatientID, row.PatientName = one.item.study_uid, one.code, one.code
    return row


def study_row(one: Listed, address: str, told: Outline) -> Dataset:
    """A study, as the registry tells it and its objects; counts stand there where they are known."""
    row = Dataset()
    for keyword in _EMPTY:
        setattr(row, keyword, "")
    row.StudyInstanceUID = one.item.study_uid
    row.StudyDate = "" if one.item.acquired_on is None else f"{one.item.acquired_on:%Y%m%d}"
    row.StudyDescription = told.description
    row.PatientID = row.PatientName = one.code
    row.PatientSex = one.sex
    row.ModalitiesInStudy = list(told.modalities)
    if told.series is not None:
        row.NumberOfStudyRelatedSeries, row.NumberOfStudyRelatedInstances = told.series, told.instances
    row.InstanceAvailability = "ONLINE"
    row.RetrieveURL = f"{address}/studies/{one.item.study_uid}"
    return row


def series_rows(held: Holding, address: str) -> list[Dataset]:
    """The series of a study, in the order of their numbers."""
    rows: dict[str, Dataset] = {}
    for ds in held.objects.values():
        uid = str(ds.SeriesInstanceUID)
        if uid not in rows:
            rows[uid] = _taken(ds, _SERIES)
            rows[uid].StudyInstanceUID, rows[uid].NumberOfSeriesRelatedInstances = held.study_uid, 0
            rows[uid].RetrieveURL = f"{address}/studies/{held.study_uid}/series/{uid}"
        rows[uid].NumberOfSeriesRelatedInstances += 1
    return sorted(rows.values(), key=lambda row: int(row.get("SeriesNumber") or 0))


def instance_rows(held: Holding, objects: Iterable[Dataset], address: str) -> list[Dataset]:
    """Instances, in the order of their numbers."""
    rows = []
    for ds in objects:
        row = _taken(ds, (*_SERIES, *_INSTANCE))
        row.StudyInstanceUID = held.study_uid
        series = f"{address}/studies/{held.study_uid}/series/{ds.SeriesInstanceUID}"
        row.RetrieveURL = f"{series}/instances/{ds.SOPInstanceUID}"
        rows.append(row)
    return sorted(rows, key=lambda row: (int(row.get("SeriesNumber") or 0), int(row.get("InstanceNumber") or 0)))


def matching(rows: Sequence[Dataset], asked: Mapping[str, str]) -> tuple[list[Dataset], set[str]]:
    """The rows that match every key, given as keyword or as eight hexadecimal digits; and the keys that no row has."""
    found, ignored = list(rows), set()
    for name, wanted in asked.items():
        if name.lower() in _PAGED or not wanted:
            continue
        tag = int(name, 16) if len(name) == 8 and not set(name.lower()) - set("0123456789abcdef") else None
        tag = tag_for_keyword(name) if tag is None else tag
        if tag is None or (rows and not any(tag in row for row in rows)):
            ignored.add(name[:64])
        else:
            found = [row for row in found if tag in row and _matches(row[tag], wanted)]
    return found, ignored


def plain(rows: Iterable[Dataset]) -> list[dict[str, Any]]:
    """Rows as DICOM JSON."""
    return [row.to_json_dict() for row in rows]


def _taken(ds: Dataset, keywords: Iterable[str]) -> Dataset:
    row = Dataset()
    for keyword in keywords:
        if keyword in ds:
            row[keyword] = ds[keyword]
    return row


def _matches(element: Any, wanted: str) -> bool:
    values = [str(v) for v in (element.value if element.VM > 1 else [element.value])]
    if element.VR == "DA" and "-" in wanted:
        begin, _, end = wanted.partition("-")
        return any(v and (not begin or v >= begin) and (not end or v <= end) for v in values)
    if element.VR == "UI":
        return any(v in wanted.replace("\\", ",").split(",") for v in values)
    fold = str.casefold if element.VR == "PN" else str
    return any(fnmatchcase(fold(v), fold(wanted.replace("[", "[[]"))) for v in values)
