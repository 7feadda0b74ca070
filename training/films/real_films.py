"""Real lumbar anatomy as a film might show it.

No radiograph of a person may be trained on, but real T1 MRI whose readers drew L1 to L5 and S1 may: how a real sacrum
differs from a real L5 is the same on both. A mid-sagittal slice takes the place of the spine's projection, its greys by
chance, its borders bright as cortex is; the pelvis and whatever else lies over a digital patient is laid over it with
the promontories one upon the other, and it is exposed, printed and sent on like a film. Of each pixel only what its
reader drew is known (``partial_labels.py``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, shift

from ovcf.anatomy import Level
from training.films.beam import Beam
from training.films.overlay import Overlay
from training.films.printed import printed
from training.films.projections import draw_person, exposed
from training.mri.cuts import Drawn
from training.mri.partial_labels import one_of
from training.mri.real_mri import PIXEL_MM, around, remapped, t1_exam, t1_names
from training.mri.views import view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.mri.real_mri import Exam

    Image = NDArray[np.float32]
    Sets = NDArray[np.uint8]

_CANVAS = 320
_t1 = cache(t1_exam)


def film_of(
    rng: np.random.Generator, exam: Exam, overlay: Overlay, promontory: NDArray[np.float64]
) -> tuple[Image, Sets, NDArray[np.intp]]:
    """A slice as a film, what each pixel may be, and the exam's pixel (row, column) that is its first.

    ``promontory`` (column, row) is where the overlay has its S1.
    """
    at = exam.places[-1] + rng.normal(0, (35, 15)) - (45, 0)
    canvas, sets, start = around(exam, exam.slices[:1], exam.sets[0], at, _CANVAS)
    grey = np.clip(remapped(rng, canvas, sets)[0], 0, 2.5)
    sharp = gaussian_filter(grey, rng.uniform(0.3, 1.2))
    rim = gaussian_gradient_magnitude(grey, rng.uniform(0.6, 1.2))
    bone = sharp + rng.uniform(0.0, 2.5) * rim
    inside = canvas[0] > 0
    bone = np.where(inside, bone - np.median(bone[inside]), 0)
    bone = (rng.uniform(0.25, 0.9) * bone / max(float(bone.std()), 1e-3) * 0.5).astype(np.float32)
    moved = exam.places[-1] - start - promontory[::-1]
    soft, bones = (shift(a, moved, order=1, mode="nearest") for a in (overlay.soft, overlay.bones))
    laid = Overlay(soft, bones, overlay.inside)
    picture = exposed(rng, bone, laid, np.isin(sets, [one_of("body"), one_of("sacrum")]))
    picture = printed(rng, picture, laid.inside) if rng.random() < 0.5 else picture
    return picture, np.where(laid.inside, sets, one_of("background")).astype(np.uint8), start


def real_views(rng: np.random.Generator, seed: int, count: int, *, judge: bool = False) -> tuple[Image, Sets]:
    """Views of real anatomy ``(count, 1, SIZE, SIZE)`` under the overlays of a patient, and their sets of classes."""
    patient, pelvis = draw_person(seed)
    s1 = patient.frames[Level.S1].centre
    images, sets = [], []
    for k, name in enumerate(rng.choice(t1_names(judge=judge), -(-count // 3))):
        if k % 3 == 0:
            beam = Beam.drawn(rng, s1 + rng.uniform(-30, 30, 2))
            overlay = Overlay.drawn(rng, patient, beam, pelvis)
        picture, may, _ = film_of(rng, _t1(str(name)), overlay, beam.seen_at(s1, patient.lateral_mm(Level.S1)))
        for _ in range(3):
            image, klass, _ = view(rng, picture[None], Drawn(may, np.zeros((0, 6, 2))), PIXEL_MM)
            klass[klass == 0] = one_of("background")
            images.append(image)
            sets.append(klass)
    return np.stack(images[:count]), np.stack(sets[:count])
