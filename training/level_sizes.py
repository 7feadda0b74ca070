"""Sizes by level for counting vertebrae: ``python training/level_sizes.py``, from intact spines of the shape model.

For T1 to the last lumbar vertebra: the distance to the centre of the next body and the depth of the body, as the mean
and SD over people of the logarithm after each person's own mean is taken off.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.shape import sample_spine

OUT = Path(__file__).resolve().parents[1] / "src/ovcf/segmentation/model/level_sizes.csv"
SEED, LEVELS = 31, [v.value for v in Level if v.region in ("thoracic", "lumbar") and v.value not in ("T13", "L6")]


def main() -> None:
    """Sample and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=250)
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    rows = []
    for _ in range(args.people):
        corners = np.array([b.landmarks.array[:4] for b in sample_spine(rng).bodies])
        centres = corners.mean(axis=1)
        pitch = np.linalg.norm(np.diff(centres, axis=0), axis=1)
        depth = np.linalg.norm(corners[:-1, [1, 3]] - corners[:-1, [0, 2]], axis=2).mean(axis=1)
        rows.append(np.log(np.stack([pitch[: len(LEVELS)], depth[: len(LEVELS)]], axis=1)))
    logs = np.array(rows)
    scale = logs.mean(axis=(1, 2), keepdims=True)
    mean, sd = (logs - scale + scale.mean()).mean(axis=0), (logs - scale).std(axis=0)
    lines = [
        f"# Sizes of intact vertebrae by level: {args.people} people of the shape model, seed {SEED};",
        "# logarithms of mm, SD after each person's own mean is taken off; made by training/level_sizes.py",
        "level,log_pitch,log_pitch_sd,log_depth,log_depth_sd",
    ]  # fmt: skip
    for name, m, s in zip(LEVELS, mean, sd, strict=True):
        lines.append(f"{name},{m[0]:.4f},{s[0]:.4f},{m[1]:.4f},{s[1]:.4f}")
    OUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
