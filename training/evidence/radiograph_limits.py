"""What tells a spine from none, and up from down, on radiographs: ``python -m training.evidence.radiograph_limits``.

Reads digital patients under a chest, and the same chests without a spine, and prints what the limits of
:mod:`ovcf.segmentation.film.radiograph` (``_MIN_CONFIDENCE``, ``_MIN_CANAL``, ``_SURELY_UP``, ``_SURELY_DOWN``, to be
set by hand) have to lie between. Run it when the radiograph model changes.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import OvcfError
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.segmentation.film import radiograph
from ovcf.segmentation.film.radiograph_evidence import canal_behind, head_up
from ovcf.vocabulary import Modality
from training.films.chest_radiographs import chest_radiograph

if TYPE_CHECKING:
    from ovcf.segmentation.network.fusion import SpineMap
    from training.films.chest_radiographs import ChestRadiograph

FIRST = 63_000


class Reader:
    """Reads radiographs without any limit, as they are held, and keeps what speaks for a head at the top."""

    def __init__(self) -> None:
        self.up: list[float] = []
        radiograph._MIN_CONFIDENCE = radiograph._MIN_CANAL = -1.0
        radiograph._MIN_BODIES, radiograph._SURELY_DOWN = 1, np.inf
        radiograph.head_up = self.head_up

    def head_up(self, spine: SpineMap) -> float:
        """As the program asks it: of the picture as it is, then of the same upside down."""
        self.up.append(head_up(spine))
        return self.up[-1]

    def read(self, made: ChestRadiograph) -> tuple[float, float, float]:
        """Median confidence, canal behind the bodies, how much more speaks for up than for down (NaN: not asked)."""
        self.up.clear()
        image = ImagePlane(made.pixels, (made.mm, made.mm), Calibration.DETECTOR)
        try:
            seen = radiograph.look_at(Series("1", "radiograph", image, Modality.RADIOGRAPH, Role.RADIOGRAPH))
        except OvcfError:
            return 0.0, 0.0, np.nan
        confidence = float(np.median(seen.confidence)) if seen.confidence else 0.0
        more = self.up[0] - self.up[1] if len(self.up) == 2 else np.nan
        return confidence, canal_behind(seen.spine, seen.confidence), more


def main() -> None:
    """Print the quantiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=80)
    args = parser.parse_args()
    reader = Reader()
    seeds = range(FIRST, FIRST + args.patients)
    for name, has_spine in (("with a spine", True), ("the same without", False)):
        rows = np.array([reader.read(chest_radiograph(seed, has_spine=has_spine)) for seed in seeds])
        more = rows[np.isfinite(rows[:, 2]), 2]
        for what, values in (("confidence", rows[:, 0]), ("canal", rows[:, 1]), ("up less down", more)):
            if has_spine or what != "up less down":
                least, few, half, many, most = np.quantile(values, (0, 0.05, 0.5, 0.95, 1))
                print(
                    f"{name}, {what} (n {len(values)}): {least:.2f}, 5 % {few:.2f}, median {half:.2f}, "
                    f"95 % {many:.2f}, {most:.2f}"
                )


if __name__ == "__main__":
    main()
