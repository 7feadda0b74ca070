"""The network shipped with the package: its ONNX file, its card, and onnxruntime to run it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.errors import MissingExtraError, MissingFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ovcf.segmentation.inference import Network

MODEL, CARD = "spine.onnx", "model_card.json"
RADIOGRAPH = "radiograph.onnx"
_CARDS = {MODEL: CARD, RADIOGRAPH: "radiograph_card.json"}


@cache
def model_card(model: str = MODEL) -> dict[str, Any]:
    """What a model was made from, what it was measured on, its limits.

    Raises:
        MissingFileError: this installation holds no model.
    """
    return dict(json.loads(_packaged(_CARDS[model])))


@cache
def builtin_network(path: Path | None = None, *, model: str | None = None, threads: int = 0) -> Network:
    """A packaged network, ready to run on the CPU; ``path`` names another ONNX file, ``threads`` 0 all cores.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        MissingFileError: this installation holds no model.
    """
    content = path.read_bytes() if path is not None else _packaged(model or MODEL)
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(
            "engine builtin", "onnxruntime is not installed", "Install it: pip install onnxruntime."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    # The radiograph model takes its picture alone.
    channels = given.shape[1]

    def run(slices: NDArray[np.float32]) -> NDArray[np.floating]:
        return np.asarray(session.run(None, {given.name: slices[:, :channels]})[0])

    return run


def _packaged(name: str) -> bytes:
    where = files("ovcf.segmentation").joinpath("model", name)
    if not where.is_file():
        raise MissingFileError(
            f"model/{name}", "is not part of this installation: the built-in model is missing",
            "Install a release that holds it, make it with training/README.md, or give a label map (--labels).",
        )  # fmt: skip
    return where.read_bytes()
