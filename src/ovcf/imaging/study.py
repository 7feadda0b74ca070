"""A study: its series, each with the role it can play and the reasons for saying so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.imaging.field_of_view import FieldOfView
from ovcf.imaging.stored import StoredImages
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.landmarks import Source
from ovcf.language.worded import say
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Role(StrEnum):
    """What a series can be read for."""

    RADIOGRAPH = "lateral radiograph"
    T1 = "sagittal T1"
    T2 = "sagittal T2"
    STIR = "sagittal STIR"
    FS_T2 = "sagittal fat-suppressed T2"
    CT = "CT"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One image, what it was taken for, and why we think so.

    ``reasons`` explains ``role`` and carries every doubt met while reading; ``overridden`` says that a person named
    the role. ``acquired_on`` is an ISO date. ``files`` are named as they were given (inside an archive:
    ``archive.zip/member``), ``study_uid`` and ``instances`` are the DICOM UIDs of the study and of every image, in the
    order of the files, ``stored`` those images themselves (None where they are no DICOM). A tag that the files lack is
    None. ``fat_shift_mm`` is that of
    :func:`ovcf.imaging.files.chemical_shift.fat_shift_mm`, ``field_of_view`` what the scanner wrote about the image.
    ``contrast_unsaid``: it may be a slice of any contrast, and nothing says of which.
    """

    uid: str
    description: str
    image: Volume | ImagePlane
    modality: Modality
    role: Role
    reasons: tuple[str, ...] = ()
    overridden: bool = False
    posture: Posture = Posture.UNKNOWN
    acquired_on: str | None = None
    field_strength_t: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    inversion_time_ms: float | None = None
    contrast_agent: bool | None = None
    fat_shift_mm: NDArray[np.float64] | None = None
    files: tuple[str, ...] = ()
    study_uid: str = ""
    instances: tuple[str, ...] = ()
    stored: StoredImages | None = None
    contrast_unsaid: bool = False
    field_of_view: FieldOfView = field(default_factory=FieldOfView)

    def source(self, placed_by: str) -> Source:
        """Where points on this image come from; ``placed_by`` names who or what placed them."""
        return Source(
            modality=self.modality,
            posture=self.posture,
            placed_by=placed_by,
            image=self.description or self.uid,
            acquired_on=self.acquired_on,
            calibrated=isinstance(self.image, Volume) or self.image.calibration is Calibration.CALIBRATED,
            study_uid=self.study_uid,
            series_uid=self.uid,
            instance_uid=self.instances[0] if len(self.instances) == 1 else "",
        )


@dataclass(frozen=True, slots=True)
class Patient:
    """What the tags say of the patient; None where they say nothing. ``sex`` is F, M or O, ``age`` in years."""

    id: str | None = None
    sex: str | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The series of one patient, every file that was left out with the reason, and every doubt about the whole."""

    series: tuple[Series, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    patient: Patient = Patient()
    doubts: tuple[str, ...] = ()

    def all(self, role: Role) -> tuple[Series, ...]:
        """Every series with a role, best first: latest day, native, finest sagittal pixels, most slices."""
        ranked = sorted((s for s in self.series if s.role is role), key=_rank)
        return tuple(sorted(ranked, key=lambda s: s.acquired_on or "", reverse=True))

    def get(self, role: Role) -> Series | None:
        """The best series with a role, or None; where there was a choice, its reasons say so."""
        candidates = self.all(role)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        chosen = say(
            "taken from {candidates} series of this role: the latest day, native before contrast, "
            "the finest pixels in the sagittal plane, most slices",
            candidates=len(candidates),
        )
        return replace(candidates[0], reasons=(*candidates[0].reasons, chosen))


def _rank(series: Series) -> tuple[bool, float, int, str]:
    image = series.image
    if isinstance(image, ImagePlane):
        area = image.spacing_mm[0] * image.spacing_mm[1] if image.spacing_mm else float("inf")
        return image.calibration is not Calibration.CALIBRATED, area, 0, series.uid
    across, _ = image.axis_towards((1, 0, 0))
    spacing = [mm for axis, mm in enumerate(image.spacing_mm) if axis != across]
    return bool(series.contrast_agent), round(spacing[0] * spacing[1], 4), -image.voxels.shape[across], series.uid
