"""NIfTI files: voxels, and their place in the patient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.errors import SeriesGeometryError, UnreadableFileError
from ovcf.geometry import ras_from_lps
from ovcf.imaging.volume import Volume

if TYPE_CHECKING:
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
        SeriesGeometryError: its affine is missing, not finite or singular.
    """
    import nibabel

    where = name or str(path)
    image: Any  # nibabel is half typed
    try:
        image = nibabel.Nifti1Image.from_filename(path, mmap=False)
    except Exception as first:  # a damaged file can raise anything from the parser
        try:
            image = nibabel.Nifti2Image.from_filename(path, mmap=False)
        except Exception:
            raise UnreadableFileError(where, f"is not a NIfTI file ({_line(first)})", "Convert it again.") from first
    shape = image.shape
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3:
        raise NotOneVolumeError(
            where, f"holds an array of shape {shape}, not one volume",
            "Split it into three-dimensional files, one for each echo or time point.",
        )  # fmt: skip
    if np.issubdtype(image.get_data_dtype(), np.complexfloating) or image.get_data_dtype().fields:
        raise NotOneVolumeError(where, "holds complex or colour values", "Give the magnitude image.")
    affine, doubts = _affine(image, where)
    try:
        voxels = np.asanyarray(image.dataobj).reshape(shape)
    except Exception as cause:  # truncated data surfaces as EOFError, zlib.error, OSError or ValueError
        raise UnreadableFileError(
            where, f"is cut off or damaged ({_line(cause)})", "Copy or convert it again."
        ) from cause
    if voxels.dtype.kind == "f":
        voxels = voxels.astype(np.float32)
        if lost := int(voxels.size - np.isfinite(voxels).sum()):
            voxels[~np.isfinite(voxels)] = np.nan
            doubts += (f"{lost} voxels are not finite numbers: they count as outside the image, not as dark",)
    elif voxels.dtype.byteorder == ">":
        voxels = voxels.astype(voxels.dtype.newbyteorder("="))
    return Volume(voxels, affine), doubts


def _affine(image: Any, where: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    header, affine = image.header, np.asarray(image.affine, np.float64)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise SeriesGeometryError(where, "its affine is not finite or is singular", "Convert it again from DICOM.")
    if header["sform_code"] == 0 and header["qform_code"] == 0:
        return ras_from_lps(affine), ("the header gives no position: orientation is a guess",)
    if header["sform_code"] > 0 and header["qform_code"] > 0:
        corners = np.array(list(np.ndindex(2, 2, 2))) * (np.array(header.get_data_shape()[:3]) - 1)
        difference = (header.get_sform() - header.get_qform())[:3]
        apart = float(np.linalg.norm(corners @ difference[:, :3].T + difference[:, 3], axis=1).max())
        if apart > 0.5:
            return ras_from_lps(affine), (f"sform and qform disagree by up to {apart:.1f} mm: the sform is believed",)
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
