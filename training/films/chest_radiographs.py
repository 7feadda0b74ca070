"""Whole radiographs of digital patients under a chest, with their true landmarks, for what is measured on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.vocabulary import Modality
from training.films.beam import Beam
from training.films.overlay import Overlay
from training.films.projections import attenuation, exposed, exposed_without_spine, spine, truth
from training.mri.patients import draw_patient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from training.mri.cuts import Drawn

_LEVELS = np.uint16(4095)


class ChestRadiograph(NamedTuple):
    """``pixels`` ``(rows, columns)``, anterior at the left; landmarks as (column, row); ``mm`` a pixel at the spine.

    ``hidden`` are the middles ``(n, 2)`` of the bodies that shutters cut off, so that they have no landmarks.
    ``spacing_mm`` is what the detector would state, where it is told.
    """

    pixels: NDArray[np.uint16]
    landmarks: SpineLandmarks
    hidden: NDArray[np.float64]
    mm: float
    spacing_mm: float | None = None


def chest_radiograph(seed: int, *, has_spine: bool = True) -> ChestRadiograph:
    """The radiograph of a seed: any position from the mid thorax to the sacrum, as a detector or film gives it.

    Without a spine the chest is the same, and what is exposed for is all of it.
    """
    rng = np.random.default_rng([seed, 79])
    _, patient = draw_patient(rng, seed)
    levels = list(patient.frames)
    around = patient.frames[levels[int(rng.integers(5, len(levels) - 1))]].centre + rng.uniform(-20, 20, 2)
    beam = Beam.drawn(rng, around)
    where = truth(patient, beam)
    overlay = Overlay.drawn(rng, patient, beam)
    bone = spine(patient, beam, attenuation(rng)[None])[0]
    seen = where.classes > 0
    picture = exposed(rng, bone, overlay, seen) if has_spine else exposed_without_spine(rng, bone, overlay)
    return seen_on(picture, levels, where, overlay, beam.pitch_mm)


def seen_on(
    picture: NDArray[np.float32], levels: Sequence[Level], where: Drawn, overlay: Overlay, mm: float
) -> ChestRadiograph:
    """A picture with the true landmarks of what its shutters leave of the vertebrae."""
    source = Source(modality=Modality.RADIOGRAPH, calibrated=False, placed_by="truth of a digital patient")
    left = overlay.left_of(where).points
    vertebrae = tuple(
        VertebraLandmarks.from_array(level, six[:, ::-1], source=source)
        for level, six in zip(levels, left, strict=True)
        if np.isfinite(six[:4]).all()
    )
    whole = {v.level for v in vertebrae}
    hidden = [six[:2].mean(axis=0)[::-1] for level, six in zip(levels, where.points, strict=True) if level not in whole]
    pixels = np.asarray(np.clip(picture, 0, 1) * _LEVELS, np.uint16)
    return ChestRadiograph(pixels, SpineLandmarks(vertebrae=vertebrae), np.reshape(hidden, (-1, 2)), mm)
