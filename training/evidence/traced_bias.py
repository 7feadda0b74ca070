"""How far the built-in model's landmarks lie from bodies that people traced.

``python -m training.evidence.traced_bias DATA``. Digital patients alone (``training/evidence/landmark_bias.py``) say
where the outer cortex of a drawn body is; people who trace real ones draw their posterior corners closer. DATA is a
folder of T2 SPACE slices of real patients with masks of the vertebrae (SOURCE); taken are those whom no model of ours
has learnt from (``real_mri.py``). The median difference of each point, along the axes of its body, is written to
``model/traced_bias.json``; what is taken off is the mean of both, and half their difference is carried as an error that
all bodies share.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import label

from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import POINTS, Source
from ovcf.segmentation.engine import BuiltinEngine
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.segmentation.network.builtin_model import builtin_network, model_card
from ovcf.segmentation.network.landmark_maps import body_axes
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from training.mri.real_mri import JUDGE_T2, held_back
from training.network.model_digests import write_digests

SOURCE = (
    "SPIDER, van der Graaf et al., Zenodo 10.5281/zenodo.10159290, as republished in "
    "istiak769/Lumbar-Spine-MRI-Segementation; CC BY 4.0"
)
OUT = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model/traced_bias.json"
SLICES, VERTEBRA, NEAR_MM = 9, 2, 6.0


def differences(folder: Path, patient: str, pixel_mm: tuple[float, float]) -> list[np.ndarray]:
    """Model less traced ``(6, 2)``, to posterior and caudal, of each body of one patient that both show apart."""
    names = sorted(
        (p.stem for p in (folder / "images").glob(f"{patient}_*")), key=lambda n: int(n.rsplit("slice", 1)[1])
    )
    names = names[len(names) // 2 - SLICES // 2 :][:SLICES]
    image = np.stack([np.asarray(Image.open(folder / "images" / f"{n}.jpg").convert("L"), np.float32) for n in names])
    traced = np.stack([np.asarray(Image.open(folder / "masks" / f"{n}.png")) for n in names])
    traced = traced if traced.ndim == 3 else traced[..., 0]
    affine = np.array([[1, 0, 0, 0], [0, 0, pixel_mm[1], 0], [0, -pixel_mm[0], 0, 0], [0, 0, 0, 1.0]])
    volume = Volume(image, affine)
    try:  # a network that is named gives its landmarks as they are, without any bias taken off
        seen = BuiltinEngine(network=builtin_network()).segment(volume, Role.T2, name=patient)
    except LevelsUncertainError as question:
        seen = question.seen  # names do not matter here
    pieces, count = label(traced == VERTEBRA)
    own = {
        k: int(np.bincount(pieces[seen.labels.voxels == k], minlength=count + 1)[1:].argmax()) + 1 for k in seen.levels
    }
    alone = {k: piece for k, piece in own.items() if list(own.values()).count(piece) == 1}
    labels = np.zeros(traced.shape, np.int16)
    for k, piece in alone.items():
        labels[pieces == piece] = k
    first = min(alone)
    bodies = bodies_from_labels(
        Volume(labels, affine), "traced", scheme="instances", anchors={first: seen.levels[first]}, column=seen.column
    )
    plane = mid_sagittal_plane(volume, seen.labels)
    mine, true = (landmarks_from_bodies(b, plane, Source())[0] for b in (seen, bodies))
    pairs = [(v.array, t.array) for v in mine if (t := true.get(v.level)) is not None]
    return [(v - t) @ body_axes(t).T for v, t in pairs if np.linalg.norm(v.mean(axis=0) - t.mean(axis=0)) < NEAR_MM]


def main() -> None:
    """Derive, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--patients", type=int, default=12)
    args = parser.parse_args()
    with (args.data / "patients.csv").open() as file:
        spacing = {row["patient"]: ast.literal_eval(row["PixelSpacing"]) for row in csv.DictReader(file)}
    patients = [p for p in sorted(spacing) if held_back(p, JUDGE_T2)][: args.patients]
    found = np.array([d for patient in patients for d in differences(args.data, patient, spacing[patient])])
    bias = np.median(found, axis=0).round(2)
    for name, (posterior, caudal) in zip(POINTS, bias, strict=True):
        print(f"{name:20s} posterior {posterior:+.2f} mm, caudal {caudal:+.2f} mm")
    about = {
        "made_by": "training/evidence/traced_bias.py",
        "model": model_card()["version"],
        "bodies": len(found),
        "patients": len(patients),
        "source": SOURCE,
    }
    OUT.write_text(json.dumps({**about, "bias_mm": dict(zip(POINTS, bias.tolist(), strict=True))}, indent=1) + "\n")
    write_digests()


if __name__ == "__main__":
    main()
