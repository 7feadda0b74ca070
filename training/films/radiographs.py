"""Lateral radiographs of digital patients as torch takes them."""

from __future__ import annotations

from training.films import projections
from training.mri.dataset import Patients


class Radiographs(Patients):
    """Item ``i``: the radiographs of patient ``first + i``: images, classes, heat maps, landmarks."""

    VIEWS, SLICES = projections.VIEWS, 1

    def __init__(self, first: int, count: int) -> None:
        super().__init__(first, count, projections.views_of)
