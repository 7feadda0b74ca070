"""A region drawn in L1 on CT: read from its file, measured, and entered as the clinical fact that it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import (
    ClinicalDataError,
    MeasurementInputError,
    Remedy,
    RemedyCode,
    SeriesChoiceError,
    UnreadableFileError,
)
from ovcf.imaging.files.nifti_files import is_nifti, read_nifti
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.measures.signal.attenuation import attenuation
from ovcf.text_files import parse_json, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Study

    Mask = NDArray[np.bool_]

FORMAT = "ovcf region 1"
_FIELDS = {"format", "level", "centre_mm", "radius_mm"}
_LARGEST_MM = 40.0
_REMEDY = say(
    'Give a label map on the grid of the CT, or JSON: {{"format": "{format}", "level": "L1", '
    '"centre_mm": [x, y, z], "radius_mm": 8}}, in LPS millimetres.',
    format=FORMAT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Circle:
    centre_mm: tuple[float, float, float]
    radius_mm: float


def with_l1(study: Study, case: ClinicalCase, file: Path) -> tuple[Study, ClinicalCase]:
    """The case with the attenuation of L1 in a drawn region, and the study whose CT says how it was measured.

    Raises:
        SeriesChoiceError: the study has no CT. UnreadableFileError: the file holds no region.
        ClinicalDataError: the attenuation is entered, too, or the region is of another vertebra.
        MeasurementInputError: the region cannot be measured on this CT.
    """
    if case.l1_hu is not None:
        raise ClinicalDataError(
            "l1_hu", say("is entered ({l1_hu:g} HU) and drawn, too", l1_hu=case.l1_hu), "Give one of the two."
        )
    ct = study.get(Role.CT)
    if ct is None or not isinstance(ct.image, Volume):
        raise SeriesChoiceError(
            "region of L1", "the study has no CT", Remedy("Say which series is the CT.", RemedyCode.NAME_THE_ROLE)
        )
    image = ct.image
    found = attenuation(np.asarray(image.voxels[_region(file, image)], float), image.voxel_volume_mm3)
    said = say(
        "L1: {mean_hu:.0f} HU (SD {sd_hu:.0f}) over {voxels} voxels, {volume_mm3:.0f} mm3, in the region of {name}",
        mean_hu=found.mean_hu,
        sd_hu=found.sd_hu,
        voxels=found.voxels,
        volume_mm3=found.volume_mm3,
        name=file.name,
    )
    measured = replace(ct, reasons=(*ct.reasons, said))
    told = replace(
        study,
        series=tuple(measured if s.uid == ct.uid else s for s in study.series),
        doubts=(*study.doubts, *(say("L1 on CT: {doubt}", doubt=doubt) for doubt in found.doubts)),
    )
    return told, replace(case, l1_hu=round(found.mean_hu, 1))


def _region(file: Path, ct: Volume) -> Mask:
    if is_nifti(file.name):
        drawn, _ = read_nifti(file)
        if not drawn.same_grid(ct):
            raise UnreadableFileError(file, "does not lie on the grid of the CT", _REMEDY)
        return np.asarray(drawn.voxels, float) > 0
    circle = _circle(file)
    return disc(ct, circle.centre_mm, circle.radius_mm)


def _circle(file: Path) -> _Circle:
    facts = parse_json(read_text(file, remedy=_REMEDY), file, remedy=_REMEDY)
    if not isinstance(facts, dict) or facts.get("format") != FORMAT or set(facts) != _FIELDS:
        raise UnreadableFileError(file, "is no region", _REMEDY)
    if (level := Level.parse(str(facts["level"]))) is not Level.L1:
        raise ClinicalDataError(
            say("{name}: level", name=file.name), say("is {level}", level=level), "The published bands are of L1."
        )
    centre = facts["centre_mm"]
    if not isinstance(centre, list) or len(centre) != 3:
        raise UnreadableFileError(file, "has no centre of three coordinates", _REMEDY)
    x, y, z = (parse_decimal(v, field=say("{name}: centre_mm", name=file.name), low=-1e5, high=1e5) for v in centre)
    radius = parse_decimal(
        facts["radius_mm"], field=say("{name}: radius_mm", name=file.name), low=0.1, high=_LARGEST_MM
    )
    return _Circle(centre_mm=(x, y, z), radius_mm=radius)


def disc(ct: Volume, centre_mm: Sequence[float], radius_mm: float) -> Mask:
    """A circle across the spine: voxels of the one slice towards the head that holds the centre, within the radius.

    ``centre_mm`` is (3,) LPS, as are the axes of the CT. What lies outside of the CT is left out.

    Raises:
        MeasurementInputError: the centre lies outside of the CT.
    """
    index = ct.to_index(centre_mm)
    if (index < -0.5).any() or (index > np.array(ct.voxels.shape) - 0.5).any():
        raise MeasurementInputError("L1 on CT", "the centre of the region lies outside of the CT", "Give it in LPS mm.")
    axis, _ = ct.axis_towards((0.0, 0.0, 1.0))
    within = np.zeros(ct.voxels.shape, bool)
    at: list[slice | int] = [slice(None)] * 3
    at[axis] = round(float(index[axis]))
    here = np.moveaxis(np.indices(within[tuple(at)].shape, dtype=float), 0, -1)
    places = np.insert(here, axis, float(index[axis]), axis=-1)
    away = np.linalg.norm(ct.to_patient(places) - np.asarray(centre_mm, float), axis=-1)
    within[tuple(at)] = away <= radius_mm + 1e-9
    return within
