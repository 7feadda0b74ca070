"""Train a built-in model on digital patients: ``python -m training.network.train --steps 6000``.

Starts from a fixed seed, or from the weights of ``--start``. No real image is read. How a run goes on, and which
weights are kept, is said in ``loop.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ovcf.segmentation.network.inference import CLASSES
from training.network.loop import DATA, Batch, Course, arguments, run
from training.network.losses import loss_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

BATCH = 6


def loss(net: Callable[[Tensor], Tensor], views: list[Tensor], batch: Batch) -> tuple[Tensor, Tensor]:
    """The loss of a batch of digital views; loss, landmarks off (pixels) and Dice of every class."""
    x, y, h, p = (t[batch.every].to(batch.device) for t in views)
    total, off, dice = loss_of(net(x), y, h, p)
    return total, torch.cat([torch.stack([total.detach(), off]), dice])


def main() -> None:
    """Train, or go on training."""
    parser = arguments(
        __doc__ or "", out="build/training/sagittal", steps=3000, rate=2e-3, first=1_000_000, views=BATCH
    )
    parser.add_argument("--task", choices=tuple(DATA), default="sagittal")
    args = parser.parse_args()
    course = Course(
        task=args.task,
        data=DATA[args.task],
        loss=loss,
        figures=("loss", "off", *CLASSES[1:]),
        digital=BATCH,
        keep=0.995,
        fixed_statistics=False,
    )
    run(course, args)


if __name__ == "__main__":
    main()
