"""DICOM files: which are images, where their frames lie, and their decoded pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.budget import MAX_DEPTH, MAX_IMAGE_BYTES, MAX_SIDE, MAX_VOXELS, may_unpack_to
from ovcf.errors import OvcfError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.files.multiframe import FrameTags, frames_of, number_in
from ovcf.imaging.stack import Slice
from ovcf.language.worded import say
from ovcf.plausible import POSITION_MM, check_spacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom import Dataset

    from ovcf.imaging.files.archive import FoundFile

DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
EXPORT_AGAIN = "Export the original images from the scanner or archive again."
_META_STARTS, _GROUP_LENGTH_BYTES, _CHUNK = 132, 12, 1 << 20
_TAGS = """
    SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID Modality PatientID PatientName
    PatientSex PatientAge PatientBirthDate PatientPosition PatientOrientation AcquisitionDate AcquisitionDateTime
    SeriesDate StudyDate
    StudyDescription SeriesDescription ProtocolName SequenceName PulseSequenceName ImageType ScanningSequence
    EchoPulseSequence ScanOptions MagneticFieldStrength ImagingFrequency PixelBandwidth InPlanePhaseEncodingDirection
    AcquisitionMatrix RepetitionTime EchoTime InversionTime ContrastBolusAgent
    DiffusionBValue TemporalPositionIdentifier TriggerTime AcquisitionNumber StackID ImagePositionPatient
    ImageOrientationPatient PixelSpacing SliceThickness SpacingBetweenSlices ViewPosition ImagerPixelSpacing
    PixelSpacingCalibrationType SamplesPerPixel PhotometricInterpretation NumberOfFrames Rows Columns BitsAllocated
    BitsStored PixelRepresentation RescaleSlope RescaleIntercept SharedFunctionalGroupsSequence
    PerFrameFunctionalGroupsSequence BodyPartExamined AnatomicRegionSequence PerformedProcedureStepDescription
    RequestedProcedureDescription AcquisitionProtocolDescription ImageComments
