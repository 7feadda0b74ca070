"""The network shipped with the package: its ONNX file, its card, and onnxruntime to run it."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf import budget
from ovcf.errors import MissingExtraError
from ovcf.segmentation.network.model_files import model_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ovcf.segmentation.network.inference import Network

MODEL, CARD = "spine.onnx", "model_card.json"
RADIOGRAPH = "radiograph.onnx"
_TELL_NOBODY = {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}
"""As released, onnxruntime (1.31) reports to its maker what is run with it, and keeps an identifier of the machine. It
looks for this once, as it is imported; the second name is an earlier one."""
_CARDS = {MODEL: CARD, RADIOGRAPH: "radiograph_card.json"}


@cache
def model_card(model: str = MODEL) -> dict[str, Any]:
    """What a model was made from, what it was measured on, its limits.

    Raises:
        MissingFileError, UnreadableFileError: this installation holds no model, or not the one released.
    """
    return dict(json.loads(model_file(_CARDS[model])))


@cache
def builtin_network(path: Path | None = None, *, model: str | None = None, threads: int | None = None) -> Network:
    """A packaged network, ready to run on the CPU, loaded once; ``path`` names another ONNX file.

    ``threads`` None is what ``OVCF_THREADS`` says, else 0: what onnxruntime chooses.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        MissingFileError, UnreadableFileError: this installation holds no model, or not the one released.
    """
    content = path.read_bytes() if path is not None else model_file(model or MODEL)
    os.environ.update(_TELL_NOBODY)
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(
            "engine builtin", "onnxruntime is not installed", "Install it: pip install onnxruntime."
        ) from error
    onnxruntime.disable_telemetry_events()  # Windows has another way to tell, which does not look there
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = budget.threads(unset=0) if threads is None else threads
    # One thread: many processes share the machine, and a third of the memory counts more than 3 % of the time.
    options.enable_cpu_mem_arena = options.intra_op_num_threads != 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    # The radiograph model takes its picture alone.
    channels = given.shape[1]

    def run(slices: NDArray[np.float32]) -> NDArray[np.floating]:
        return np.asarray(session.run(None, {given.name: slices[:, :channels]})[0])

    return run
