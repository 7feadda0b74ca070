"""The weights of a shipped ONNX file as torch takes them, so that anyone can train on from the released model.

An export folds each batch normalisation into the convolution before it. Here they are parted again: the function stays
the same, and the normalisation's statistics come from a few digital patients.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from training.network.spine_net import SpineNet, for_slices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_RMS = 0.15
"""Of a convolution's weights. Normalisation takes their size out again, but Adam's steps are felt relative to it: this
is about what they grow to in the steps of the shipped models."""


def shipped_net(path: Path, views: Sequence[Tensor]) -> SpineNet:
    """The network of an ONNX file of ``export.py``; ``views`` are batches ``(n, slices, rows, columns)``.

    A network shipped for slices alone, as until version 0.10, pays no heed to their neighbours at first.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    stored = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    folded = [(stored[n.input[1]], stored[n.input[2]]) for n in graph.node if n.op_type == "Conv"]
    net = SpineNet(views[0].shape[1]).eval()
    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    convolutions = [m for m in layers if isinstance(m, nn.Conv2d)]
    folded[0] = for_slices(folded[0][0], views[0].shape[1]), folded[0][1]
    if [c.weight.shape for c in convolutions] != [w.shape for w, _ in folded]:
        raise SystemExit(f"{path} holds another network than training/network/spine_net.py")
    pairs = [(a, b) for a, b in pairwise(layers) if isinstance(b, nn.BatchNorm2d)]
    with torch.no_grad():
        for conv, (weight, bias) in zip(convolutions, folded, strict=True):
            conv.weight.copy_(weight)
            if conv.bias is not None:
                conv.bias.copy_(bias)
        for (_, norm), (_, bias) in zip(pairs, folded, strict=False):
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(bias)
        for (conv, norm), (mean, variance) in zip(pairs, _statistics(net, pairs, views), strict=True):
            size = conv.weight.pow(2).mean((1, 2, 3), keepdim=True).sqrt() / _RMS
            conv.weight /= size
            scale = size.flatten()
            norm.running_mean.copy_(mean / scale)
            norm.running_var.copy_(variance / scale**2)
            norm.weight.copy_((norm.running_var + norm.eps).sqrt() * scale)
            norm.bias += mean
    return net


def _statistics(
    net: SpineNet, pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]], views: Sequence[Tensor]
) -> list[tuple[Tensor, Tensor]]:
    """Mean and variance of what each convolution gives, by channel."""
    seen: list[list[tuple[Tensor, Tensor]]] = [[] for _ in pairs]

    def note(into: list[tuple[Tensor, Tensor]]) -> object:
        return lambda _module, _given, out: into.append((out.mean((0, 2, 3)), out.pow(2).mean((0, 2, 3))))

    hooks = [conv.register_forward_hook(note(into)) for (conv, _), into in zip(pairs, seen, strict=True)]
    for batch in views:
        net(batch)
    for hook in hooks:
        hook.remove()
    moments = [tuple(torch.stack(m).mean(0) for m in zip(*one, strict=True)) for one in seen]
    return [(mean, square - mean**2) for mean, square in moments]
