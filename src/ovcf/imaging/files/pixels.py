"""The decoded pixels of DICOM files, whatever their compression."""

from __future__ import annotations

import errno
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np

from ovcf.budget import DECODER_PATIENCE, DECODER_SECONDS, DECODER_SECONDS_PER_MIB, MAX_VOXELS
from ovcf.errors import SeriesGeometryError, UnreadableFileError
from ovcf.files.workspace import workspace
from ovcf.imaging.files.dicom_files import EXPORT_AGAIN, opened, pixel_shape
from ovcf.imaging.files.multiframe import FrameTags, frames_of
from ovcf.language.worded import say
from ovcf.plausible import check_scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom import Dataset

    from ovcf.imaging.files.archive import FoundFile
    from ovcf.imaging.stack import Stack

_PLUGINS = {
    "RLELossless": "pydicom",
    "JPEGLSLossless": "pyjpegls",
    "JPEGLSNearLossless": "pyjpegls",
    "JPEG2000Lossless": "pillow",
    "JPEG2000": "pillow",
    "JPEGBaseline8Bit": "pillow",
}
_APART = frozenset({"JPEGExtended12Bit", "JPEGLossless", "JPEGLosslessSV1", *_PLUGINS} - {"RLELossless"})
"""Damaged data of these end the process, hold it for ever or fill the memory: they are decoded in one of its own.
Only GDCM decodes the first three."""


def voxels_of(stack: Stack, files: Mapping[str, tuple[FoundFile, Dataset]]) -> NDArray[np.generic]:
    """The values of a stack ``(slice, row, column)``: rescaled (HU for CT), in the smallest type that holds them.

    Raises:
        UnreadableFileError: see :func:`decode`. ImageValueError: a rescaling that no scanner writes.
        SeriesGeometryError: more voxels than any volume has.
    """
    shape = (len(stack.slices), *stack.slices[0].shape)
    if math.prod(shape) > MAX_VOXELS:
        raise SeriesGeometryError(
            stack.slices[0].file,
            say(
                "its series has {prod:,} voxels (up to {max_voxels:,} are read)",
                prod=math.prod(shape),
                max_voxels=MAX_VOXELS,
            ),
            "Export the spine alone, or at a coarser resolution.",
        )
    places: dict[str, list[int]] = {}
    for place, one in enumerate(stack.slices):
        places.setdefault(one.file, []).append(place)
    scales = {name: [frame.scale() for frame in frames_of(files[name][1])] for name in places}
    for name in places:
        for slope, intercept in dict.fromkeys(scales[name]):
            check_scale(slope, intercept, name, ct=str(files[name][1].get("Modality")) == "CT")
    whole = all(x.is_integer() for name in places for scale in scales[name] for x in scale)
    volume = np.empty(shape, np.int16 if whole else np.float32)
    low = high = 0.0
    for name, pixels in zip(places, decode([files[name] for name in places]), strict=True):
        for place in places[name]:
            frame = stack.slices[place].frame
            slope, intercept = scales[name][frame]
            values = pixels[frame]
            if (slope, intercept) != (1, 0):
                values = values * np.float32(slope) + np.float32(intercept)
            if whole:
                low, high = min(low, float(values.min())), max(high, float(values.max()))
                volume = volume.astype(_type_for(low, high), copy=False)
            volume[place] = values
    return volume


