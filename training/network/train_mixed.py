"""Train the spine model on digital patients and real MRI together, from the weights of ``--start``.

``python -m training.network.train_mixed --start src/ovcf/segmentation/model/spine.onnx --steps 2000``. Half of every
batch is digital, a quarter real T1, a quarter real T2. What real readers did not draw is not asked
(``partial_labels.py``). Landmark maps learn from digital patients, and posterior corners from real masks as well. Batch
statistics stay as they are. How a run goes on, and which weights are kept, is said in ``loop.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from training.mri.real_views import MixedPatients
from training.network.loop import Batch, Course, arguments, run
from training.network.losses import GROUPS, corner_loss, loss_of, partial_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

HALF = 4
"""Digital views of a batch, and real ones."""


def loss(net: Callable[[Tensor], Tensor], views: list[Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and its figures: digital, partial, landmarks off (pixels), Dice of each real group."""
    images, classes, heats, points, real, sets, real_heats, real_points = views
    mine, theirs = batch.every, slice(HALF * batch.part, HALF * (batch.part + 1))
    y, h, p = (t[mine].to(batch.device) for t in (classes, heats, points))
    s, rh, rp = (t[theirs].to(batch.device) for t in (sets, real_heats, real_points))
    logits = net(torch.cat([images[mine], real[theirs]]))
    digital, off, _ = loss_of(logits[:HALF], y, h, p)
    partly, dice = partial_loss(logits[HALF:], s)
    total = digital + partly + corner_loss(logits[HALF:], rh, rp)
    return total, torch.cat([torch.stack([digital.detach(), partly.detach(), off]), dice])


def main() -> None:
    """Train, or go on training."""
    parser = arguments(
        __doc__ or "", out="build/training/mixed", steps=2400, rate=4e-4, first=2_400_000, views=2 * HALF
    )
    args = parser.parse_args()
    if args.start is None:
        parser.error("--start is needed: the model to train on from")
    names = ("digital", "real", "off", *(" and ".join(group) for group in GROUPS))
    run(Course(task="sagittal", data=MixedPatients, loss=loss, figures=names, digital=HALF), args)


if __name__ == "__main__":
    main()
