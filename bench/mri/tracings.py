"""What the built-in model draws against bodies that people traced: overlap, landmarks, heights and angles.

The exams are those of the folder ``shared`` beside the checkout.
"""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import NeighbourError, OvcfError
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.measures.shape.body_heights import heights
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.segmentation.network.closer_look import read_twice
from ovcf.segmentation.network.fusion import on_grid_of
from ovcf.segmentation.network.landmark_maps import mapped_points, mri_bias
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies

ROOT = Path(__file__).resolve().parents[2]
MRI = ROOT.parent / "shared" / "data" / "mri-vertebral-bodies"
#: The lowest traced label of each exam and its level, as the exam's description says.
EXAMS = {
    "VB1_02": ("T1", {1: Level.S1}),
    "VB1_03": ("STIR", {2: Level.S1}),
    "VB1_10": ("T1", {9: Level.S1}),
    "VB1_11": ("T2", {8: Level.S1}),
    "VB1_15": ("T2", {4: Level.S1}),
    "VB2_02": ("T2", {2: Level.L5}),
    "VB2_04": ("T2", {6: Level.L5}),
    "VB2_05": ("T2", {1: Level.L5}),
    "VB2_06": ("T2", {1: Level.L5}),
    "VB2_07": ("T2", {1: Level.L5}),
    "VB3_01": ("water-fat", {5: Level.L5}),
    "VB3_02": ("water-fat", {5: Level.L5}),
    "VB3_03": ("water-fat", {5: Level.L5}),
}
SOURCE = Source(placed_by="bench")


def read_image(path):
    import nibabel

    from ovcf.geometry import ras_from_lps

    image = nibabel.load(path)
    return Volume(np.asanyarray(image.dataobj), ras_from_lps(image.affine))


def dice(reference, given):
    """NaN where the reference does not hold the class."""
    both = reference.sum() + given.sum()
    return 2 * float((reference & given).sum()) / float(both) if reference.any() else float("nan")


def surface_distance(reference, given, spacing_mm):
    """Mean distance in mm from each border to the nearest of the other, both ways; NaN without the class."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    if not (reference.any() and given.any()):
        return float("nan")
    borders = [mask & ~binary_erosion(mask, border_value=1) for mask in (reference, given)]
    away = [distance_transform_edt(~border, sampling=spacing_mm) for border in borders]
    return float(np.concatenate([away[1][borders[0]], away[0][borders[1]]]).mean())


def seen(image, network, *, ct=False):
    """The column, body numbers and subregions on the grid of the image, mapped landmarks, and the seconds it took."""
    start = time.perf_counter()
    spine = read_twice(image, network, ct=ct)
    labels, parts = on_grid_of(spine, image)
    return spine, labels, parts, mapped_points(spine), time.perf_counter() - start


def matched(truth, labels, levels):
    """Level of each of the model's bodies by overlap with the truth, where at least a third of it overlaps."""
    anchors = {}
    for k, level in levels.items():
        hits = np.bincount(labels[truth == k], minlength=1)
        hits[0] = 0
        if hits.any() and hits.max() > 0.33 * (truth == k).sum():
            anchors[int(hits.argmax())] = level
    return anchors


def paired(truth, labels, points):
    """The model's bodies under the names of the traced ones that they lie on; None where none does."""
    anchors = matched(truth.labels.voxels, labels.voxels, truth.levels)
    if not anchors:
        return None
    kept = Volume(np.where(np.isin(labels.voxels, list(anchors)), labels.voxels, 0), labels.affine)
    numbered = np.zeros_like(kept.voxels)
    for k, level in anchors.items():
        numbered[kept.voxels == k] = next(j for j, v in truth.levels.items() if v == level)
    levels = {k: v for k, v in truth.levels.items() if v in anchors.values() and (numbered == k).any()}
    return replace(
        truth,
        labels=Volume(numbered, labels.affine),
        levels=levels,
        mapped={level: points[k - 1] for k, level in anchors.items()},
    )


def reported(truth, mine, plane):
    """Ha, Hm, Hp as the program reports them on MRI, less those of the tracing, and their stated SD: mm, (n, 3, 2)."""
    bias = mri_bias()
    known = replace(SOURCE, height_sd_mm=bias.height_sd_mm)
    theirs = landmarks_from_bodies(truth, plane, SOURCE)[0]
    ours = landmarks_from_bodies(replace(mine, bias=bias), plane, known)[0]
    rows = []
    for v in ours:
        if v.level is not Level.S1 and theirs.get(v.level) is not None:
            pairs = zip(heights(ours, v.level), heights(theirs, v.level), strict=True)
            rows.append([(a.value - b.value, a.standard_uncertainty) for a, b in pairs])
    return rows


def coverage(rows):
    """How often the stated 95 % interval of each height holds the traced one, and how far they differ."""
    told = []
    for k, name in enumerate(("Ha", "Hm", "Hp")):
        off, sd = np.array(rows)[:, k].T
        held = (np.abs(off) <= 1.96 * sd).sum()
        told.append(
            f"{name} {held} of {len(off)} ({held / len(off):.0%}; {off.mean():+.2f} mm, SD {off.std():.2f} mm, "
            f"stated {np.sqrt((sd**2).mean()):.2f} mm)"
        )
    return "; ".join(told)


def geometry(truth, labels, points, plane):
    """Landmark distances, height differences, VHL and KA differences of bodies that both have."""
    out = {"landmark": [], "height": [], "longer": [], "behind": [], "vhl": [], "ka": [], "inside": [], "reported": []}
    mine = paired(truth, labels, points)
    if mine is None:
        return out
    out["reported"] = reported(truth, mine, plane)
    a, b = (landmarks_from_bodies(x, plane, SOURCE)[0] for x in (truth, mine))
    for v in a:
        w = b.get(v.level)
        if w is None or v.level is Level.S1:
            continue
        p, q = v.array, w.array
        out["landmark"] += np.linalg.norm(p - q, axis=1).tolist()
        out["behind"].append((q - p)[:4, 0].mean())
        for i, j in ((0, 2), (1, 3), (4, 5)):
            out["longer"].append(np.linalg.norm(q[i] - q[j]) - np.linalg.norm(p[i] - p[j]))
            out["height"].append(abs(out["longer"][-1]))
        for name, method in (("vhl", vertebral_height_loss), ("ka", local_kyphosis_angle)):
            with suppress(NeighbourError, OvcfError):
                theirs, ours = method(a, v.level), method(b, v.level)
                out[name].append(abs(theirs.value - ours.value))
                out["inside"].append(out[name][-1] <= 1.96 * ours.standard_uncertainty)
    return out
