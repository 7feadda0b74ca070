"""What an image is, by its attributes and in words of ours: "sagittal T1", "lateral radiograph"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.classify import ContrastTags, contrast_agent, plain, weighting_of
from ovcf.imaging.files.multiframe import frames_of, number_in
from ovcf.imaging.radiograph import is_lateral
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from pydicom import Dataset

    from ovcf.imaging.files.multiframe import FrameTags

_PLANES = ("sagittal", "coronal", "axial")
"""By the axis of the patient that the slices' normal is nearest to: left, posterior, cranial (LPS)."""
_WITHIN_DEG = 30.0
_DIXON = frozenset(
    {"W", "WATER", "F", "FAT", "IP", "IN_PHASE", "OP", "OPP_PHASE", "OUT_PHASE", "OUT_OF_PHASE", "DIXON"}
)


def words_of(tags: Dataset) -> str:
    """What the scanner and its operator called a series, as plain words."""
    keywords = ("SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName")
    return plain(*(tags.get(keyword) for keyword in keywords))


def contrast_tags(frame: FrameTags, modality: Modality, words: str) -> ContrastTags:
    """What the attributes of a frame and the name of its series say of its contrast."""
    sequence = frame.words("ScanningSequence", "EchoPulseSequence")
    options = frame.words("ScanOptions", "SpectrallySelectedSuppression")
    return ContrastTags(
        modality=modality,
        text=words,
        echo_time_ms=frame.number("EffectiveEchoTime", "EchoTime"),
        repetition_time_ms=frame.number("RepetitionTime"),
        inversion_time_ms=frame.number("InversionTimes", "InversionTime"),
        gradient_echo=bool({"GR", "GRADIENT"} & set(sequence)) and not {"SE", "SPIN", "BOTH"} & set(sequence),
        fat_suppressed=bool({"FS", "SFS", "FAT", "FAT_SAT", "FSS"} & set(options)),
        kinds=frame.words("FrameType", "ImageType"),
        contrast_agent=contrast_agent(words, frame.get("ContrastBolusAgent")),
    )


def described(tags: Dataset) -> str:
    """Plane and contrast, or view, of an image; empty for what is neither MR, CT nor radiograph.

    Only words of this list come out, whatever the image says: they identify nobody. What is not sure is left out.
    """
    frames = frames_of(tags)
    match str(tags.get("Modality", "")):
        case "MR":
            told = {_contrast(frame, words_of(tags)) for frame in frames}
            what = told.pop() if len(told) == 1 else "MR"
        case "CT":
            what = "CT"
        case "CR" | "DX":
            lateral = is_lateral(frames[0], words_of(tags))[0]
            return "radiograph" if lateral is None else "lateral radiograph" if lateral else "radiograph, not lateral"
        case _:
            return ""
    planes = {_plane(frame) for frame in frames}
    return f"{planes.pop() if len(planes) == 1 else ''} {what}".strip()


def _contrast(frame: FrameTags, words: str) -> str:
    seen = contrast_tags(frame, Modality.MR, words)
    if _DIXON & set(seen.kinds):
        return "Dixon"  # which of its images are in one series is not to be seen from one of them
    weighting = weighting_of(seen)
    if weighting is None:
        return "MR"
    return f"{weighting.value.removeprefix('sagittal ')}{', contrast agent' if seen.contrast_agent else ''}"


def _plane(frame: FrameTags) -> str:
    """By ImageOrientationPatient; empty where the slices are oblique, or nothing says."""
    try:
        found = [number_in(one) for one in frame.get("ImageOrientationPatient") or ()]
    except TypeError:
        return ""
    if len(found) != 6 or None in found:
        return ""
    rows = np.array(found, dtype=np.float64).reshape(2, 3)
    normal = np.cross(rows[0], rows[1])
    length = float(np.linalg.norm(normal))
    axis = int(np.abs(normal).argmax())
    if not length or abs(normal[axis]) / length < np.cos(np.radians(_WITHIN_DEG)):
        return ""
    return _PLANES[axis]
