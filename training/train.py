"""Train the built-in model: ``python training/train.py --out build/training/sagittal --steps 6000``.

Starts from a fixed seed (or the weights of ``--start``), goes on from ``last.pt`` where there is one, writes its curve
to ``curve.csv`` and prints it.
The weights kept are a running average. No real image is read, and no checkpoint is chosen: the last one counts.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path

import torch
from dataset import Patients
from network import FIRST, SpineNet, for_slices
from torch import Tensor, nn
from torch.utils.data import DataLoader

from ovcf.segmentation.network.inference import CLASSES

SEED = 20260
BATCH = 6
_WINDOW, _FOOT = 4, 0.3
"""Half the side (pixels) of the square in which a spot's centre is found, and the share of its peak that counts as
none, as in ``ovcf.segmentation.network.landmark_maps``."""


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


def main() -> None:
    """Train, or go on training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/training/sagittal"))
    parser.add_argument("--steps", type=int, default=3000, help="steps of 6 views until the learning rate is zero")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--task", choices=("sagittal", "radiograph"), default="sagittal")
    parser.add_argument("--first", type=int, default=1_000_000, help="seed of the first patient")
    parser.add_argument("--start", type=Path, help="a checkpoint, or a shipped ONNX file, whose weights are begun with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)

    draw = _data_of(args.task)
    net = SpineNet(draw.SLICES).to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-3)
    step, last = 0, args.out / "last.pt"
    if last.exists():
        saved = torch.load(last, map_location=device, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
        print(f"goes on from step {step}", flush=True)
    elif args.start is not None:
        begun = weights_of(args.start, args.task, args.first)
        net.load_state_dict(begun)
        average.load_state_dict(begun)

    # Two patients at a time, whose views are mixed; drawn by number, so that an interrupted run goes on where it was.
    split = 2 * draw.VIEWS // BATCH
    first = 2 * (step // split)
    data = draw(args.first + first, 2 * -(-args.steps // split) - first)
    loader = DataLoader(data, batch_size=2, num_workers=args.workers, prefetch_factor=2 if args.workers else None)
    began, saved_at, seen = time.time(), time.time(), None
    for drawn in loader:
        flat = [t.flatten(0, 1) for t in drawn]
        for part in range(split):
            x, y, h, p = (t[part::split].to(device) for t in flat)
            warm = min(1.0, (step + 1) / 50)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / args.steps)))
            with torch.autocast(device.type, torch.bfloat16):
                logits = net(x.contiguous(memory_format=torch.channels_last))
            loss, off, dice = loss_of(logits, y, h, p)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            keep = min(0.995, 1 - 1 / (1 + step / 10))
            with torch.no_grad():
                for mean, now in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
                    mean.lerp_(now, 1 - keep) if mean.is_floating_point() else mean.copy_(now)
            now = torch.cat([torch.stack([loss.detach(), off]), dice])
            seen = now if seen is None else 0.97 * seen + 0.03 * now
            if step % 40 == 0:
                line = [step, time.time() - began, *seen.tolist()]
                scores = " ".join(f"{d:.3f}" for d in line[4:])
                print(
                    f"step {step:5d}  {line[1]:6.0f} s  loss {line[2]:.3f}  off {line[3]:.2f} mm  Dice {scores}",
                    flush=True,
                )
                with (args.out / "curve.csv").open("a") as file:
                    file.write(",".join(f"{v:.4f}" for v in line) + "\n")
        if time.time() - saved_at > 120 or step >= args.steps:
            save(last, net, average, optimiser, step)
            saved_at = time.time()
    save(last, net, average, optimiser, step)


def weights_of(start: Path, task: str, first: int) -> dict[str, Tensor]:
    """Those of a checkpoint, or of a shipped file and its layers' statistics on the patients before ``first``."""
    if start.suffix != ".onnx":
        weights: dict[str, Tensor] = torch.load(start, map_location="cpu", weights_only=True)["average"]
        return {**weights, FIRST: for_slices(weights[FIRST], _data_of(task).SLICES)}
    from shipped_weights import shipped_net

    patients = _data_of(task)(first - 8, 8)
    return shipped_net(start, [patients[i][0] for i in range(8)]).state_dict()


def _data_of(task: str) -> type:
    if task == "sagittal":
        return Patients
    from radiographs import Radiographs

    return Radiographs


def save(path: Path, net: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    """A checkpoint from which a run goes on, and whose averaged weights are exported."""
    new = path.with_suffix(".new")
    state = {
        "net": net.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    torch.save(state, new)
    new.replace(path)


if __name__ == "__main__":
    main()
