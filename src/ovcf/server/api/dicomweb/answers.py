"""Answers of DICOMweb (DICOM PS3.18): JSON, multipart, pictures."""

from __future__ import annotations

import json
import secrets
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import Response

from ovcf.errors import NotThereError
from ovcf.server.api.dicomweb.hidden import pixels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydicom import Dataset

JSON = "application/dicom+json"
_INLINE_BYTES = 1024
"""Of binary values; larger ones are fetched by themselves."""
_SMALL = 256
_DARK, _BRIGHT = 0.5, 99.5


def as_json(rows: Sequence[dict[str, Any]], *, ignored: Iterable[str] = ()) -> Response:
    """Rows of a search, or metadata. Keys that were asked for and not looked at are named."""
    headers = {}
    if names := ", ".join(sorted(ignored)):
        headers["Warning"] = f'299 ovcf: "These keys were not matched: {names}"'
    return Response(json.dumps(rows), media_type=JSON, headers=headers)


def multipart(parts: Iterable[bytes], kind: str) -> Response:
    """Parts of one media type."""
    boundary = secrets.token_hex(16)
    body = BytesIO()
    for part in parts:
        body.write(f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Length: {len(part)}\r\n\r\n".encode())
        body.write(part)
        body.write(b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return Response(
        body.getvalue(), media_type=f'multipart/related; type="{kind.partition(";")[0]}"; boundary={boundary}'
    )


def as_file(ds: Dataset) -> bytes:
    """An object as a DICOM file."""
    out = BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def metadata(ds: Dataset, address: str) -> dict[str, Any]:
    """Everything but large binary values, which stand there as addresses below that of the instance."""

    def bulk(element: Any) -> str:
        return f"{address}/bulkdata/{int(element.tag):08X}"

    found: dict[str, Any] = ds.to_json_dict(bulk_data_threshold=_INLINE_BYTES, bulk_data_element_handler=bulk)
    return {tag: value for tag, value in found.items() if not tag.startswith("0002")}


def frames_of(ds: Dataset, numbers: Sequence[int]) -> list[bytes]:
    """Stored frames, counted from 1, as they lie in the object.

    Raises:
        NotThereError: the object has no such frame.
    """
    count = int(ds.get("NumberOfFrames") or 1)
    if "PixelData" not in ds or any(not 1 <= n <= count for n in numbers):
        raise NotThereError("frame", "is not there", f"Ask for 1 to {count}.")
    bits = int(ds.Rows) * int(ds.Columns) * int(ds.SamplesPerPixel) * int(ds.BitsAllocated)
    if bits % 8:  # frames of a segmentation follow each other bit by bit
        every = np.unpackbits(np.frombuffer(ds.PixelData, np.uint8), bitorder="little")
        cut = [every[(n - 1) * bits : n * bits] for n in numbers]
        return [np.packbits(one, bitorder="little").tobytes() for one in cut]
    size = bits // 8
    return [ds.PixelData[(n - 1) * size : n * size] for n in numbers]


def picture(ds: Dataset, number: int, *, most: int | None = None) -> Response:
    """A frame as PNG, in the window that the object names or else as it is bright and dark.

    Raises:
        NotThereError: there is no such frame, or it is no picture of grey values.
    """
    from PIL import Image

    if "PixelData" not in ds or int(ds.get("SamplesPerPixel", 0)) != 1:
        raise NotThereError("picture", "is not there", "Only images of grey values are shown.")
    if int(ds.BitsAllocated) == 1:
        (cut,) = frames_of(ds, [number])
        flat = np.unpackbits(np.frombuffer(cut, np.uint8), bitorder="little")
        pixels: Any = flat[: int(ds.Rows) * int(ds.Columns)].reshape(int(ds.Rows), int(ds.Columns)).astype(float)
    else:
        every = pixels_of(ds)
        if not 1 <= number <= len(every):
            raise NotThereError("frame", "is not there", f"Ask for 1 to {len(every)}.")
        pixels = every[number - 1].astype(float)
    low, high = (0.0, 1.0) if int(ds.BitsAllocated) == 1 else _window(ds, pixels)
    grey = np.clip((pixels - low) / max(high - low, 1e-9), 0, 1) * 255
    image = Image.fromarray(grey.astype(np.uint8), "L")
    if most is not None:
        image.thumbnail((most, most))
    out = BytesIO()
    image.save(out, "PNG")
    return Response(out.getvalue(), media_type="image/png")


def thumbnail(objects: Iterable[Dataset]) -> Response:
    """The middle one of several images, small.

    Raises:
        NotThereError: none of them is an image.
    """
    images = [ds for ds in objects if "PixelData" in ds and int(ds.BitsAllocated) > 1]
    if not images:
        raise NotThereError("thumbnail", "is not there", "Nothing there is an image.")
    images.sort(key=lambda ds: (str(ds.SeriesInstanceUID), int(ds.get("InstanceNumber") or 0)))
    ds = images[len(images) // 2]
    return picture(ds, int(ds.get("NumberOfFrames") or 1) // 2 + 1, most=_SMALL)


def _window(ds: Dataset, pixels: Any) -> tuple[float, float]:
    """The window of stored values."""
    centre, width = ds.get("WindowCenter"), ds.get("WindowWidth")
    slope, intercept = float(ds.get("RescaleSlope") or 1), float(ds.get("RescaleIntercept") or 0)
    try:
        middle = float(centre[0] if isinstance(centre, list | tuple) or hasattr(centre, "__iter__") else centre)
        wide = float(width[0] if isinstance(width, list | tuple) or hasattr(width, "__iter__") else width)
    except (TypeError, ValueError, IndexError):
        low, high = np.percentile(pixels, [_DARK, _BRIGHT])
        return float(low), float(high)
    return (middle - wide / 2 - intercept) / slope, (middle + wide / 2 - intercept) / slope