"""


def looks_like_dicom(path: Path) -> bool:
    """Whether a file carries the DICOM mark (``DICM`` after 128 bytes)."""
    with path.open("rb") as f:
        return f.read(132)[128:] == b"DICM"


def read_tags(file: FoundFile) -> Dataset:
    """The tags of a DICOM file that reading needs; a tag that cannot be decoded is as good as absent.

    Raises:
        UnreadableFileError: not DICOM, truncated, or damaged.
    """
    tags = opened(file, stop_before_pixels=True, specific_tags=_TAGS.split())
    _drop_undecodable(tags)
    if not _class_name(tags) or ("ImageStorage" in _class_name(tags) and "Rows" not in tags):
        raise UnreadableFileError(file.name, "is not a DICOM file, or is cut off in its header", EXPORT_AGAIN)
    return tags


def opened(file: FoundFile, **how: Any) -> Dataset:
    """A parsed DICOM file; ``how`` goes to ``pydicom.dcmread``."""
    import pydicom

    try:
        _check_bytes(file)
        return pydicom.dcmread(file.path, force=not looks_like_dicom(file.path), **how)
    except OvcfError:
        raise
    except Exception as cause:  # a damaged file can raise anything from the parser: all of it means unreadable
        raise UnreadableFileError(
            file.name, say("cannot be parsed as DICOM ({cause})", cause=cause), EXPORT_AGAIN
        ) from cause


def _check_bytes(file: FoundFile) -> None:
    """Refuse a file that would fill the memory: the parser inflates a deflated one whole."""
    import zlib

    from pydicom.filereader import read_file_meta_info
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    size = file.path.stat().st_size
    if size > MAX_IMAGE_BYTES:
        raise UnreadableFileError(
            file.name, say("is larger than any image of a spine ({size:,} bytes)", size=size), EXPORT_AGAIN
        )
    if not looks_like_dicom(file.path):
        return
    meta = read_file_meta_info(file.path)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), may_unpack_to(size)
    with file.path.open("rb") as f:
        f.seek(_META_STARTS + _GROUP_LENGTH_BYTES + int(meta.FileMetaInformationGroupLength))
        packed = f.read(_CHUNK)
        while packed and left > 0 and not inflate.eof:
            left -= len(inflate.decompress(packed, min(left, _CHUNK) + 1))
            packed = inflate.unconsumed_tail or f.read(_CHUNK)
    if left <= 0:
        raise UnreadableFileError(
            file.name, say("inflates {size:,} bytes to more than any image has", size=size), EXPORT_AGAIN
        )


def _drop_undecodable(tags: Dataset, depth: int = MAX_DEPTH) -> None:
    """Decode every tag now: pydicom would do so, and fail, at the first look."""
    for tag in list(tags.keys()):
        try:
            element = tags[tag]
        except Exception:  # whatever a vendor or a damaged byte made of it
            del tags[tag]
            continue
        if element.VR == "SQ" and not depth:
            del tags[tag]
        elif element.VR == "SQ":
            for inner in element.value:
                _drop_undecodable(inner, depth - 1)


def why_no_image(tags: Dataset) -> str | None:
    """Why a DICOM object is not an image we can read, or None."""
    modality, frame = str(tags.get("Modality") or "no modality"), FrameTags(tags)
    if modality == "SEG":
        return "a segmentation, not an image"
    if min(pixel_shape(frame)) < 1:
        return say("holds no image ({modality})", modality=modality)
    photometric = str(tags.get("PhotometricInterpretation", ""))
    if not photometric.startswith("MONOCHROME"):
        return say(
            "a colour image ({photometric}): its values are no signal",
            photometric=photometric or "photometric interpretation missing",
        )
    if "SecondaryCapture" in _class_name(tags) and "ImagePositionPatient" not in tags:
        return "a screen capture without position"
    if pixel_shape(frame)[0] > 1 and "PerFrameFunctionalGroupsSequence" not in tags:
        return "a film of several frames without positions"
    return None


def check_size(file: FoundFile, tags: Dataset) -> None:
    """Refuse an image that claims more pixels than its file can hold, before room is made for them.

    Raises:
        UnreadableFileError: says what it claims.
    """
    from pydicom.uid import UID

    frame = FrameTags(tags)
    frames, rows, columns = pixel_shape(frame)
    pixels = frames * rows * columns
    claimed = pixels * (-(-min(int(frame.number("BitsAllocated") or 16), 64) // 8))
    size = file.path.stat().st_size
    syntax = UID(str(tags.file_meta.get("TransferSyntaxUID") or ""))
    packed = syntax.is_private or (syntax.is_transfer_syntax and (syntax.is_compressed or syntax.is_deflated))
    holds = may_unpack_to(size) if packed else size
    if max(rows, columns) > MAX_SIDE or pixels > MAX_VOXELS or claimed > min(holds, MAX_IMAGE_BYTES):
        raise UnreadableFileError(
            file.name,
            say(
                "claims {frames} x {rows} x {columns} pixels, which {size:,} bytes cannot hold",
                frames=frames,
                rows=rows,
                columns=columns,
                size=size,
            ),
            EXPORT_AGAIN,
        )


def slices_of(file: FoundFile, tags: Dataset) -> list[Slice]:
    """Where each frame of an image lies.

    Raises:
        SeriesGeometryError: position, orientation or pixel spacing is missing or impossible.
    """
    found, frames = [], frames_of(tags)
    if len(frames) != pixel_shape(frames[0])[0]:
        raise SeriesGeometryError(
            file.name, say("describes {frames} frames but holds another number", frames=len(frames)), EXPORT_AGAIN
        )
    for number, frame in enumerate(frames):
        corner = _vector(file, frame, "ImagePositionPatient", 3)
        directions = _vector(file, frame, "ImageOrientationPatient", 6)
        row_mm, column_mm = _vector(file, frame, "PixelSpacing", 2)
        along_row, along_column = directions[:3], directions[3:]
        lengths = np.linalg.norm(along_row), np.linalg.norm(along_column)
        if not np.allclose(lengths, 1, atol=0.01) or abs(along_row @ along_column) > 0.01:
            raise SeriesGeometryError(file.name, "ImageOrientationPatient or PixelSpacing is impossible", EXPORT_AGAIN)
        check_spacing((row_mm, column_mm), pixel_shape(frame)[1:], file.name)
        thickness = frame.number("SpacingBetweenSlices") or frame.number("SliceThickness")
        found.append(
            Slice(
                file=file.name,
                frame=number,
                corner=corner,
                along_row=along_row / lengths[0],
                along_column=along_column / lengths[1],
                spacing_mm=(float(row_mm), float(column_mm)),
                shape=pixel_shape(frame)[1:],
                thickness_mm=abs(thickness) if thickness else None,
                contrast=frame.contrast(),
            )
        )
    return found


def _vector(file: FoundFile, frame: FrameTags, keyword: str, n: int) -> NDArray[np.float64]:
    value = frame.get(keyword)
    numbers = [number_in(x) for x in value] if isinstance(value, Iterable) else []
    vector = np.array([np.nan if x is None else x for x in numbers])
    if vector.shape != (n,) or not (np.abs(vector) <= POSITION_MM).all():
        shown = "is missing" if value is None else say("is {value!r}, not {n} possible numbers", value=value, n=n)
        raise SeriesGeometryError(file.name, f"{keyword} {shown}", EXPORT_AGAIN)
    return vector


def pixel_shape(frame: FrameTags) -> tuple[int, int, int]:
    """Frames, rows and columns; 0 where missing."""
    frames, rows, columns = (frame.number(k) for k in ("NumberOfFrames", "Rows", "Columns"))
    return int(frames or 1), int(rows or 0), int(columns or 0)


def _class_name(tags: Dataset) -> str:
    """The keyword of the object's class, or whatever it says instead; empty where it says nothing."""
    from pydicom.uid import UID

    uid = UID(str(tags.get("SOPClassUID") or ""))
    return uid.keyword or str(uid)
