"""A checkpoint as the ONNX file of the package: ``python training/export.py build/training/first/last.pt out.onnx``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from network import SpineNet


def main() -> None:
    """Export the averaged weights and check that onnxruntime gives what torch gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("onnx", type=Path, nargs="?", default=Path("src/ovcf/segmentation/model/spine.onnx"))
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    net = SpineNet().eval()
    net.load_state_dict(saved["average"])
    args.onnx.parent.mkdir(parents=True, exist_ok=True)
    example = torch.randn(2, 1, 64, 96)
    torch.onnx.export(
        net, (example,), args.onnx, input_names=["slices"], output_names=["logits"], dynamo=False, opset_version=17,
        dynamic_axes={"slices": {0: "n", 2: "rows", 3: "columns"}, "logits": {0: "n", 2: "rows", 3: "columns"}},
    )  # fmt: skip
    import onnxruntime

    other = torch.randn(3, 1, 80, 64)
    given = onnxruntime.InferenceSession(args.onnx).run(None, {"slices": other.numpy()})[0]
    with torch.no_grad():
        gap = float(np.abs(given - net(other).numpy()).max())
    if gap > 1e-3:
        raise SystemExit(f"onnxruntime differs from torch by {gap:.2g}")
    print(
        f"{args.onnx}: step {saved['step']}, {args.onnx.stat().st_size / 1e6:.1f} MB, differs from torch by {gap:.1e}"
    )


if __name__ == "__main__":
    main()
