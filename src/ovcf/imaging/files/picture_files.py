"""Pictures of radiographs: PNG, JPEG and TIFF files, as exported from a viewer, scanned or photographed."""

from __future__ import annotations

import hashlib
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ovcf.budget import MAX_FILM_PIXELS, MAX_IMAGE_BYTES, MAX_SIDE
from ovcf.errors import SeriesGeometryError, UnreadableFileError
from ovcf.imaging.classify import modality_of, plain, posture_of, view_of
from ovcf.imaging.field_of_view import field_of_view_of
from ovcf.imaging.files.picture_content import LOOKS_LIKE_A_SLICE, slice_probability
from ovcf.imaging.files.pixels import picture_apart
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.language.worded import say
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    from ovcf.imaging.files.archive import FoundFile

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_STARTS = {"PNG": (b"\x89PNG\r\n\x1a\n",), "JPEG": (b"\xff\xd8\xff",), "TIFF": (b"II*\x00", b"MM\x00*")}
_OTHERS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WebP",
    b"\x00\x00\x00\x0cjP": "JPEG 2000",
    b"%PDF": "PDF",
    b"PK": "zip",
}
_EXPORT_AGAIN = "Export it again from the viewer, as PNG, or give the DICOM file."


def is_picture(name: str) -> bool:
    """Whether a file is named as a picture that can be read."""
    return name.lower().endswith(PICTURE_SUFFIXES)


def starts_as_picture(path: Path) -> bool:
    """Whether a file begins as PNG, JPEG or TIFF, whatever it is called."""
    with path.open("rb") as file:
        return _kind_of(file.read(12)) is not None


def read_picture(file: FoundFile) -> tuple[Series, str | None]:
    """The picture as a lateral radiograph without a scale, and what a reader must check about it, if anything.

    Nothing in such a file says whose it is, when it was taken, what it shows or how large a pixel is: its name may
    say frontal or standing, its resolution in dots per inch is that of a printer. Its identity is the digest of its
    content. One that looks like a slice of MRI (:mod:`ovcf.imaging.files.picture_content`) has no role, and is of
    unknown modality, until a reader names its role.

    Raises:
        UnreadableFileError: not a picture, cut off, damaged, or of several pages. SeriesGeometryError: too large.
    """
    _check(file)
    content, pixels = _digest(file), picture_apart(file, _EXPORT_AGAIN)
    text = plain(file.basename)
    frontal = view_of(text) == "frontal"
    posture, held = posture_of(text, None)
    is_slice = not frontal and slice_probability(pixels) >= LOOKS_LIKE_A_SLICE
    reasons = [
        "a picture without tags, named frontal"
        if frontal
        else "a picture without tags that looks like a slice of MRI: no radiograph before a reader says so"
        if is_slice
        else "a picture without tags: taken for a lateral view",
        "no scale: lengths are in pixels, ratios and angles hold",
        "orientation not stated: taken as stored, anterior at the left and cranial at the top",
    ]
    series = Series(
        uid=f"sha256:{content}",
        description=file.basename,
        image=ImagePlane(np.ascontiguousarray(pixels), None, Calibration.NONE),
        modality=Modality.UNKNOWN if is_slice else Modality.RADIOGRAPH,
        role=Role.OTHER if frontal or is_slice else Role.RADIOGRAPH,
        reasons=(*reasons, *filter(None, (held,))),
        posture=posture,
        files=(file.name,),
        field_of_view=field_of_view_of({"file name": file.basename}),
    )
    if is_slice:
        return series, say(
            "{basename} looks like a slice of MRI, not like a radiograph: nothing is measured on it before "
            "somebody who has looked at it says that it is a lateral radiograph",
            basename=file.basename,
        )
    named, _ = modality_of(text, lowest=0)
    if named is not Modality.UNKNOWN and view_of(text) is None:
        # Said of a file that was given by name, too: its heights and angles would be reported as those of a radiograph.
        return series, say(
            "{basename} is named as {modality}, and a picture is measured as a radiograph: "
            "if it is no radiograph, do not use these values",
            basename=file.basename,
            modality=named.value,
        )
    doubt = say(
        "{basename} is a picture without tags: check that it is a lateral radiograph of this patient",
        basename=file.basename,
    )
    return series, None if frontal or file.asked_for else doubt


