"""Real lumbar anatomy as a film might show it, and training of the radiograph model on it beside digital patients.

``python training/real_films.py --start src/ovcf/segmentation/model/radiograph.onnx --steps 1200``. No radiograph of a
person may be trained on, but real T1 MRI whose readers drew L1 to L5 and S1 may: how a real sacrum differs from a real
L5 is the same on both. A mid-sagittal slice takes the place of the spine's projection, its greys by chance, its borders
bright as cortex is; the pelvis and whatever else lies over a digital patient is laid over it with the promontories one
upon the other, and it is exposed, printed and sent on like a film. Only what the readers drew is asked
(``partial_labels.py``); landmark maps learn from digital patients alone. Batch statistics stay as they are; goes on
from ``last.pt`` where there is one. The weights kept are a running average; the last ones count.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import projections
import torch
from network import SpineNet
from overlay import Overlay
from partial_labels import one_of
from printed import printed
from projections import Beam, draw_person, exposed
from real_mri import PIXEL_MM, around, remapped, t1_exam, t1_names
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, shift
from slices import Drawn, heat_maps, view
from torch import nn
from torch.utils.data import DataLoader, Dataset
from train import SEED, loss_of, save, weights_of
from train_mixed import partial_loss

from ovcf.anatomy import Level

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from real_mri import Exam

    Image = NDArray[np.float32]
    Sets = NDArray[np.uint8]

DIGITAL, REAL = 4, 2
"""Views of a batch."""
KEEP = 0.99
_CANVAS = 320
_t1 = cache(t1_exam)


def film_of(
    rng: np.random.Generator, exam: Exam, overlay: Overlay, promontory: NDArray[np.float64]
) -> tuple[Image, Sets, NDArray[np.intp]]:
    """A slice as a film, what each pixel may be, and the exam's pixel (row, column) that is its first.

    ``promontory`` (column, row) is where the overlay has its S1.
    """
    at = exam.places[-1] + rng.normal(0, (35, 15)) - (45, 0)
    canvas, sets, start = around(exam, exam.slices[:1], exam.sets[0], at, _CANVAS)
    grey = np.clip(remapped(rng, canvas, sets)[0], 0, 2.5)
    sharp = gaussian_filter(grey, rng.uniform(0.3, 1.2))
    rim = gaussian_gradient_magnitude(grey, rng.uniform(0.6, 1.2))
    bone = sharp + rng.uniform(0.0, 2.5) * rim
    inside = canvas[0] > 0
    bone = np.where(inside, bone - np.median(bone[inside]), 0)
    bone = (rng.uniform(0.25, 0.9) * bone / max(float(bone.std()), 1e-3) * 0.5).astype(np.float32)
    moved = exam.places[-1] - start - promontory[::-1]
    soft, bones = (shift(a, moved, order=1, mode="nearest") for a in (overlay.soft, overlay.bones))
    laid = Overlay(soft, bones, overlay.inside)
    picture = exposed(rng, bone, laid, np.isin(sets, [one_of("body"), one_of("sacrum")]))
    picture = printed(rng, picture, laid.inside) if rng.random() < 0.5 else picture
    return picture, np.where(laid.inside, sets, one_of("background")).astype(np.uint8), start


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
            torch.from_numpy(images), torch.from_numpy(classes.astype(np.int64)), torch.from_numpy(heats),
            torch.from_numpy(landmarks), torch.from_numpy(real), torch.from_numpy(sets.astype(np.int64)),
        )  # fmt: skip


def real_views(rng: np.random.Generator, seed: int, count: int, *, judge: bool = False) -> tuple[Image, Sets]:
    """Views of real anatomy ``(count, 1, SIZE, SIZE)`` under the overlays of a patient, and their sets of classes."""
    patient, pelvis = draw_person(seed)
    s1 = patient.frames[Level.S1].centre
    images, sets = [], []
    for k, name in enumerate(rng.choice(t1_names(judge=judge), -(-count // 3))):
        if k % 3 == 0:
            beam = Beam.drawn(rng, s1 + rng.uniform(-30, 30, 2))
            overlay = Overlay.drawn(rng, patient, beam, pelvis)
        picture, may, _ = film_of(rng, _t1(str(name)), overlay, beam.seen_at(s1, patient.lateral_mm(Level.S1)))
        for _ in range(3):
            image, klass, _ = view(rng, picture[None], Drawn(may, np.zeros((0, 6, 2))), PIXEL_MM)
            klass[klass == 0] = one_of("background")
            images.append(image)
            sets.append(klass)
    return np.stack(images[:count]), np.stack(sets[:count])


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
