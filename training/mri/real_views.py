"""Views of real exams beside those of digital patients, drawn by number: what a mixed batch is made of."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.utils.data import Dataset

from ovcf.segmentation.network.inference import SLICES
from training.mri.cuts import CANVAS_MM, Drawn
from training.mri.dataset import Patients
from training.mri.partial_labels import one_of
from training.mri.real_mri import PIXEL_MM, Exam, around, remapped, t1_exam, t1_names, t2_exam, t2_patients
from training.mri.sunk_endplates import dent_of, dented
from training.mri.views import CLOSER, heat_maps, in_room, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]
    Sets = NDArray[np.uint8]

EACH = Patients.VIEWS // 2
"""Views of each real collection beside those of one digital patient: a quarter, a quarter and a half."""
_MIDDLE, _JUNCTION = 0.6, 0.5
"""Share of views of a middle slice, and around the lumbosacral junction."""
_DENTED = 0.4
"""Share of views in which one or two bodies have a sunk endplate."""

_t1, _t2 = cache(t1_exam), cache(t2_exam)


class MixedPatients(Dataset[tuple[torch.Tensor, ...]]):
    """Item ``i``: what :class:`Patients` gives, then images, sets, heat maps and landmarks of real views."""

    VIEWS, SLICES = Patients.VIEWS, SLICES

    def __init__(self, first: int, count: int) -> None:
        self.digital = Patients(first, count)

    def __len__(self) -> int:
        return len(self.digital)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, ...]:
        rng = np.random.default_rng([self.digital.first + i, 88])
        names = rng.choice(t1_names(judge=False), EACH)
        people = rng.choice(t2_patients(judge=False), EACH // 3)
        real = []
        for k, name in enumerate(names):
            # In turn, so that every batch of four holds two of each.
            real += [real_view(rng, _t1(str(name))), real_view(rng, _t2(str(people[k % len(people)])))]
        images, sets, points = (np.stack(part) for part in zip(*real, strict=True))
        heats = np.stack([heat_maps(one) for one in points])
        theirs = (torch.from_numpy(a) for a in (images, sets.astype(np.int64), heats, points))
        return (*self.digital[i], *theirs)


def real_view(rng: np.random.Generator, exam: Exam) -> tuple[Image, Sets, Image]:
    """A slice with its neighbours as the network is given it, what each pixel may be, and the landmarks known."""
    n, middle = len(exam.slices), np.flatnonzero(exam.middle)
    own = int(rng.choice(middle)) if rng.random() < _MIDDLE else int(rng.integers(n))
    away = int(rng.integers(2, 6)) * rng.choice([-1, 1])
    chosen = [own, *(k if 0 <= (k := own + d) < n else own for d in (away, -away))]
    place = exam.places[-2:] if rng.random() < _JUNCTION else exam.places
    at = place[rng.integers(len(place))] + rng.uniform(-20, 20, 2) / PIXEL_MM
    canvas, sets, start = around(exam, exam.slices[chosen], exam.sets[own], at, int(CANVAS_MM / PIXEL_MM))
    bodies, points = exam.corners[own] - start, exam.points[own] - start
    if len(bodies) and rng.random() < _DENTED:
        for body in rng.choice(len(bodies), min(len(bodies), int(rng.integers(1, 3))), replace=False):
            dent = dent_of(rng, bodies[body], PIXEL_MM)
            canvas, sets = dented(rng, canvas, sets, dent)
            if len(points):
                points[body, dent.middle] += dent.inwards * dent.deep(np.array(0.5))
    images = remapped(rng, canvas, sets)
    closer = float(np.exp(rng.uniform(0, CLOSER))) if rng.random() < 0.35 else 1.0
    given = images if n > 1 else images[:1]
    seen, classes, points = view(rng, given, Drawn(sets, points), PIXEL_MM * closer)
    if n == 1:
        seen = np.repeat(seen, SLICES, axis=0)
    classes[classes == 0] = one_of("background")
    return seen, classes, in_room(points)
