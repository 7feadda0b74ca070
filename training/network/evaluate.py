"""Dice on digital patients never trained on.

``python -m training.network.evaluate FILE.onnx --patients 10 [--json FILE]``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.network.inference import CLASSES
from training.mri.dataset import Patients

FIRST = 900_000_000
"""Training draws patients from one million upwards and never reaches this one."""


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    network = builtin_network(args.onnx)
    both, either = np.zeros(len(CLASSES)), np.zeros(len(CLASSES))
    for images, classes, *_ in (Patients(FIRST, args.patients)[i] for i in range(args.patients)):
        given = network(images.numpy())[:, : len(CLASSES)].argmax(axis=1)
        for k in range(len(CLASSES)):
            a, b = given == k, classes.numpy() == k
            both[k] += (a & b).sum()
            either[k] += a.sum() + b.sum()
    dice = dict(zip(CLASSES[1:], (2 * both / either)[1:].round(3).tolist(), strict=True))
    print(f"Dice over all views of {args.patients} digital patients (every contrast, any field of view): {dice}")
    if args.json is not None:
        args.json.write_text(json.dumps({"digital_patients": {"patients": args.patients, "dice": dice}}, indent=1))


if __name__ == "__main__":
    main()
