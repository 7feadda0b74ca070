"""An image as the registry shows it to viewers: under the pseudonym, with its own UIDs and dates.

The rules are those of de-identification (:mod:`ovcf.workflow.confidential.images`), but that UIDs stay, so that reports
and segmentations go on pointing at the images, and that dates stay, as everywhere in the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ClinicalDataError, UnreadableFileError
from ovcf.files.workspace import workspace
from ovcf.imaging.files.archive import FoundFile
from ovcf.imaging.files.pixels import decode
from ovcf.workflow.confidential.images import deidentified, name_methods
from ovcf.workflow.deidentify import Pseudonym

if TYPE_CHECKING:
    from pydicom import Dataset

_METHOD = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
    ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113110", "Retain UIDs Option"),
)
"""Codes of PS3.16 CID 7050."""


@dataclass(frozen=True, slots=True)
class Code(Pseudonym):
    """A pseudonym that moves no date and renames nothing but the patient."""

    shift_days: int = 0
    key: bytes = b""

    def uid(self, uid: str) -> str:
        """The same UID."""
        return uid


def hidden(data: bytes, code: str) -> Dataset | None:
    """An image under a pseudonym, uncompressed; None for what is none, or may bear a name in its pixels.

    Raises:
        MissingExtraError: the extra ``dicom`` is not installed.
    """
    from pydicom import dcmread

    try:
        ds = dcmread(BytesIO(deidentified(data, Code(code), "image")))
        ds.LongitudinalTemporalInformationModified = "UNMODIFIED"
        name_methods(ds, _METHOD)
        return _uncompressed(ds)
    except (ClinicalDataError, UnreadableFileError):
        return None


def _uncompressed(ds: Dataset) -> Dataset:
    """With its pixels as every viewer reads them; damaged data are decoded in a process of their own."""
    from pydicom.uid import ExplicitVRLittleEndian

    if not ds.file_meta.TransferSyntaxUID.is_compressed:
        return ds
    pixels = pixels_of(ds)
    kind = np.dtype(f"{'i' if ds.get('PixelRepresentation') else 'u'}{int(ds.BitsAllocated) // 8}")
    data = pixels.astype(kind).tobytes()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds["PixelData"].VR = "OW" if kind.itemsize > 1 else "OB"
    ds["PixelData"].is_undefined_length = False
    ds.PixelData = data + b"\0" * (len(data) % 2)
    if ds.PhotometricInterpretation == "MONOCHROME1":  # decoded pixels are bright where the image is
        ds.PhotometricInterpretation = "MONOCHROME2"
    return ds


def pixels_of(ds: Dataset) -> np.ndarray:
    """The stored pixels ``(frames, rows, columns)``, bright where the image is bright.

    Raises:
        UnreadableFileError: they cannot be decoded.
    """
    with workspace() as folder:
        path = Path(folder) / "image.dcm"
        ds.save_as(path, enforce_file_format=True)
        return np.asarray(next(decode([(FoundFile("image", path), ds)])))
