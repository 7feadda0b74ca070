"""The network: a small U-Net for a sagittal slice of any contrast, 1 mm pixels, and the slices beside it."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from ovcf.segmentation.network.inference import CLASSES, POINTS

WIDTHS = (48, 64, 96, 128)


FIRST = "first.layers.0.weight"
"""The layer that sees the slices."""


def for_slices(first: Tensor, slices: int) -> Tensor:
    """The first layer's weights for a number of slices: what it does not know it pays no heed to.

    Where there are no neighbours, the slice itself stands in for them.
    """
    if slices == 1:
        return first.unflatten(1, (-1, 4)).sum(1)
    return nn.functional.pad(first, (0, 0, 0, 0, 0, 4 * slices - first.shape[1]))


class Block(nn.Module):
    """Two convolutions; instance-free normalisation, so that a slice means the same alone and in a batch."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inside, outside, 3, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
            nn.Conv2d(outside, outside, 3, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out


class SpineNet(nn.Module):
    """Normalised slices with their neighbours ``(n, slices, rows, columns)`` to logits ``(n, CLASSES + POINTS, ...)``.

    Rows and columns are multiples of 16. The first ``len(CLASSES)`` channels compete (softmax), the rest are heat maps
    of the six landmarks (sigmoid). Two by two pixels are folded into channels at the entrance and unfolded at the exit:
    nothing is lost, and the costliest layers work on a quarter of the places.
    """

    def __init__(self, slices: int, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.first = Block(4 * slices, widths[0])
        self.down = nn.ModuleList(Block(a, b) for a, b in pairs)
        # The widest view: dilated, so that a slice from neck to sacrum is seen at once.
        self.wide = nn.Sequential(
            nn.Conv2d(widths[-1], widths[-1], 3, padding=2, dilation=2, bias=False),
            nn.BatchNorm2d(widths[-1]),
            nn.ReLU(inplace=True),
        )
        self.up = nn.ModuleList(Block(a + b, a) for a, b in reversed(pairs))
        self.last = nn.Conv2d(widths[0], 4 * (len(CLASSES) + len(POINTS)), 1)
        self.pool = nn.MaxPool2d(2)
        # Most pixels are background and no landmark: begin there.
        with torch.no_grad():
            self.last.bias.zero_()
            self.last.bias[:4], self.last.bias[4 * len(CLASSES) :] = 2.0, -4.0

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(nn.functional.pixel_unshuffle(x, 2))
        skips = [x]
        for block in self.down:
            x = block(self.pool(x))
            skips.append(x)
        x = x + self.wide(x)
        for block, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = block(torch.cat([x, skip], dim=1))
        out: Tensor = nn.functional.pixel_shuffle(self.last(x), 2)
        return out
