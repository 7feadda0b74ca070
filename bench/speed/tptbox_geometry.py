"""Runs in the environment of TPTBox (``make build/tptbox-geometry/.ready``): its geometry on two label maps, as JSON.

``python tptbox_geometry.py VERTEBRAE SUBREGIONS [RUNS]``; nothing of ovcf is imported here. Seconds are of one body for
heights, of the whole column for the rest.
"""

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

from TPTBox import NII, Location, calc_poi_from_subreg_vert
from TPTBox.spine.spinestats import compute_lordosis_and_kyphosis, compute_max_cobb_angle
from TPTBox.spine.spinestats.curvature import compute_curvature_profile, compute_segmental_endplate_angles
from TPTBox.spine.spinestats.measure_ivd_and_vertebra_geometry import measure_ivd_and_vertebra_geometry

POINTS = [
    Location.Vertebra_Corpus,
    Location.Vertebra_Direction_Posterior,
    Location.Vertebra_Direction_Inferior,
    Location.Vertebra_Direction_Right,
    Location.Additional_Vertebral_Body_Middle_Superior_Median,
    Location.Additional_Vertebral_Body_Middle_Inferior_Median,
]
DISCS, SACRUM = 100, 26
"""From these numbers on labels are no vertebrae."""
MEASURED = 3
"""Bodies whose heights are measured: each takes seconds."""


def main(folder: str) -> dict:
    """Seconds of each kind of geometry, and the heights found."""
    # Its heights want slices from right to left along the last axis.
    vertebrae, subregions = (NII.load(path, seg=True).reorient() for path in sys.argv[1:3])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    vertebrae = vertebrae.set_array(vertebrae.get_array() * (vertebrae.get_array() < DISCS))
    levels = [int(number) for number in vertebrae.unique() if number < SACRUM]
    some = levels[len(levels) // 2 :][:MEASURED]
    points = calc_poi_from_subreg_vert(vertebrae, subregions, subreg_id=POINTS)
    buffer = Path(folder, "points.json")

    def heights() -> dict:
        return measure_ivd_and_vertebra_geometry(
            None, vertebrae, subregions, buffer, instance_labels=some, structure_label=0
        )

    def angles() -> None:
        compute_lordosis_and_kyphosis(points)
        compute_max_cobb_angle(points)
        compute_segmental_endplate_angles(points)

    spent = {
        "points": timed(lambda: calc_poi_from_subreg_vert(vertebrae, subregions, subreg_id=POINTS), runs),
        "angles": timed(angles, runs),
        "curvature": timed(lambda: compute_curvature_profile(points), runs),
    }
    found = heights()  # once before it counts; from then on it reads its points from the file
    if broken := {one["error"] for one in found.values() if "error" in one}:
        raise SystemExit(f"TPTBox measured no heights: {broken}")
    spent["heights of a body"] = timed(heights, 1) / len(some)
    return {"bodies": len(levels), "seconds": spent, "mm": {k: one["height_center"] for k, one in found.items()}}


def timed(make, runs: int) -> float:
    """Median seconds of so many runs."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        make()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        tempfile.TemporaryDirectory() as folder,
    ):
        result = main(folder)
    print(json.dumps(result))
