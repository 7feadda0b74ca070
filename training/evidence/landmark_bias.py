"""How far the built-in model's landmarks on MRI lie off on average: ``python -m training.evidence.landmark_bias``.

Run it again whenever the model changes. The model draws bodies as far as marrow is seen, and rounds corners a little;
landmarks are those of the outer cortex, as on a radiograph. The median difference of each point, along the axes of its
body, over digital patients that neither training nor any benchmark draws, is written to ``model/landmark_bias.json``
and taken off by :mod:`ovcf.segmentation.points.landmarks_from_bodies`; so is how much farther inside the corners of
deeply sunk endplates are seen. What moves all landmarks of a stack alike is chemical shift, and is left out. No image
of a person is read.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.imaging.volume import Volume
from ovcf.landmarks import POINTS, Source
from ovcf.phantom.body.frame import BODY, NUMBER
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import CONTRASTS, MID_PLANE, render
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.network.closer_look import read_twice
from ovcf.segmentation.network.fusion import on_grid_of
from ovcf.segmentation.network.landmark_maps import SINK_KNEE_MM, body_axes, mapped_points, sinks_mm
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from training.network.model_digests import write_digests

OUT = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model/landmark_bias.json"
FIRST = 800_000_000


def recipes(patients: int) -> list[Recipe]:
    """Patients as they come, and as many with three deeply sunk bodies each."""
    sunk = tuple(
        FractureRecipe(level=Level(x), shape="biconcave", grade=g) for x, g in (("T11", 2), ("L1", 3), ("L3", 2))
    )
    usual = [Recipe(seed=seed) for seed in range(FIRST, FIRST + patients)]
    return usual + [Recipe(seed=r.seed + 1000, fractures=sunk, centre=Level.L1) for r in usual]


def errors(recipe: Recipe, contrast: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Differences ``(6, 2)`` (posterior, caudal) of the bodies that the model finds in one stack, and their sinks.

    They are taken about the mean of the stack.
    """
    patient = render(recipe, contrasts=(contrast,))
    image = patient.stack.volume(patient.images[contrast])
    spine = read_twice(image, builtin_network())
    labels, _ = on_grid_of(spine, image)
    truth = np.where(patient.part == BODY, patient.vertebra, 0)
    anchors = {}
    for v in patient.landmarks:
        hits = np.bincount(labels.voxels[truth == NUMBER[v.level]], minlength=2)
        if hits[1:].any() and hits[1:].max() > 0.5 * hits.sum():
            anchors[int(hits[1:].argmax()) + 1] = v.level
    kept = Volume(np.where(np.isin(labels.voxels, list(anchors)), labels.voxels, 0), labels.affine)
    bodies = bodies_from_labels(kept, "model", scheme="instances", anchors=anchors, column=patient.shape.column)
    points = mapped_points(spine)
    bodies = replace(bodies, mapped={level: points[k - 1] for k, level in anchors.items()})
    found, _ = landmarks_from_bodies(bodies, MID_PLANE, Source())
    pairs = [(found.get(v.level), v) for v in patient.landmarks if v.level is not Level.S1]
    seen = [(mine.array, true.array) for mine, true in pairs if mine is not None]
    moved = np.mean([mine - true for mine, true in seen], axis=(0, 1))
    return [((mine - moved - true) @ body_axes(true).T, sinks_mm(mine)) for mine, true in seen]


def main() -> None:
    """Derive, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=8)
    args = parser.parse_args()
    made = recipes(args.patients)
    usual, sunk = (
        [np.array(x) for x in zip(*(e for r in part for c in CONTRASTS for e in errors(r, c)), strict=True)]
        for part in (made[: args.patients], made[args.patients :])
    )
    bias = np.median(usual[0], axis=0).round(2)
    spread = np.median(np.abs(usual[0] - bias), axis=0) * 1.4826
    for name, mean, sd in zip(POINTS, bias, spread, strict=True):
        print(f"{name:20s} posterior {mean[0]:+.2f} ± {sd[0]:.2f} mm, caudal {mean[1]:+.2f} ± {sd[1]:.2f} mm")
    sink = np.median(usual[1], axis=0).round(2)
    deeper, inside = ((f(usual), f(sunk)) for f in (lambda x: x[1] - sink - SINK_KNEE_MM, lambda x: rims(x[0] - bias)))
    x, y = np.concatenate(deeper).ravel(), np.concatenate(inside).ravel()
    share = round(float((x * y)[x > 0].sum() / (x**2)[x > 0].sum()), 2)
    print(
        f"endplates are sunk by {sink} mm; beyond {SINK_KNEE_MM:g} mm more, corners lie {share:.0%} of the rest inside"
    )
    for low, high in ((-9, 0), (0, 0.5), (0.5, 1), (1, 2), (2, 9)):
        part = y[(x > low) & (x <= high)]
        print(f"  {low} to {high} mm beyond: {np.mean(part):+.2f} mm inside (n {len(part)})")
    about = {"bodies": len(usual[0]) + len(sunk[0]), "patients": 2 * args.patients, "contrasts": list(CONTRASTS)}
    fitted = {
        "bias_mm": dict(zip(POINTS, bias.tolist(), strict=True)),
        "usual_sink_mm": sink.tolist(),
        "rim_share": share,
    }
    OUT.write_text(json.dumps({**about, **fitted}, indent=1) + "\n")
    write_digests()


def rims(off: np.ndarray) -> np.ndarray:
    """How far inside the body the corners of either endplate lie ``(n, 2)``, of differences ``(n, 6, 2)``."""
    return np.stack([off[:, :2, 1].mean(axis=1), -off[:, 2:4, 1].mean(axis=1)], axis=1)


if __name__ == "__main__":
    main()
