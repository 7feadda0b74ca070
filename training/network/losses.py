"""What a view costs: classes, landmark maps, and real views of which only a part is known."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ovcf.segmentation.network.inference import CLASSES

GROUPS = (("body",), ("disc",), ("canal", "cord"), ("sacrum",), ("arch",))
"""What real readers draw: the cord is not parted from the canal."""
_WINDOW, _FOOT = 4, 0.3
"""Half the side (pixels) of the square in which a spot's centre is found, and the share of its peak that counts as
none, as in ``ovcf.segmentation.network.landmark_maps``."""
_SUM, _DICE = 0.7, 0.4
"""Weights of the two parts of :func:`partial_loss`."""


def loss_of(logits: Tensor, classes: Tensor, heats: Tensor, landmarks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The loss, how far landmarks lie off on average (pixels), and the soft Dice of every class but the background."""
    n = len(CLASSES)
    logits = logits.float()
    entropy = nn.functional.cross_entropy(logits[:, :n], classes)
    p = logits[:, :n].softmax(1)
    truth = nn.functional.one_hot(classes, n).permute(0, 3, 1, 2).to(p.dtype)
    axes = (0, 2, 3)
    dice = (2 * (p * truth).sum(axes) + 50) / (p.sum(axes) + truth.sum(axes) + 50)
    maps = torch.sigmoid(logits[:, n:])
    heat = ((maps - heats) ** 2 * (1 + 15 * heats)).mean()
    off = misplaced(maps, landmarks)
    return entropy + 0.6 * (1 - dice[1:]).mean() + 12 * heat + 0.15 * off, off.detach(), dice[1:].detach()


def misplaced(maps: Tensor, landmarks: Tensor) -> Tensor:
    """Mean distance (pixels) of the centre of each spot in the maps ``(n, 6, rows, columns)`` from its landmark.

    :func:`ovcf.segmentation.network.landmark_maps.mapped_points` finds it so, but not around the true place.
    """
    rows, columns = maps.shape[2:]
    place = landmarks.round()
    size = torch.tensor([rows, columns], device=maps.device) - 1
    inside = ((place >= _WINDOW) & (place <= size - _WINDOW)).all(-1)
    view, body, point = inside.nonzero(as_tuple=True)
    if not len(view):
        return maps.new_zeros(())
    r, c = place[view, body, point].long().T
    step = torch.arange(-_WINDOW, _WINDOW + 1, device=maps.device)
    window = maps[
        view[:, None, None],
        point[:, None, None],
        r[:, None, None] + step[None, :, None],
        c[:, None, None] + step[None, None, :],
    ]
    weight = (window - _FOOT * window.detach().amax((1, 2), keepdim=True)).clamp(min=0)
    total = weight.sum((1, 2)) + 1e-3
    centre = torch.stack(
        [(weight * step[None, :, None]).sum((1, 2)) / total, (weight * step[None, None, :]).sum((1, 2)) / total], -1
    )
    away = centre - (landmarks[view, body, point] - place[view, body, point])
    return (away**2).sum(-1).add(0.01).sqrt().mean()


def partial_loss(logits: Tensor, sets: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of views of which only sets of classes are known, and the soft Dice of each group (NaN: not drawn)."""
    n = len(CLASSES)
    p = logits[:, :n].float().softmax(1)
    may = torch.stack([(sets >> k) & 1 for k in range(n)], 1).to(p.dtype)
    known = (may.sum(1) < n).to(p.dtype)
    surprise = -((p * may).sum(1) + 1e-6).log()
    entropy = (surprise * known).sum() / known.sum().clamp(min=1)
    scores = []
    for group in GROUPS:
        inside = [CLASSES.index(name) for name in group]
        others = [k for k in range(n) if k not in inside]
        surely, surely_not = may[:, others].sum(1) == 0, may[:, inside].sum(1) == 0
        chance = p[:, inside].sum(1)
        truth = surely.to(p.dtype)
        both = (chance * truth).sum()
        all_of_it = (chance * (surely | surely_not)).sum() + truth.sum()
        scores.append(torch.where(truth.sum() > 0, (2 * both + 50) / (all_of_it + 50), torch.nan))
    dice = torch.stack(scores)
    return _SUM * entropy + _DICE * (1 - dice[~dice.isnan()]).sum() / len(GROUPS), dice.detach()


def corner_loss(logits: Tensor, heats: Tensor, points: Tensor) -> Tensor:
    """How far landmark maps are off around the landmarks that are known; nothing is asked elsewhere."""
    maps = torch.sigmoid(logits[:, len(CLASSES) :].float())
    near = (heats > 0).to(maps.dtype)
    return 12 * ((maps - heats) ** 2 * (1 + 15 * heats) * near).mean() + 0.15 * misplaced(maps, points)
