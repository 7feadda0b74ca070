"""How far the built-in model's landmarks on MRI lie off on average: ``python training/landmark_bias.py``.

Run it again whenever the model changes. The model draws bodies as far as marrow is seen, and rounds corners a little;
landmarks are those of the outer cortex, as on a radiograph. The median difference of each point, along the axes of its
body, over digital patients that neither training nor any benchmark draws, is written to ``model/landmark_bias.json``
and taken off by :mod:`ovcf.segmentation.landmarks_from_bodies`. No image of a person is read.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ovcf.imaging.volume import Volume
from ovcf.landmarks import POINTS, Source
from ovcf.phantom.frame import BODY, NUMBER
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import CONTRASTS, MID_PLANE, render
from ovcf.segmentation.builtin_model import builtin_network
from ovcf.segmentation.closer_look import read_twice
from ovcf.segmentation.fusion import on_grid_of
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.landmark_maps import mapped_points
from ovcf.segmentation.landmarks_from_bodies import landmarks_from_bodies

OUT = Path(__file__).resolve().parents[1] / "src/ovcf/segmentation/model/landmark_bias.json"
FIRST = 800_000_000


def errors(seed: int, contrast: str) -> list[np.ndarray]:
    """Differences ``(6, 2)`` (posterior, caudal) of the bodies that the model finds in one stack."""
    patient = render(Recipe(seed=seed), contrasts=(contrast,))
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
    out = []
    for v in patient.landmarks:
        mine = found.get(v.level)
        if mine is None or v.level.name == "S1":
            continue
        posterior = v.array[1] + v.array[3] - v.array[0] - v.array[2]
        posterior = posterior / np.linalg.norm(posterior)
        axes = np.stack([posterior, [-posterior[1], posterior[0]]], axis=1)
        out.append((mine.array - v.array) @ axes)
    return out


def main() -> None:
    """Derive, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=8)
    args = parser.parse_args()
    found = np.array([
        e for seed in range(FIRST, FIRST + args.patients) for contrast in CONTRASTS for e in errors(seed, contrast)
    ])  # fmt: skip
    bias = np.median(found, axis=0).round(2)
    spread = np.median(np.abs(found - bias), axis=0) * 1.4826
    for name, mean, sd in zip(POINTS, bias, spread, strict=True):
        print(f"{name:20s} posterior {mean[0]:+.2f} ± {sd[0]:.2f} mm, caudal {mean[1]:+.2f} ± {sd[1]:.2f} mm")
    about = {"bodies": len(found), "patients": args.patients, "contrasts": list(CONTRASTS)}
    OUT.write_text(json.dumps({**about, "bias_mm": dict(zip(POINTS, bias.tolist(), strict=True))}, indent=1) + "\n")


if __name__ == "__main__":
    main()
