"""What the network is trained on, as torch takes it: item ``i`` is always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.utils.data import Dataset

from training.mri import slices, views

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Views = tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32]]


class Patients(Dataset[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]):
    """Item ``i``: the views of patient ``first + i``: images, classes, heat maps, landmarks."""

    VIEWS, SLICES = slices.VIEWS, slices.SLICES

    def __init__(self, first: int, count: int, views_of: Callable[[int], Views] = slices.views_of) -> None:
        self.first, self.count, self.views_of = first, count, views_of

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        torch.set_num_threads(1)
        images, classes, landmarks = self.views_of(self.first + i)
        heats = np.stack([views.heat_maps(one, images.shape[-1]) for one in landmarks])
        return (
            torch.from_numpy(images),
            torch.from_numpy(classes.astype(np.int64)),
            torch.from_numpy(heats),
            torch.from_numpy(landmarks),
        )
