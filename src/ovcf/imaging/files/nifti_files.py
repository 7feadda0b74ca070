"""NIfTI files: voxels, and their place in the patient."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.budget import MAX_RATIO, MAX_VOXELS, may_unpack_to
from ovcf.errors import SeriesGeometryError, UnreadableFileError
from ovcf.geometry import ras_from_lps
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.plausible import POSITION_MM, check_scale, check_spacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

NIFTI_SUFFIXES = (".nii", ".nii.gz")
_LABEL_WORDS = re.compile(
    r"(^|[_\-.])(d?seg|msk|mask|bodies|labels?|vert|subreg|totalseg|totalspineseg)(?=[_\-.]|$)", re.I
)
_SAMPLE = 200_000


class NotOneVolumeError(UnreadableFileError):
    """A sound NIfTI file whose array is not one volume of real values."""


def is_nifti(name: str) -> bool:
    """Whether a file is named as NIfTI."""
    return name.lower().endswith(NIFTI_SUFFIXES)


def read_nifti(path: Path, name: str | None = None) -> tuple[Volume, tuple[str, ...]]:
    """A volume in patient LPS millimetres, and every doubt about it; NaN where the file holds no finite number.

    Raises:
        UnreadableFileError: not NIfTI, truncated, or not three-dimensional.
        SeriesGeometryError: its affine is missing, not finite or singular, or its voxels are of impossible size.
    """
    where = name or str(path)
    image = open_nifti(path, where)
    shape = image.shape
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3:
        raise NotOneVolumeError(
            where,
            say("holds an array of shape {shape}, not one volume", shape=shape),
            "Split it into three-dimensional files, one for each echo or time point.",
        )
    if np.issubdtype(image.get_data_dtype(), np.complexfloating) or image.get_data_dtype().fields:
        raise NotOneVolumeError(where, "holds complex or colour values", "Give the magnitude image.")
    affine, doubts = _affine(image, where)
    voxels = voxels_in(image, where).reshape(shape)
    if voxels.dtype.kind == "f":
        voxels = voxels.astype(np.float32)
        if lost := int(voxels.size - np.isfinite(voxels).sum()):
            voxels[~np.isfinite(voxels)] = np.nan
            doubts += (
                say("{lost} voxels are not finite numbers: they count as outside the image, not as dark", lost=lost),
            )
    elif voxels.dtype.byteorder == ">":
        voxels = voxels.astype(voxels.dtype.newbyteorder("="))
    return Volume(voxels, affine), doubts


def open_nifti(path: Path, where: str, *, ratio: int = MAX_RATIO) -> Any:
    """A NIfTI image whose voxels are not read yet, but known to fit into the file and the memory.

    ``ratio`` is how far its kind of image can be packed.

    Raises:
        UnreadableFileError: not NIfTI, or it claims more than the file can hold.
    """
    import nibabel

    image: Any  # nibabel is half typed
    try:
        image = nibabel.Nifti1Image.from_filename(path, mmap=False)
    except Exception as first:  # a damaged file can raise anything from the parser
        try:
            image = nibabel.Nifti2Image.from_filename(path, mmap=False)
        except Exception:
            raise UnreadableFileError(
                where, say("is not a NIfTI file ({line})", line=_line(first)), "Convert it again."
            ) from first
    voxels, size = math.prod(image.shape), path.stat().st_size
    holds = may_unpack_to(size, ratio) if path.suffix.lower() == ".gz" else size
    if not 0 < voxels <= MAX_VOXELS or voxels * image.get_data_dtype().itemsize > holds:
        raise UnreadableFileError(
            where,
            say(
                "is cut off or damaged: it claims {shape} voxels, which {size:,} bytes cannot hold",
                shape=" x ".join(map(str, image.shape)),
                size=size,
            ),
            "Copy or convert it again.",
        )
    return image


def voxels_in(image: Any, where: str) -> NDArray[Any]:
    """The values of a NIfTI image, rescaled as its header says.

    Raises:
        ImageValueError: a rescaling that no scanner writes. UnreadableFileError: cut off or damaged.
    """
    slope, intercept = float(image.dataobj.slope), float(image.dataobj.inter)
    check_scale(slope, intercept, where)
    try:
        if (slope, intercept) == (1, 0):
            return np.asanyarray(image.dataobj.get_unscaled())
        return np.asarray(image.dataobj, np.float32)
    except Exception as cause:  # truncated data surfaces as EOFError, zlib.error, OSError or ValueError
        raise UnreadableFileError(
            where, say("is cut off or damaged ({line})", line=_line(cause)), "Copy or convert it again."
        ) from cause


def check_place(affine: NDArray[np.float64], shape: Sequence[int], where: str) -> None:
    """Refuse voxels that lie nowhere, or are of impossible size.

    Raises:
        SeriesGeometryError: says what is wrong.
    """
    if not (np.abs(affine) <= POSITION_MM).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise SeriesGeometryError(where, "its affine is not finite or is singular", "Convert it again from DICOM.")
    check_spacing([float(mm) for mm in np.linalg.norm(affine[:3, :3], axis=0)], shape, where)


def _affine(image: Any, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    header, affine = image.header, np.asarray(image.affine, np.float64)
    check_place(affine, header.get_data_shape()[:3], where)
    if header["sform_code"] == 0 and header["qform_code"] == 0:
        return ras_from_lps(affine), ("the header gives no position: orientation is a guess",)
    if header["sform_code"] > 0 and header["qform_code"] > 0:
        try:
            difference = (header.get_sform() - header.get_qform())[:3]
        except Exception:  # a quaternion that is none
            return ras_from_lps(affine), ("its qform is damaged: the sform is believed",)
        corners = np.array(list(np.ndindex(2, 2, 2))) * (np.array(header.get_data_shape()[:3]) - 1)
        apart = float(np.linalg.norm(corners @ difference[:, :3].T + difference[:, 3], axis=1).max())
        if apart > 0.5:
            return ras_from_lps(affine), (
                say("sform and qform disagree by up to {apart:.1f} mm: the sform is believed", apart=apart),
            )
    return ras_from_lps(affine), ()


def is_label_map(voxels: NDArray[np.generic], basename: str) -> bool:
    """Whether voxels are labels, not intensities: few whole numbers, more of them allowed where the name says so."""
    flat = voxels.reshape(-1)
    allowed = 150 if _LABEL_WORDS.search(basename) else 40
    for part in (flat[:: max(1, flat.size // _SAMPLE)], flat):
        values = np.unique(part)
        if len(values) > allowed or values[0] < 0 or not np.array_equal(values, np.round(values)):
            return False
    return True


def _line(cause: Exception) -> str:
    return " ".join(str(cause).split())[:160] or type(cause).__name__
