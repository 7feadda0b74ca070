"""The weighted mean of the weights a run began with and those it ended with, as a checkpoint for ``export.py``.

``python -m training.network.average build/training/tenth/last.pt --start spine.onnx --first 2200000 --out mean.pt``:
ends of training that lie near each other err apart, so that their mean errs less than either (Wortsman, ICML 2022).
Whether it is shipped is decided on digital patients (``evaluate.py``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.network.loop import weights_of


def main() -> None:
    """Average and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--start", type=Path, required=True, help="what the run began with, as in train.py")
    parser.add_argument("--first", type=int, required=True, help="seed of the first patient of the run")
    parser.add_argument("--task", choices=("sagittal", "radiograph"), default="sagittal")
    parser.add_argument("--share", type=float, default=0.5, help="weight of those it ended with")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    ended = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    with torch.no_grad():
        begun = weights_of(args.start, args.task, args.first)
    mean = {k: begun[k].lerp(v, args.share) if v.is_floating_point() else v for k, v in ended["average"].items()}
    torch.save({"average": mean, "step": ended["step"]}, args.out)


if __name__ == "__main__":
    main()
