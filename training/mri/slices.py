"""Slices of digital patients with synthetic appearance, drawn on the fly; those of a seed are always the same.

No image of a person is read here. Shapes are those of ``ovcf.phantom``; appearance is that of ``looks.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.segmentation.network.inference import SLICES
from training.mri.cuts import GRID_MM, cut
from training.mri.looks import Look
from training.mri.patients import draw_patient
from training.mri.views import CLOSER, in_room, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

PLANES, LOOKS, WARPS = 3, 4, 2
"""Slices of one patient, appearances of each, and views of each of these."""
VIEWS = PLANES * LOOKS * WARPS
"""Views of one patient."""
_LAST = 0.15
"""Share of views whose neighbour on one side is missing."""


def views_of(seed: int) -> tuple[Image, NDArray[np.uint8], Image]:
    """Views of the patient of a seed: images ``(VIEWS, SLICES, SIZE, SIZE)``, classes ``(VIEWS, ...)``, and landmarks
    ``(VIEWS, BODIES, 6, 2)`` in pixels, NaN where there is none.
    """
    rng = np.random.default_rng([seed, 77])
    recipe, patient = draw_patient(rng, seed)
    levels = list(patient.frames)
    # Views lie at the lumbosacral junction, from which levels are counted, at a fracture, or anywhere.
    kind = rng.choice(3, p=[0.4, 0.4, 0.2])
    broken = [i for i, level in enumerate(levels) if level in patient.lesions]
    candidates = [range(len(levels) - 4, len(levels)), broken, range(4, len(levels))][kind] or range(4, len(levels))
    around = patient.frames[levels[int(rng.choice(candidates))]].centre
    images, classes, landmarks = [], [], []
    for _ in range(PLANES):
        lateral = patient.curve.shift(around[1]) + (
            rng.uniform(-14, 14) if rng.random() < 0.6 else rng.uniform(-34, 34)
        )
        where = cut(rng, patient, float(lateral), around + rng.uniform(-20, 20, 2))
        for _ in range(LOOKS):
            look = Look(rng, recipe, patient)
            seen, drawn = look.images(where), look.drawn(where)
            for _ in range(WARPS):
                # Landmarks are read a second time on finer pixels: a patient as large as those make them.
                closer = float(np.exp(rng.uniform(0, CLOSER))) if rng.random() < 0.35 else 1.0
                image, klass, points = view(rng, seen, drawn, GRID_MM * closer)
                # The first and the last slice of a series, and an only one, take the place of those that are missing.
                image[1:][rng.random(SLICES - 1) < _LAST] = image[0]
                images.append(image)
                classes.append(klass)
                landmarks.append(in_room(points))
    return np.stack(images), np.stack(classes), np.stack(landmarks)
