"""One DICOM image without what tells whose it is.

Basic Application Level Confidentiality Profile of PS3.15 Annex E, with the options Clean Descriptors, Retain
Longitudinal Temporal Information With Modified Dates, and Retain Patient Characteristics (sex, and age up to 90).
Dates are moved, times of day go. Pixels stay as they are. A series whose description may hold a name is described
anew, by its attributes and in words of ours, so that a reader still tells T1 from T2.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from ovcf.errors import ClinicalDataError, UnreadableFileError
from ovcf.imaging.files.described import described
from ovcf.workflow.confidential.attribute_rules import DUMMY_TEXT, Do, rule
from ovcf.workflow.confidential.tells import Tells
from ovcf.workflow.deidentify import OLDEST_TOLD, harmless_description

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom import DataElement, Dataset

    from ovcf.workflow.deidentify import Pseudonym

_OF_DICOM = "1.2.840.10008."
"""UIDs that begin so name classes and syntaxes, not things."""
_DESCRIPTIONS = frozenset({"SeriesDescription", "StudyDescription", "ProtocolName"})
_WHOSE = frozenset({"PatientName", "PatientID"})
_METHOD = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)
"""Codes of PS3.16 CID 7050."""
_TEXT = frozenset({"AE", "CS", "LO", "SH", "LT", "ST", "UC", "UT", "UR", "PN"})
_EMPTY: dict[str, Any] = {"SQ": [], "OB": b"", "OW": b"", "UN": b""}


def deidentified(data: bytes, pseudonym: Pseudonym, name: str) -> bytes:
    """A DICOM file without what tells whose it is; ``name`` is what errors call it.

    Raises:
        UnreadableFileError: it is damaged. ClinicalDataError: it is no image, it says that names are burned into its
            pixels, or something of the patient would stay in it.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError
    from pydicom.filebase import DicomBytesIO

    try:
        ds = dcmread(DicomBytesIO(data))
        tells = Tells.of(ds)
        what = described(ds)
        _refuse_what_is_no_image(ds, name)
        _go_through(ds, pseudonym, tells)
        _describe(ds, what, tells)
        _say_what_was_done(ds, pseudonym)
        ds.preamble = b"\0" * 128
        ds.file_meta = _file_meta(ds)
        written = io.BytesIO()
        ds.save_as(written, enforce_file_format=True)
    except (InvalidDicomError, EOFError, NotImplementedError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(
            name, f"is no whole DICOM file ({type(error).__name__})", "Export it again from where it comes from."
        ) from None
    found = written.getvalue()
    if tells.but(pseudonym).stands_in(found):
        raise ClinicalDataError(name, "still holds what tells whose it is", "Leave it out, or look at its tags.")
    return found


def may_be_burned_in(data: bytes) -> bool:
    """Whether names may stand in the pixels: the image does not say that none do, and is not as a scanner made it."""
    from pydicom import dcmread

    ds = dcmread(io.BytesIO(data), specific_tags=["BurnedInAnnotation", "Modality", "ImageType"])
    first = str((ds.get("ImageType") or ["?"])[0])
    return ds.get("BurnedInAnnotation") != "NO" and (ds.get("Modality") not in ("MR", "CT") or first != "ORIGINAL")


def _refuse_what_is_no_image(ds: Dataset, name: str) -> None:
    if "SOPClassUID" not in ds and "MediaStorageSOPClassUID" not in ds.file_meta:
        raise UnreadableFileError(name, "is no whole DICOM file", "Export it again from where it comes from.")
    if "PixelData" not in ds or "SOPClassUID" not in ds:
        raise ClinicalDataError(name, "is no image: its text would tell too much", "It is left out.")
    if str(ds.get("BurnedInAnnotation", "")).upper() == "YES":
        raise ClinicalDataError(name, "says that names are burned into its pixels", "It is left out.")


def _go_through(ds: Dataset, pseudonym: Pseudonym, tells: Tells) -> None:
    """Every attribute, those in sequences included."""
    from pydicom.datadict import dictionary_has_tag

    for tag in list(ds.keys()):
        repeated = tag.group & 0xFF00 in (0x5000, 0x6000)  # curves and overlays are drawn over the image
        if tag.is_private or repeated or not dictionary_has_tag(tag):
            del ds[tag]
        else:
            _one(ds, ds[tag], pseudonym, tells)


def _one(ds: Dataset, element: DataElement, pseudonym: Pseudonym, tells: Tells) -> None:
    keyword, vr = element.keyword, str(element.VR)
    if keyword in _WHOSE:
        element.value = pseudonym.name
    elif keyword == "PatientSex":
        element.value = element.value if element.value in ("F", "M", "O") else ""
    elif keyword == "PatientAge":
        element.value = _age(str(element.value))
    elif keyword in _DESCRIPTIONS:
        if not (harmless_description(str(element.value)) and tells.nowhere_in(str(element.value))):
            element.value = DUMMY_TEXT
    elif vr == "UI":
        element.value = _uids(element.value, pseudonym)
    elif vr == "DA" and keyword != "PatientBirthDate":
        _put(element, [_day(one, pseudonym) for one in _values(element)])
    elif vr == "DT":
        days = [_day(one[:8], pseudonym) for one in _values(element)]
        _put(element, [day and day + "000000" for day in days])
    else:
        _by_table(ds, element, vr, pseudonym, tells)


def _describe(ds: Dataset, what: str, tells: Tells) -> None:
    """Say what a series is, in words of ours, where nothing that it was called may be told."""
    if what and ds.get("SeriesDescription") in (None, "", DUMMY_TEXT) and tells.nowhere_in(what):
        ds.SeriesDescription = what


def _by_table(ds: Dataset, element: DataElement, vr: str, pseudonym: Pseudonym, tells: Tells) -> None:
    do = rule(int(element.tag), vr)
    if do is Do.REMOVE:
        del ds[element.tag]
    elif do is Do.EMPTY:
        element.value = _EMPTY.get(vr, "" if vr in _TEXT | {"DA", "TM", "AS", "DS", "IS"} else None)
    elif do is Do.DUMMY:
        element.value = "000000" if vr == "TM" else DUMMY_TEXT if vr in _TEXT else b"" if vr in ("OB", "UN") else None
    elif do is Do.INSIDE:
        for item in element.value:
            _go_through(item, pseudonym, tells)
    elif vr == "TM":
        element.value = "000000"
    elif vr in _TEXT and not all(map(tells.nowhere_in, _values(element))):
        element.value = DUMMY_TEXT


def _put(element: DataElement, values: list[str]) -> None:
    """Dates; what is none, and so cannot be moved, goes."""
    element.value = (values if len(values) > 1 else "".join(values)) if all(values) else ""


def _values(element: DataElement) -> list[str]:
    found = element.value
    return [str(one) for one in ([] if found is None else found if element.VM > 1 else [found])]


def _day(text: str, pseudonym: Pseudonym) -> str:
    """``YYYYMMDD``, moved; empty where it is no date."""
    digits = re.fullmatch(r"(\d{4})[.]?(\d{2})[.]?(\d{2})", text)
    if digits is None:
        return ""
    try:
        return pseudonym.day("-".join(digits.groups())).replace("-", "")
    except ValueError:
        return ""


def _uids(value: Any, pseudonym: Pseudonym) -> Any:
    def new(uid: str) -> str:
        return uid if uid.startswith(_OF_DICOM) else pseudonym.uid(uid)

    return new(value) if isinstance(value, str) else [new(str(one)) for one in value or []]


def _age(text: str) -> str:
    found = re.fullmatch(r"(\d{3})([DWMY])", text)
    if found is None:
        return ""
    return f"{OLDEST_TOLD:03d}Y" if found[2] == "Y" and int(found[1]) > OLDEST_TOLD else text


def _say_what_was_done(ds: Dataset, pseudonym: Pseudonym) -> None:
    ds.PatientName = ds.PatientID = pseudonym.name
    ds.PatientBirthDate = ""
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = "ovcf: DICOM PS3.15 Annex E (2026c)"
    ds.LongitudinalTemporalInformationModified = "MODIFIED"
    name_methods(ds, _METHOD)


def name_methods(ds: Dataset, methods: Iterable[tuple[str, str]]) -> None:
    """Write how an image was de-identified: codes and meanings of PS3.16 CID 7050."""
    from pydicom.dataset import Dataset as Item

    ds.DeidentificationMethodCodeSequence = []
    for value, meaning in methods:
        item = Item()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        ds.DeidentificationMethodCodeSequence.append(item)


def _file_meta(ds: Dataset) -> Any:
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ds.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    return meta
