"""Train the radiograph model on digital patients and real anatomy shown as films, from the weights of ``--start``.

``python training/train_films.py --start src/ovcf/segmentation/model/radiograph.onnx --steps 1700``. A third of each
batch is real (``real_films.py``), of which only what its readers drew is asked; landmark maps learn from digital ones
alone. Batch statistics stay as they are. Goes on from ``last.pt`` where there is one. The weights kept are a running
average; the last ones count.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import projections
import torch
from network import SpineNet
from real_films import real_views
from slices import heat_maps
from torch import nn
from torch.utils.data import DataLoader, Dataset
from train import SEED, loss_of, save, weights_of
from train_mixed import partial_loss

DIGITAL, REAL = 4, 2
"""Views of a batch."""
KEEP = 0.99


class Films(Dataset[tuple[torch.Tensor, ...]]):
    """Item ``i``: radiographs of patient ``first + i``, and real anatomy under what lies over that patient."""

    VIEWS = projections.VIEWS
    REAL_VIEWS = VIEWS * REAL // DIGITAL

    def __init__(self, first: int, count: int) -> None:
        self.first, self.count = first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[torch.Tensor, ...]:
        torch.set_num_threads(1)
        seed = self.first + i
        images, classes, landmarks = projections.views_of(seed)
        heats = np.stack([heat_maps(one, images.shape[-1]) for one in landmarks])
        real, sets = real_views(np.random.default_rng([seed, 95]), seed, self.REAL_VIEWS)
        return (
            torch.from_numpy(images),
            torch.from_numpy(classes.astype(np.int64)),
            torch.from_numpy(heats),
            torch.from_numpy(landmarks),
            torch.from_numpy(real),
            torch.from_numpy(sets.astype(np.int64)),
        )


def main() -> None:
    """Train, or go on training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="a checkpoint, or a shipped ONNX file")
    parser.add_argument("--out", type=Path, default=Path("build/training/films"))
    parser.add_argument("--steps", type=int, default=1200, help="steps of 6 views until the learning rate is zero")
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--first", type=int, default=2_700_000, help="seed of the first patient")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)
    net = SpineNet(1).to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-3)
    average, step, last = copy.deepcopy(net), 0, args.out / "last.pt"
    if last.exists():
        saved = torch.load(last, map_location=device, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
    else:
        with torch.no_grad():
            begun = weights_of(args.start, "radiograph", args.first)
        net.load_state_dict(begun)
        average.load_state_dict(begun)
    net.eval()

    split = Films.VIEWS // DIGITAL
    first = step // split
    data = Films(args.first + first, -(-args.steps // split) - first)
    loader = DataLoader(data, batch_size=1, num_workers=args.workers, prefetch_factor=3 if args.workers else None)
    began, saved_at, seen = time.time(), time.time(), None
    for drawn in loader:
        images, classes, heats, points, real, sets = (t.flatten(0, 1) for t in drawn)
        for part in range(split):
            mine, theirs = slice(part, None, split), slice(part, None, split)
            x = torch.cat([images[mine], real[theirs]]).to(device)
            y, h, p, s = (t.to(device) for t in (classes[mine], heats[mine], points[mine], sets[theirs]))
            warm = min(1.0, (step + 1) / 30)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / args.steps)))
            with torch.autocast(device.type, torch.bfloat16):
                logits = net(x.contiguous(memory_format=torch.channels_last))
            digital, off, dice = loss_of(logits[:DIGITAL], y, h, p)
            partly, theirs_dice = partial_loss(logits[DIGITAL:], s)
            optimiser.zero_grad()
            (digital + partly).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            keep = min(KEEP, 1 - 1 / (1 + step / 10))
            with torch.no_grad():
                for mean, now in zip(average.parameters(), net.parameters(), strict=True):
                    mean.lerp_(now, 1 - keep)
            now = torch.cat([torch.stack([digital.detach(), partly.detach(), off]), dice, theirs_dice]).cpu()
            seen = now if seen is None else torch.where(now.isnan(), seen, seen.nan_to_num(0.5).lerp(now, 0.05))
            if step % 20 == 0:
                line = [step, time.time() - began, *seen.tolist()]
                print(" ".join(f"{v:.3f}" for v in line), flush=True)
                with (args.out / "curve.csv").open("a") as file:
                    file.write(",".join(f"{v:.4f}" for v in line) + "\n")
        if time.time() - saved_at > 120 or step >= args.steps:
            save(last, net, average, optimiser, step)
            saved_at = time.time()
    save(last, net, average, optimiser, step)


if __name__ == "__main__":
    main()
