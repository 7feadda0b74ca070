"""Train the spine model on digital patients and real MRI together, from the weights of ``--start``.

``python training/train_mixed.py --start src/ovcf/segmentation/model/spine.onnx --steps 2000``. Half of every batch is
digital, a quarter real T1, a quarter real T2. What real readers did not draw is not asked (``partial_labels.py``);
landmark maps learn from digital patients, and posterior corners from real masks as well. Batch statistics stay as they
are. Goes on from ``last.pt`` where there is one. The weights kept are a running average; the last ones count.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path

import torch
from network import SpineNet
from real_views import MixedPatients
from torch import Tensor, nn
from torch.utils.data import DataLoader
from train import SEED, loss_of, misplaced, save, weights_of

from ovcf.segmentation.network.inference import CLASSES

HALF = 4
"""Digital views of a batch, and real ones."""
KEEP = 0.99
GROUPS = (("body",), ("disc",), ("canal", "cord"), ("sacrum",), ("arch",))
"""What real readers draw: the cord is not parted from the canal."""
_SUM, _DICE = 0.7, 0.4


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


def main() -> None:
    """Train, or go on training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="a checkpoint, or a shipped ONNX file")
    parser.add_argument("--out", type=Path, default=Path("build/training/mixed"))
    parser.add_argument("--steps", type=int, default=2400, help="steps of 8 views until the learning rate is zero")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--first", type=int, default=2_400_000, help="seed of the first patient")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)
    net = SpineNet(MixedPatients.SLICES).to(device, memory_format=torch.channels_last)
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
            begun = weights_of(args.start, "sagittal", args.first)
        net.load_state_dict(begun)
        average.load_state_dict(begun)
    net.eval()

    split = 2 * MixedPatients.VIEWS // HALF
    first = 2 * (step // split)
    data = MixedPatients(args.first + first, 2 * -(-args.steps // split) - first)
    loader = DataLoader(data, batch_size=2, num_workers=args.workers, prefetch_factor=2 if args.workers else None)
    began, saved_at, seen = time.time(), time.time(), None
    for drawn in loader:
        images, classes, heats, points, real, sets, real_heats, real_points = (t.flatten(0, 1) for t in drawn)
        for part in range(split):
            mine, theirs = slice(part, None, split), slice(HALF * part, HALF * (part + 1))
            x = torch.cat([images[mine], real[theirs]]).to(device)
            y, h, p = (t[mine].to(device) for t in (classes, heats, points))
            s, rh, rp = (t[theirs].to(device) for t in (sets, real_heats, real_points))
            warm = min(1.0, (step + 1) / 50)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / args.steps)))
            with torch.autocast(device.type, torch.bfloat16):
                logits = net(x.contiguous(memory_format=torch.channels_last))
            digital, off, _ = loss_of(logits[:HALF], y, h, p)
            partly, dice = partial_loss(logits[HALF:], s)
            optimiser.zero_grad()
            (digital + partly + corner_loss(logits[HALF:], rh, rp)).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            keep = min(KEEP, 1 - 1 / (1 + step / 10))
            with torch.no_grad():
                for mean, now in zip(average.parameters(), net.parameters(), strict=True):
                    mean.lerp_(now, 1 - keep)
            now = torch.cat([torch.stack([digital.detach(), partly.detach(), off]), dice]).cpu()
            # A group that no reader of the batch drew keeps its figure.
            seen = now if seen is None else torch.where(now.isnan(), seen, seen.nan_to_num(0.5).lerp(now, 0.03))
            if step % 40 == 0:
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
