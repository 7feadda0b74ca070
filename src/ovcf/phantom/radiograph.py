"""The lateral radiograph of a digital patient: X-rays from a point through the body to a flat detector.

Each sagittal plane of the body adds its attenuation times its thickness, magnified by how far it lies from the detector
(cone beam); the detector sees exp(-integral) (Beer-Lambert at one effective energy, about 60 keV), scatter as a blurred
share of it, and photon noise. Stored as a digital detector does for presentation: bone bright, logarithmic, 12 bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.phantom.body import tissue
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.pelvis import pelvis_of
from ovcf.phantom.raster import Grid
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.phantom.body.patient_volume import PatientVolume
    from ovcf.phantom.recipe import Recipe

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

#: Photons per pixel that reach the detector through air, and scatter as a share of the primary (with a grid).
_PHOTONS, _SCATTER = 4.0e4, 0.35
_STEP_MM = 2.0
_HALF_TRUNK_MM = 150.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Radiograph:
    """``pixels`` (rows, columns) uint16, columns anterior to posterior; spacing at the detector; distances in mm.

    ``landmarks`` are in pixels of this image (uncalibrated, as a radiograph is): x column, y row, centre of the first
    pixel at 0.
    """

    pixels: NDArray[np.uint16]
    spacing_mm: float
    source_to_detector_mm: float
    source_to_patient_mm: float
    landmarks: SpineLandmarks

    @property
    def magnification(self) -> float:
        """Of the middle of the patient."""
        return self.source_to_detector_mm / self.source_to_patient_mm


def lateral_radiograph(
    recipe: Recipe, patient: PatientVolume, centre: Array, number: int = 0, *, spacing_mm: float = 0.3
) -> Radiograph:
    """Expose a patient from the right, detector at the left; ``centre`` (plane mm) is where the central ray goes.

    The detector is 42 cm high and 27 cm wide, its pixels ``spacing_mm``.
    """
    rng = np.random.default_rng([recipe.seed, 9, number])
    detector = float(rng.choice([1150.0, 1500.0, 1800.0]))
    patient_at = detector - float(rng.uniform(200, 280))
    mm = spacing_mm
    rows, columns = round(420 / mm), round(270 / mm)

    def pitch(lateral: Array) -> Array:
        return np.asarray(mm * (patient_at + lateral) / detector)

    def centred(places: Array, size: Array) -> Array:
        return np.asarray((places - centre) / size[:, None] + np.array([(columns - 1) / 2, (rows - 1) / 2]))

    def grid(lateral: float) -> Grid:
        p = float(pitch(np.asarray(lateral)))
        return Grid(centre[0] - p * (columns - 1) / 2, centre[1] - p * (rows - 1) / 2, p, rows, columns)

    attenuation = tissue.column("attenuation").astype(np.float32)
    bone_loss = np.clip(1 + 0.06 * (recipe.t_score or -2.5), 0.6, 1.1)
    for t in (Tissue.MARROW, Tissue.POSTERIOR_MARROW):
        attenuation[t] = 0.0206 + (attenuation[t] - 0.0206) * bone_loss
    total = np.zeros((rows, columns), np.float32)
    for middle in np.arange(-25.0, 26.0, 10.0):
        # Soft tissues change little over 10 mm, and are seen through each other.
        around = patient.soft_tissues(float(middle), grid(float(middle)))
        for lateral in middle + np.arange(-4.0, 5.0, _STEP_MM):
            total += _STEP_MM * attenuation[patient.plane(float(lateral), grid(float(lateral)), around).tissue]
    beyond = _HALF_TRUNK_MM - 30.0
    for lateral in (-90.0, 90.0):
        labels = patient.soft_tissues(lateral, grid(lateral))
        # Fat and muscle of the flank average out over its depth.
        inside = np.isin(labels, (Tissue.AIR, Tissue.LUNG), invert=True)
        total += beyond * np.where(inside, 0.0203, attenuation[labels]).astype(np.float32)
    if recipe.sacral_slope_deg is not None:
        total += pelvis_of(patient).attenuation(
            lambda places, lateral: centred(places, pitch(lateral)), pitch, (rows, columns)
        )
    primary = np.exp(-total)
    photons = np.maximum(_PHOTONS * 30 * (primary + _SCATTER * _blurred(primary, 18 / mm)), 0.5)
    seen = rng.normal(photons, np.sqrt(photons)).astype(np.float32)
    density = -np.log(np.maximum(_blurred(seen, 0.165 / mm), 0.5))
    # As detectors do for display: large differences of thickness are flattened, what is small is kept.
    density -= 0.8 * _blurred(density, 13.5 / mm)
    low, high = np.quantile(density[::4, ::4], (0.01, 0.997))
    pixels = np.clip(np.round((density - low) / (high - low) * 3500 + 200), 0, 4095).astype(np.uint16)

    source = Source(
        modality=Modality.RADIOGRAPH,
        posture=Posture.STANDING,
        placed_by="truth of a digital patient",
        image="PHANTOM lateral radiograph",
        calibrated=False,
    )

    def seen_at(level: Level, points: Array) -> Array:
        g = grid(patient.lateral_mm(level))
        return (points - (g.x0, g.y0)) / g.pixel_mm

    truth = patient.shape.spine_landmarks
    vertebrae = tuple(
        VertebraLandmarks.from_array(v.level, seen_at(v.level, v.array), sd=0.0, source=source) for v in truth
    )
    return Radiograph(
        pixels=pixels,
        spacing_mm=mm,
        source_to_detector_mm=detector,
        source_to_patient_mm=patient_at,
        landmarks=SpineLandmarks(vertebrae=vertebrae, column=truth.column, unusable=truth.unusable),
    )


def _blurred(image: Image, sigma: float) -> Image:
    """Gaussian blur; a wide one on every eighth pixel, which is all it needs."""
    from PIL import Image as Picture
    from scipy.ndimage import gaussian_filter

    if sigma < 16:
        return np.asarray(gaussian_filter(image, sigma))
    coarse = gaussian_filter(image[4::8, 4::8], sigma / 8)
    size = image.shape[1], image.shape[0]
    return np.asarray(Picture.fromarray(coarse).resize(size, Picture.Resampling.BICUBIC))
