"""Lateral radiographs of digital patients, drawn on the fly; a seed always gives the same.

No image of a person is read here. Sagittal planes of a patient are summed as a cone beam sees them, once per position;
every look takes the same planes with its own attenuation, overlying anatomy, exposure and post-processing.
What the network is to find are the mid-sagittal outlines, each projected from where its vertebra lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from ovcf.anatomy import Level
from ovcf.phantom.body import tissue
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.pelvis import pelvis_of
from ovcf.phantom.raster import Grid, fill
from ovcf.segmentation.network.inference import CLASSES, POINTS
from training.films.beam import CANVAS, PIXEL_MM, Beam
from training.films.overlay import Overlay
from training.films.printed import printed
from training.mri.cuts import Drawn
from training.mri.patients import draw_patient
from training.mri.views import in_room, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.body.patient_volume import PatientVolume
    from ovcf.phantom.pelvis import Pelvis

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

POSITIONS, LOOKS, OVERLAYS, WARPS = 2, 6, 3, 3
"""Positions in which one patient is exposed, appearances of each, what may lie over it, and views of each look."""
VIEWS = POSITIONS * LOOKS * WARPS
_HALF_WIDTH_MM = 30.0
"""How far to the side of its middle the spine reaches."""
_WITHOUT_SPINE = 0.08
"""Share of looks that show the same overlying anatomy without a spine."""
_IN_A_PELVIS, _SENT_ON, _UPSIDE_DOWN = 0.8, 0.5, 0.07
"""Shares of patients in a pelvis, of looks that come as screenshots or prints, and of views held upside down."""
_NOTHING = Drawn(np.zeros((CANVAS, CANVAS), np.uint8), np.zeros((0, len(POINTS), 2)))
"""What is to be found there."""
_WATER = 0.0206


def truth(patient: PatientVolume, beam: Beam) -> Drawn:
    """Classes and landmarks of what lies in the middle, as the beam shows them."""
    classes = np.zeros((CANVAS, CANVAS), np.uint8)
    pixels = Grid(0.0, 0.0, 1.0, CANVAS, CANVAS)

    def draw(outline: Array, lateral_mm: Array | float, name: str) -> None:
        patch = fill(beam.seen_at(outline, lateral_mm), pixels)
        if patch is not None:
            classes[patch.rows, patch.columns][patch.mask] = CLASSES.index(name)

    shape = patient.shape
    draw(shape.canal, patient.curve.shift(shape.canal[:, 1]), "canal")
    for disc in shape.discs:
        draw(disc, patient.curve.shift(disc[:, 1]), "disc")
    for outline in shape.sacrum:
        draw(outline, patient.lateral_mm(Level.S1), "sacrum")
    points = []
    for body in shape.bodies:
        lateral = patient.lateral_mm(body.level)
        six = beam.seen_at(body.landmarks.array, lateral)[:, ::-1]
        if body.level is Level.S1:
            six[2:4] = six[5] = np.nan  # the sacrum's lower border is no endplate
        else:
            draw(body.outline, lateral, "body")
        points.append(six)
    return Drawn(classes, np.array(points))


def attenuation(rng: np.random.Generator) -> Image:
    """Attenuation of every tissue per mm, relative to water: young, osteoporotic and unlikely bone."""
    mu = tissue.column("attenuation").astype(np.float32)
    mu *= np.exp(rng.normal(0, 0.02, len(mu))).astype(np.float32)
    bone = np.array([t for t in Tissue if mu[t] > 0.0224], int)
    mu[bone] = _WATER + (mu[bone] - _WATER) * float(np.exp(rng.normal(-0.1, 0.4)))
    mu[Tissue.CORTEX] = _WATER + rng.uniform(0.012, 0.045)
    mu[Tissue.MARROW] = _WATER * (1 + float(rng.uniform(-0.02, 0.35)))
    mu[Tissue.POSTERIOR_MARROW] = mu[Tissue.MARROW] * float(rng.uniform(1.0, 1.3))
    for disc in (Tissue.ANNULUS, Tissue.INNER_ANNULUS, Tissue.NUCLEUS):
        mu[disc] = _WATER * float(rng.uniform(1.0, 1.06))
    if rng.random() < 0.06:
        mu[Tissue.NUCLEUS] = 0.0  # vacuum
    for soft in (Tissue.EPIDURAL_FAT, Tissue.CSF, Tissue.CORD, Tissue.ROOT):
        mu[soft] = _WATER
    return np.asarray(mu - _WATER, np.float32)


def spine(patient: PatientVolume, beam: Beam, mus: Image) -> Image:
    """Attenuation beyond that of water along every ray through the spine ``(looks, rows, columns)``."""
    rng = np.random.default_rng([patient.recipe.seed, 91])
    where = [patient.lateral_mm(level) for level in patient.frames]
    step = 3.5
    laterals = np.arange(min(where) - _HALF_WIDTH_MM, max(where) + _HALF_WIDTH_MM, step) + rng.uniform(0, step)
    muscle = np.full((CANVAS, CANVAS), Tissue.MUSCLE, np.uint8)
    table = np.ascontiguousarray(mus.T)
    table[Tissue.MUSCLE] = 0
    total = np.zeros((CANVAS, CANVAS, len(mus)), np.float32)
    for lateral in laterals:
        labels = patient.plane(float(lateral), beam.grid(float(lateral)), muscle).tissue
        rows, columns = np.nonzero(labels != Tissue.MUSCLE)
        total[rows, columns] += table[labels[rows, columns]]
    return np.moveaxis(total, -1, 0) * np.float32(step)


def exposed(rng: np.random.Generator, bone: Image, overlay: Overlay, at_spine: NDArray[np.bool_]) -> Image:
    """A look: what the beam leaves, scattered, noisy, sharpened and graded as detectors do; from about 0 to 1."""
    inside = overlay.inside
    at_spine = at_spine & inside if (at_spine & inside).any() else inside
    kind = str(rng.choice(["detector", "film", "densitometer"], p=[0.62, 0.23, 0.15]))
    if kind == "densitometer":
        # Two energies take soft tissue off, more or less; few photons, coarse pixels.
        density = bone + overlay.bones + rng.uniform(0, 0.3) * overlay.soft
        density = gaussian_filter(density, rng.uniform(0.4, 1.3, 2))
        density = density + rng.uniform(0.02, 0.14) * rng.standard_normal(density.shape, np.float32)
    else:
        total = bone + overlay.bones + overlay.soft
        # Exposed for the spine; what is much thinner saturates.
        total = np.maximum(total - np.median(total[at_spine]), -rng.uniform(1.5, 4.0))
        primary = np.exp(-total)
        seen = primary + rng.uniform(0.05, 0.8) * _wide(np.minimum(primary, 3.0), rng.uniform(20, 45))
        photons = 10 ** rng.uniform(3.0, 5.0)
        noise = rng.standard_normal(seen.shape, np.float32)
        if rng.random() < 0.5:
            noise = gaussian_filter(noise, rng.uniform(0.3, 0.9)) * 1.5
        seen = np.maximum(seen + np.sqrt(seen / photons) * noise, 1e-3)
        # The focal spot and the detector; now and then a patient who breathed, or pixels interpolated from coarse ones.
        blur = rng.uniform(0.2, 0.9) if rng.random() < 0.7 else rng.uniform(0.9, 2.4)
        density = -np.log(gaussian_filter(seen, blur))
    if rng.random() < 0.75:
        density = density - rng.uniform(0.2, 0.95) * _wide(density, rng.uniform(12, 60))
    if rng.random() < 0.4:
        density = density + rng.uniform(0.3, 2.0) * (density - gaussian_filter(density, rng.uniform(1.0, 4.0)))
    low, high = np.percentile(density[inside], (rng.uniform(0.5, 10), rng.uniform(95, 99.8)))
    # Graded so that the spine is neither black nor white.
    low, high = (
        f(v, w) for f, v, w in zip((min, max), (low, high), np.percentile(density[at_spine], (20, 80)), strict=False)
    )
    image = (density - low) / max(float(high - low), 1e-3)
    if kind == "film":  # the toe and shoulder of its curve
        image = 1 / (1 + np.exp(-rng.uniform(2.5, 7) * (image - rng.uniform(0.25, 0.75))))
    image = np.clip(image, 0, rng.uniform(1.0, 1.4))
    image = overlay.marked(rng, image.astype(np.float32))
    return np.asarray(image.max() - image if rng.random() < 0.25 else image, np.float32)


def exposed_without_spine(rng: np.random.Generator, bone: Image, overlay: Overlay) -> Image:
    """A look at what lies over the spine alone, exposed for all of it."""
    return exposed(rng, np.full_like(bone, np.median(bone)), overlay, np.zeros(bone.shape, bool))


def _wide(image: Image, sigma: float) -> Image:
    """A wide blur, on every fourth pixel."""
    coarse = gaussian_filter(image[2::4, 2::4], sigma / 4)
    return np.asarray(zoom(coarse, np.array(image.shape) / coarse.shape, order=1), np.float32)


def draw_person(seed: int, *, sd_deg: float = 12.0) -> tuple[PatientVolume, Pelvis | None]:
    """The patient of a seed, four of five of them in a pelvis whose sacrum slopes as in people, or more, or less."""
    rng = np.random.default_rng([seed, 78])
    chance = np.random.default_rng([seed, 92])
    slope = float(np.clip(chance.normal(37, sd_deg), 4, 72)) if chance.random() < _IN_A_PELVIS else None
    _, patient = draw_patient(rng, seed, slope)
    return patient, None if slope is None else pelvis_of(patient)


def views_of(seed: int) -> tuple[Image, NDArray[np.uint8], Image]:
    """Views of the patient of a seed: pictures ``(VIEWS, 1, SIZE, SIZE)``, classes, and landmarks
    ``(VIEWS, BODIES, 6, 2)`` in pixels, NaN where there is none.
    """
    rng = np.random.default_rng([seed, 93])
    patient, pelvis = draw_person(seed)
    levels = list(patient.frames)
    images, classes, landmarks = [], [], []
    for _ in range(POSITIONS):
        # The lumbosacral junction, from which levels are counted; the thorax, where most lies before them; anywhere.
        n = len(levels)
        low, high = [(n - 4, n), (3, n - 7), (5, n)][rng.choice(3, p=[0.5, 0.25, 0.25])]
        around = patient.frames[levels[int(rng.integers(low, high))]].centre + rng.uniform(-20, 20, 2)
        beam = Beam.drawn(rng, around)
        where = truth(patient, beam)
        overlays = [Overlay.drawn(rng, patient, beam, pelvis) for _ in range(OVERLAYS)]
        for k, bone in enumerate(spine(patient, beam, np.stack([attenuation(rng) for _ in range(LOOKS)]))):
            overlay = overlays[k % OVERLAYS]
            if rng.random() < _WITHOUT_SPINE:
                look, left = exposed_without_spine(rng, bone, overlay), _NOTHING
            else:
                look, left = exposed(rng, bone, overlay, where.classes > 0), overlay.left_of(where)
            look = printed(rng, look, overlay.inside) if rng.random() < _SENT_ON else look
            for _ in range(WARPS):
                image, klass, points = view(rng, look[None], left, PIXEL_MM)
                if rng.random() < _UPSIDE_DOWN:
                    # Held the wrong way it is to see nothing, so that the right way is told from it.
                    image, klass, points = image[:, ::-1].copy(), np.zeros_like(klass), points[:0]
                images.append(image)
                classes.append(klass)
                landmarks.append(in_room(points))
    return np.stack(images), np.stack(classes), np.stack(landmarks)
