"""DICOM files: which are images, where their frames lie, and their decoded pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.errors import SeriesGeometryError, UnreadableFileError
from ovcf.imaging.multiframe import frames_of
from ovcf.imaging.stack import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom import Dataset

    from ovcf.imaging.archive import FoundFile
    from ovcf.imaging.multiframe import FrameTags
    from ovcf.imaging.stack import Stack

DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
_EXPORT_AGAIN = "Export the original images from the scanner or archive again."
_MAX_IMAGE_BYTES = 8 * 2**30


def looks_like_dicom(path: Path) -> bool:
    """Whether a file carries the DICOM mark (``DICM`` after 128 bytes)."""
    with path.open("rb") as f:
        return f.read(132)[128:] == b"DICM"


def read_tags(file: FoundFile, *, pixels: bool = False) -> Dataset:
    """The tags of a DICOM file, with or without its pixels.

    Raises:
        UnreadableFileError: not DICOM, truncated, or damaged.
    """
    import pydicom
    from pydicom.uid import ImplicitVRLittleEndian

    try:
        tags = pydicom.dcmread(file.path, force=not looks_like_dicom(file.path), stop_before_pixels=not pixels)
        known = "SOPClassUID" in tags or "MediaStorageSOPClassUID" in tags.file_meta
        if known and "TransferSyntaxUID" not in tags.file_meta:
            tags.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    except Exception as cause:  # a damaged file can raise anything from the parser: all of it means unreadable
        raise UnreadableFileError(file.name, f"cannot be parsed as DICOM ({cause})", _EXPORT_AGAIN) from cause
    if not known or ("ImageStorage" in _class_name(tags) and "Rows" not in tags):
        raise UnreadableFileError(file.name, "is not a DICOM file, or is cut off in its header", _EXPORT_AGAIN)
    return tags


def why_no_image(tags: Dataset) -> str | None:
    """Why a DICOM object is not an image we can read, or None."""
    if tags.get("Modality") == "SEG":
        return "a segmentation, not an image"
    if not tags.get("Rows") or not tags.get("Columns"):
        return f"holds no image ({tags.get('Modality') or 'no modality'})"
    photometric = str(tags.get("PhotometricInterpretation", ""))
    if not photometric.startswith("MONOCHROME"):
        return f"a colour image ({photometric or 'photometric interpretation missing'}): its values are no signal"
    if "SecondaryCapture" in _class_name(tags) and "ImagePositionPatient" not in tags:
        return "a screen capture without position"
    if int(tags.get("NumberOfFrames") or 1) > 1 and "PerFrameFunctionalGroupsSequence" not in tags:
        return "a film of several frames without positions"
    return None


def slices_of(file: FoundFile, tags: Dataset) -> list[Slice]:
    """Where each frame of an image lies.

    Raises:
        SeriesGeometryError: position, orientation or pixel spacing is missing or impossible.
    """
    found = []
    for number, frame in enumerate(frames_of(tags)):
        corner = _vector(file, frame, "ImagePositionPatient", 3)
        directions = _vector(file, frame, "ImageOrientationPatient", 6)
        row_mm, column_mm = _vector(file, frame, "PixelSpacing", 2)
        along_row, along_column = directions[:3], directions[3:]
        lengths = np.linalg.norm(along_row), np.linalg.norm(along_column)
        if (
            not np.allclose(lengths, 1, atol=0.01)
            or abs(along_row @ along_column) > 0.01
            or min(row_mm, column_mm) <= 0
        ):
            raise SeriesGeometryError(file.name, "ImageOrientationPatient or PixelSpacing is impossible", _EXPORT_AGAIN)
        found.append(
            Slice(
                file=file.name,
                frame=number,
                corner=corner,
                along_row=along_row / lengths[0],
                along_column=along_column / lengths[1],
                spacing_mm=(float(row_mm), float(column_mm)),
                shape=(int(tags.Rows), int(tags.Columns)),
                thickness_mm=frame.number("SpacingBetweenSlices") or frame.number("SliceThickness"),
                contrast=frame.contrast(),
            )
        )
    return found


def _vector(file: FoundFile, frame: FrameTags, keyword: str, n: int) -> NDArray[np.float64]:
    value = frame.get(keyword)
    try:
        vector = np.array([float(x) for x in value])
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (n,) or not np.isfinite(vector).all():
        shown = "is missing" if value is None else f"is {value!r}, not {n} numbers"
        raise SeriesGeometryError(file.name, f"{keyword} {shown}", _EXPORT_AGAIN)
    return vector


def voxels_of(stack: Stack, files: Mapping[str, FoundFile]) -> NDArray[np.generic]:
    """The values of a stack ``(slice, row, column)``: rescaled (HU for CT), in the smallest fitting type."""
    volume: NDArray[np.generic] | None = None
    frames: NDArray[np.generic] = np.empty(0)
    name, scales = "", [(1.0, 0.0)]
    for place, one in enumerate(stack.slices):
        if one.file != name:
            name = one.file
            tags = read_tags(files[name], pixels=True)
            frames = decode(name, tags)
            scales = [f.scale() for f in frames_of(tags)]
            if volume is None:
                kind = value_type(tags, scales)
                volume = np.empty((len(stack.slices), *one.shape), kind)
            elif not np.can_cast(kind := value_type(tags, scales), volume.dtype):
                volume = volume.astype(np.promote_types(kind, volume.dtype))
        slope, intercept = scales[one.frame]
        pixels = frames[one.frame]
        assert volume is not None
        volume[place] = pixels if (slope, intercept) == (1, 0) else pixels * slope + intercept
    assert volume is not None
    return volume


def value_type(tags: Dataset, scales: Iterable[tuple[float, float]]) -> np.dtype[Any]:
    """The smallest type that holds every rescaled value: whole numbers stay whole."""
    bits, signed = int(tags.get("BitsStored") or tags.BitsAllocated), bool(tags.get("PixelRepresentation"))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    bounds = [slope * v + intercept for slope, intercept in scales for v in (low, high)]
    if any(not float(x).is_integer() for scale in scales for x in scale):
        return np.dtype(np.float32)
    for kind in (np.uint8, np.int16, np.uint16, np.int32):
        if np.iinfo(kind).min <= min(bounds) and max(bounds) <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.float32)


def decode(name: str, tags: Dataset) -> NDArray[np.generic]:
    """The stored pixels as ``(frames, rows, columns)``, bright where the image is bright.

    Raises:
        UnreadableFileError: truncated, damaged, or compressed in a way no installed codec reads.
    """
    frames = int(tags.get("NumberOfFrames") or 1)
    if int(tags.Rows) * int(tags.Columns) * frames * 2 > _MAX_IMAGE_BYTES:
        raise UnreadableFileError(name, "claims more pixels than any spine image has", _EXPORT_AGAIN)
    if "PixelData" not in tags:
        raise UnreadableFileError(name, "is cut off: its pixels are missing", _EXPORT_AGAIN)
    syntax = tags.file_meta.TransferSyntaxUID
    try:
        pixels = np.asarray(tags.pixel_array)
    except NotImplementedError as cause:
        raise UnreadableFileError(name, f"is stored as {syntax.name}, which cannot be read", _RECODE) from cause
    except Exception as cause:  # codecs raise anything on damaged data
        codec = "missing dependencies" in str(cause)
        problem = f"is compressed as {syntax.name}, and no codec for it is installed" if codec else (
            f"has damaged or incomplete pixels ({' '.join(str(cause).split())[:160]})"
        )  # fmt: skip
        raise UnreadableFileError(name, problem, _RECODE if codec else _EXPORT_AGAIN) from cause
    if pixels.size != frames * int(tags.Rows) * int(tags.Columns):
        raise UnreadableFileError(name, f"decodes to shape {pixels.shape}", _EXPORT_AGAIN)
    pixels = pixels.reshape(frames, int(tags.Rows), int(tags.Columns))
    if tags.PhotometricInterpretation == "MONOCHROME1":
        bits = int(tags.get("BitsStored") or tags.BitsAllocated)
        top = 2**bits - 1 if not tags.get("PixelRepresentation") else -1
        return np.asarray(top - pixels)
    return pixels


_RECODE = "Export it uncompressed or as JPEG 2000, JPEG-LS or RLE (dcmdjpeg, gdcmconv --raw)."


def _class_name(tags: Dataset) -> str:
    from pydicom.uid import UID

    return UID(str(tags.get("SOPClassUID") or tags.file_meta.get("MediaStorageSOPClassUID") or "")).keyword