def picture_here(file: FoundFile) -> NDArray[np.generic]:
    """Grey values ``(rows, columns)``, turned upright as the file says, decoded in this process.

    Colours become their luminance; what is transparent is black.

    Raises:
        UnreadableFileError: truncated or damaged.
    """
    from PIL import ImageOps

    try:
        with _opened(file) as opened:
            opened.load()  # turns a TIFF by itself, and forgets how it was held
            return _grey(ImageOps.exif_transpose(opened))
    except Exception as cause:  # decoders raise anything on damaged data
        raise UnreadableFileError(file.name, " ".join(str(cause).split())[:160], _EXPORT_AGAIN) from cause


def _check(file: FoundFile) -> None:
    """Refuse what is no single picture of possible size, by its head and before anything is decoded.

    Raises:
        UnreadableFileError, SeriesGeometryError: see :func:`read_picture`.
    """
    try:
        with file.path.open("rb") as start:
            head = start.read(12)
        size = file.path.stat().st_size
    except OSError as error:
        raise UnreadableFileError(
            file.name, say("cannot be read ({strerror})", strerror=error.strerror), "Check who may read it."
        ) from None
    if _kind_of(head) is None:
        what = next((name for mark, name in _OTHERS.items() if head.startswith(mark)), None)
        problem = (
            say("is {what} inside", what=what) if what else "is empty" if not head else "is no PNG, JPEG or TIFF inside"
        )
        raise UnreadableFileError(file.name, say("is named as a picture but {problem}", problem=problem), _EXPORT_AGAIN)
    if size > MAX_IMAGE_BYTES:
        raise UnreadableFileError(file.name, say("is larger than any film ({size:,} bytes)", size=size), _EXPORT_AGAIN)
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    too_large = SeriesGeometryError(
        file.name,
        say(
            "claims more pixels than any film has (up to {max_film_pixels:,} are read)", max_film_pixels=MAX_FILM_PIXELS
        ),
        "Export the spine alone, or at a coarser resolution.",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged tags
            warnings.simplefilter("error", DecompressionBombWarning)
            with _opened(file) as picture:
                (width, height), pages = picture.size, getattr(picture, "n_frames", 1)
    except (DecompressionBombError, DecompressionBombWarning):
        raise too_large from None
    except Exception as cause:
        why = " ".join(str(cause).split())[:160]
        raise UnreadableFileError(
            file.name, say("is a damaged or incomplete picture ({why})", why=why), _EXPORT_AGAIN
        ) from cause
    if max(width, height) > MAX_SIDE or width * height > MAX_FILM_PIXELS:
        raise too_large
    if pages > 1:
        raise UnreadableFileError(
            file.name, say("holds {pages} pictures", pages=pages), "Save the one that shows the film as PNG."
        )


@contextmanager
def _opened(file: FoundFile) -> Iterator[Image]:
    from PIL import Image

    # Given a path, Pillow maps a TIFF into memory and lays out one that is to be turned wrongly.
    with file.path.open("rb") as content:
        kind = _kind_of(content.read(12))
        content.seek(0)
        with Image.open(content, formats=[kind or "PNG"]) as picture:
            yield picture


def _kind_of(head: bytes) -> str | None:
    return next((kind for kind, starts in _STARTS.items() if head.startswith(starts)), None)


def _grey(picture: Image) -> NDArray[np.generic]:
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture)
        return values if values.dtype.kind != "f" else np.nan_to_num(values)
    if picture.mode in ("L", "1"):
        return np.asarray(picture.convert("L"))
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "black"), clear)
    return np.asarray(picture.convert("RGB").convert("L"))


def _digest(file: FoundFile) -> str:
    with file.path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