def _type_for(low: float, high: float) -> type[np.generic]:
    for kind in (np.int16, np.uint16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return kind
    return np.float32


def _stored_range(tags: Dataset) -> tuple[int, int]:
    """The lowest and highest value that a stored pixel can have."""
    frame = FrameTags(tags)
    bits = min(max(int(frame.number("BitsStored") or frame.number("BitsAllocated") or 16), 1), 32)
    signed = frame.number("PixelRepresentation") == 1
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def decode(files: Sequence[tuple[FoundFile, Dataset]]) -> Iterator[NDArray[np.generic]]:
    """The stored pixels of each file as ``(frames, rows, columns)``, bright where the image is bright.

    Raises:
        UnreadableFileError: truncated, damaged, or compressed in a way no installed codec reads.
    """
    apart = [file for file, tags in files if _syntax(tags) in _APART]
    with workspace() as folder:
        if apart:
            _decode_apart(apart, folder, EXPORT_AGAIN)
        for file, tags in files:
            shape = pixel_shape(FrameTags(tags))
            stored = np.load(folder / f"{apart.index(file)}.npy") if file in apart else decode_here(file)
            if stored.size != math.prod(shape):
                raise UnreadableFileError(
                    file.name,
                    say("decodes to {shape}, not to {shape_2}", shape=stored.shape, shape_2=shape),
                    EXPORT_AGAIN,
                )
            pixels = stored.reshape(shape)
            inverted = tags.PhotometricInterpretation == "MONOCHROME1"
            yield np.asarray(sum(_stored_range(tags)) - pixels.astype(np.int32)) if inverted else pixels


def decode_here(file: FoundFile) -> NDArray[np.generic]:
    """The stored pixels of one file as its codec gives them, decoded in this process."""
    from pydicom.uid import ImplicitVRLittleEndian

    tags = opened(file)
    if "PixelData" not in tags:
        raise UnreadableFileError(file.name, "is cut off: its pixels are missing", EXPORT_AGAIN)
    try:
        syntax = tags.file_meta.setdefault("TransferSyntaxUID", ImplicitVRLittleEndian).value
        tags.pixel_array_options(decoding_plugin=_PLUGINS.get(syntax.keyword, ""))
        return np.asarray(tags.pixel_array)
    except Exception as cause:  # codecs raise anything on damaged data
        why = " ".join(str(cause).split())[:160]
        if isinstance(cause, NotImplementedError) or "missing dependencies" in why:
            raise UnreadableFileError(
                file.name,
                say("is stored as {name}, and no codec for it is installed", name=syntax.name),
                "Export it uncompressed or as JPEG 2000, JPEG-LS or RLE (gdcmconv can do it).",
            ) from cause
        raise UnreadableFileError(
            file.name, say("has damaged or incomplete pixels ({why})", why=why), EXPORT_AGAIN
        ) from cause


def picture_apart(file: FoundFile, remedy: str) -> NDArray[np.generic]:
    """The grey values of a picture, decoded in a process of its own, with limits of time and memory.

    Raises:
        UnreadableFileError: truncated or damaged; ``remedy`` says what to do.
    """
    with workspace() as folder:
        _decode_apart([file], folder, remedy, "picture")
        return np.asarray(np.load(folder / "0.npy"))


def _decode_apart(files: Sequence[FoundFile], folder: Path, remedy: str, *kind: str) -> None:
    """Decode in a process of its own, into ``folder``: one ``.npy`` for each file, by its place in the list."""
    work = DECODER_SECONDS + DECODER_SECONDS_PER_MIB * sum(f.path.stat().st_size for f in files) / 2**20
    seconds = DECODER_PATIENCE * work
    try:
        child = subprocess.run(  # noqa: S603  # our own interpreter and module; paths go through stdin
            [sys.executable, "-m", "ovcf.imaging.files.decoder", str(folder), f"{work:.0f}", *kind],
            input=b"\0".join(os.fsencode(f.path.resolve()) for f in files),
            # Each thread that is never used would count as memory.
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            check=False,
            timeout=seconds,
        )
        if child.returncode == errno.ENOSPC:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        said = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        why = " ".join(said)[:200] if child.returncode > 0 else "the decoder ended on them"
    except subprocess.TimeoutExpired:
        why = say("the decoder did not end within {seconds:.0f} seconds", seconds=seconds)
    for number, file in enumerate(files):
        if not (folder / f"{number}.npy").exists():
            raise UnreadableFileError(file.name, say("has damaged pixels ({why})", why=why), remedy)


def _syntax(tags: Dataset) -> str:
    from pydicom.uid import UID

    return UID(str(tags.file_meta.get("TransferSyntaxUID") or "")).keyword
