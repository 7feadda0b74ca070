"""Train the radiograph model on digital patients and real anatomy shown as films, from the weights of ``--start``.

``python -m training.network.train_films --start src/ovcf/segmentation/model/radiograph.onnx --steps 1700``. A third of
each batch is real (``real_films.py``), of which only what its readers drew is asked; landmark maps learn from digital
ones alone. Batch statistics stay as they are. How a run goes on, and which weights are kept, is said in ``loop.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.utils.data import Dataset

from ovcf.segmentation.network.inference import CLASSES
from training.films import projections
from training.films.real_films import real_views
from training.mri.views import heat_maps
from training.network.loop import Batch, Course, arguments, run
from training.network.losses import GROUPS, loss_of, partial_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

DIGITAL, REAL = 4, 2
"""Views of a batch."""


class Films(Dataset[tuple[torch.Tensor, ...]]):
    """Item ``i``: radiographs of patient ``first + i``, and real anatomy under what lies over that patient."""

    VIEWS, SLICES = projections.VIEWS, 1
    REAL_VIEWS = VIEWS * REAL // DIGITAL

    def __init__(self, first: int, count: int) -> None:
        self.first, self.count = first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[torch.Tensor, ...]:
        torch.set_num_threads(1)
        seed = self.first + i
        images, classes, landmarks = projections.views_of(seed)
        heats = np.stack([heat_maps(one, images.shape[-1]) for one in landmarks])
        real, sets = real_views(np.random.default_rng([seed, 95]), seed, self.REAL_VIEWS)
        return (
            torch.from_numpy(images),
            torch.from_numpy(classes.astype(np.int64)),
            torch.from_numpy(heats),
            torch.from_numpy(landmarks),
            torch.from_numpy(real),
            torch.from_numpy(sets.astype(np.int64)),
        )


def loss(net: Callable[[Tensor], Tensor], views: list[Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and its figures: digital, partial, landmarks off (pixels), Dice of classes and groups."""
    images, classes, heats, points, real, sets = (t[batch.every] for t in views)
    y, h, p, s = (t.to(batch.device) for t in (classes, heats, points, sets))
    logits = net(torch.cat([images, real]))
    digital, off, dice = loss_of(logits[:DIGITAL], y, h, p)
    partly, theirs = partial_loss(logits[DIGITAL:], s)
    return digital + partly, torch.cat([torch.stack([digital.detach(), partly.detach(), off]), dice, theirs])


def main() -> None:
    """Train, or go on training."""
    parser = arguments(
        __doc__ or "", out="build/training/films", steps=1200, rate=8e-4, first=2_700_000, views=DIGITAL + REAL
    )
    args = parser.parse_args()
    if args.start is None:
        parser.error("--start is needed: the model to train on from")
    names = ("digital", "real", "off", *CLASSES[1:], *(f"real {' and '.join(group)}" for group in GROUPS))
    course = Course(
        task="radiograph",
        data=Films,
        loss=loss,
        figures=names,
        digital=DIGITAL,
        patients=1,
        warm_up=30,
        every=20,
        smooth=0.05,
    )
    run(course, args)


if __name__ == "__main__":
    main()
