"""The loop that all training shares: it draws patients by number, steps, averages weights, and can be gone on with.

A run is the same whether it was interrupted or not. It goes on from ``last.pt`` where there is one, writes its figures
to ``curve.csv`` and prints them. The weights kept are a running average; no checkpoint is chosen, the last one counts.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from training.films.radiographs import Radiographs
from training.mri.dataset import Patients
from training.network.shipped_weights import shipped_net
from training.network.spine_net import FIRST, SpineNet, for_slices

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20260
DATA: dict[str, type[Patients]] = {"sagittal": Patients, "radiograph": Radiographs}
"""The digital patients of each task."""
_SAVE_EVERY_S = 120


@dataclass(frozen=True)
class Batch:
    """One batch of some patients: which views of theirs it holds, and where it is computed."""

    part: int
    parts: int
    device: torch.device

    @property
    def every(self) -> slice:
        """Views spread over all that were drawn."""
        return slice(self.part, None, self.parts)


@dataclass(frozen=True)
class Course:
    """What is trained on what, and how.

    ``data(first, count)`` gives patients by number, each of ``data.VIEWS`` digital views of ``data.SLICES`` slices.
    ``loss(net, views, batch)`` gives the loss of a batch and the figures to follow, named by ``figures``; a figure that
    is NaN keeps its value. ``keep`` is the most that the running average keeps of itself in a step.
    """

    task: str
    data: Any
    loss: Callable[[Callable[[Tensor], Tensor], list[Tensor], Batch], tuple[Tensor, Tensor]]
    figures: tuple[str, ...]
    digital: int
    """Digital views of a batch."""
    patients: int = 2
    """Drawn at a time, their views mixed."""
    keep: float = 0.99
    warm_up: int = 50
    every: int = 40
    """Steps from one line of the curve to the next."""
    smooth: float = 0.03
    fixed_statistics: bool = True
    """Whether batch statistics stay as they are."""


def arguments(about: str, *, out: str, steps: int, rate: float, first: int, views: int) -> argparse.ArgumentParser:
    """The options that every run has, with their defaults."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--start", type=Path, help="a checkpoint, or a shipped ONNX file, whose weights are begun with")
    parser.add_argument("--out", type=Path, default=Path(out))
    parser.add_argument("--steps", type=int, default=steps, help=f"steps of {views} views until the rate is zero")
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--first", type=int, default=first, help="seed of the first patient")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    return parser


def run(course: Course, args: argparse.Namespace) -> None:
    """Train, or go on training."""
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)
    net = SpineNet(course.data.SLICES).to(device, memory_format=torch.channels_last)
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
        begun = weights_of(args.start, course.task, args.first)
        net.load_state_dict(begun)
        average.load_state_dict(begun)
    net.train(not course.fixed_statistics)

    def seen_by(x: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=_fast_bfloat16(device)):
            return net(x.to(device).contiguous(memory_format=torch.channels_last))

    # Drawn by number, so that an interrupted run goes on where it was.
    each = course.patients
    parts = each * course.data.VIEWS // course.digital
    first = each * (step // parts)
    data = course.data(args.first + first, each * -(-args.steps // parts) - first)
    loader = DataLoader(data, batch_size=each, num_workers=args.workers, prefetch_factor=2 if args.workers else None)
    began, saved_at, seen = time.time(), time.time(), None
    for drawn in loader:
        views = [t.flatten(0, 1) for t in drawn]
        for part in range(parts):
            warm = min(1.0, (step + 1) / course.warm_up)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / args.steps)))
            loss, now = course.loss(seen_by, views, Batch(part, parts, device))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            _average(average, net, min(course.keep, 1 - 1 / (1 + step / 10)))
            # A group that no reader of the batch drew keeps its figure.
            seen = (
                now if seen is None else torch.where(now.isnan(), seen, seen.nan_to_num(0.5).lerp(now, course.smooth))
            )
            if step % course.every == 0:
                _tell(args.out / "curve.csv", course.figures, [step, time.time() - began, *seen.tolist()])
        if time.time() - saved_at > _SAVE_EVERY_S or step >= args.steps:
            save(last, net, average, optimiser, step)
            saved_at = time.time()
    save(last, net, average, optimiser, step)


def _fast_bfloat16(device: torch.device) -> bool:
    """Whether half precision is computed, not emulated: emulated, a step takes ten times as long."""
    can = torch.cpu.get_capabilities()
    return device.type == "cuda" or bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _average(average: nn.Module, net: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for mean, now in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
            mean.lerp_(now, 1 - keep) if mean.is_floating_point() else mean.copy_(now)


def _tell(curve: Path, names: tuple[str, ...], line: list[float]) -> None:
    step, seconds, *figures = line
    named = "  ".join(f"{name} {value:.3f}" for name, value in zip(names, figures, strict=True))
    print(f"step {step:5.0f}  {seconds:6.0f} s  {named}", flush=True)
    with curve.open("a") as file:
        file.write(",".join(f"{value:.4f}" for value in line) + "\n")


def weights_of(start: Path, task: str, first: int) -> dict[str, Tensor]:
    """Those of a checkpoint, or of a shipped file and its layers' statistics on the patients before ``first``."""
    data = DATA[task]
    if start.suffix != ".onnx":
        weights: dict[str, Tensor] = torch.load(start, map_location="cpu", weights_only=True)["average"]
        return {**weights, FIRST: for_slices(weights[FIRST], data.SLICES)}
    patients = data(first - 8, 8)
    with torch.no_grad():
        return shipped_net(start, [patients[i][0] for i in range(8)]).state_dict()


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
