"""The spine model on real MRI of patients held back from training.

``python -m bench.mri.real_validation [--model FILE]``. Untouched T1 images with polygons of L1-L5 and S1, and T2 SPACE
with masks, of patients whom ``training/`` never learns from (a fixed hash of their names). A model is chosen by these,
so they do not say how well it does elsewhere. Prints Markdown; several models may be named, one column each.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from ovcf.anatomy import Level
from ovcf.imaging.volume import Volume
from ovcf.segmentation.engine import candidate_labellings
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.network.closer_look import closer_look
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import CLASSES, slice_maps
from training.mri import partial_labels as labels
from training.mri import real_mri
from training.mri.real_levels import untouched_t1, volume_of
from training.mri.sunk_endplates import dent_of, dented

GROUPS = {"body": ("body",), "disc": ("disc",), "canal with cord": ("canal", "cord"), "posterior elements": ("arch",)}
BORDER_PX = 2.0
INSIDE = 0.5


def classes_on(maps, number, shape, pixel_mm):
    """The likeliest class of every pixel of an image, from the network's slice of this number."""
    step = np.linalg.norm(maps.affine[:3, 1])
    at = np.mgrid[: shape[0], : shape[1]] + 0.5
    at = at * pixel_mm / step - 0.5
    fine = [map_coordinates(c[number].astype(np.float32), at, order=1, mode="nearest") for c in maps.classes]
    return np.argmax(fine, axis=0)


class Overlap:
    """Dice and area of a class where it is known, with and without the borders."""

    def __init__(self):
        self.by_patient = {}

    def add(self, patient, sets, given, names):
        group = labels.one_of(*names)
        sure, never = (sets & ~np.uint8(group) & labels.UNKNOWN) == 0, (sets & group) == 0
        mine = np.isin(given, [CLASSES.index(n) for n in names]) & (sure | never)
        row = np.array([2 * (mine & sure).sum(), mine.sum() + sure.sum(), mine.sum(), sure.sum()], float)
        self.by_patient[patient] = self.by_patient.get(patient, 0) + row

    def __str__(self):
        rows = [r for r in self.by_patient.values() if r[3] > 0]
        dice, area = [r[0] / r[1] for r in rows], [r[2] / r[3] for r in rows]
        return f"{np.mean(dice):.3f} (least {np.min(dice):.3f}, area {np.mean(area):.2f})"


def level_of(spine, volume, truth):
    """Whether the bodies were named right (None: no body lies on a known one), and the likeliest labelling."""
    found = candidate_labellings(spine)
    if not found:
        return None, None
    there = []
    for centre, level in zip(spine.centres, found[0].levels, strict=True):
        _, r, c = volume.to_index(centre)
        near = min(truth, key=lambda t: np.hypot(*(np.array([r, c]) - truth[t])))
        if np.hypot(*(np.array([r, c]) - truth[near])) * volume.spacing_mm[1] < 12:
            there.append(near == level.value)
    return (all(there) if there else None), found[0]


def judged_t1(network, names):
    """Figures on the T1 images."""
    out = {f"T1 body, {how}": Overlap() for how in ("without borders", "whole")}
    s1_pixels, s1_found, lost, merged, named = [], [], 0, 0, []
    for name in names:
        image, polygons, pixel = untouched_t1(name)
        volume = volume_of(image[None], pixel)
        maps = slice_maps(volume, network)
        given = classes_on(maps, 0, image.shape, pixel)
        for how, reach in (("without borders", BORDER_PX), ("whole", 0)):
            sets = labels.of_polygons(polygons, image.shape, reach)
            out[f"T1 body, {how}"].add(name, sets, given, ("body",))
        s1 = labels.polygon2mask(image.shape, polygons["S1"])
        s1_pixels.append((given[s1] == CLASSES.index("body")).mean() > INSIDE)
        spine = closer_look(fused(maps), volume, network)
        at = [volume.to_index(c)[1:] for c in spine.centres]
        inside = {
            level: [k for k, p in enumerate(at) if labels.polygon2mask(image.shape, q)[tuple(np.rint(p).astype(int))]]
            for level, q in polygons.items()
        }
        s1_found.append(bool(inside["S1"]))
        for level in labels.LUMBAR:
            lost += (given[labels.polygon2mask(image.shape, polygons[level])] == CLASSES.index("body")).mean() < INSIDE
            merged += not inside[level]
        named.append(level_of(spine, volume, {level: p.mean(axis=0) for level, p in polygons.items()}))
    rows = {key: str(value) for key, value in out.items()}
    n = len(names)
    rows["T1 S1 called a body (by pixels; as a body of the column), patients"] = (
        f"{sum(s1_pixels)} and {sum(s1_found)} of {n}"
    )
    rows[f"T1 bodies not seen; not a body of their own, of {5 * n}"] = f"{lost}; {merged}"
    return rows, named


def judged_t2(network, patients):
    """Figures on the T2 SPACE volumes."""
    scores = {f"T2 {group}, {how}": Overlap() for group in GROUPS for how in ("whole", "without borders")}
    named, longer = [], []
    for patient in patients:
        images, masks, pixel = real_mri.t2_volume(patient)
        volume = volume_of(images, pixel, 1.0)
        maps = slice_maps(volume, network)
        middle = labels.middle_slices(masks, 1.0)
        front = labels.canal_front(masks, middle)
        for k in range(maps.classes.shape[1]):
            own = 1 + 2 * k
            given = classes_on(maps, k, masks.shape[1:], pixel)
            for how, reach in (("whole", 0), ("without borders", BORDER_PX)):
                sets = labels.of_mask(masks[own], front, middle=bool(middle[own]), pixel_mm=pixel, reach_px=reach)
                for group, names in GROUPS.items():
                    if group != "canal with cord" or middle[own]:
                        scores[f"T2 {group}, {how}"].add(patient, sets, given, names)
        spine = closer_look(fused(maps), volume, network)
        truth, bodies = bodies_of(masks, front)
        named.append(level_of(spine, volume, truth))
        longer += heights(spine, volume, bodies)
    rows = {key: str(value) for key, value in scores.items()}
    a, p, m = np.array(longer).T
    rows["T2 anterior, posterior, middle height less that of the masks, mm (mean; mean absolute)"] = ", ".join(
        f"{x.mean():+.2f} ({np.abs(x).mean():.2f})" for x in (a, p, m)
    )
    rows["T2 bodies measured"] = str(len(longer))
    return rows, named


def judged_counts(network, names):
    """Bodies found against how many vertebrae a reader counted, on T1 and T2 without masks."""
    more = []
    for name in names:
        image, pixel, count = real_mri.counted_series(name)
        more.append(len(fused(slice_maps(volume_of(image[None], pixel), network))) - count)
    more = np.array(more)
    found = f"{(more == 0).sum()}; {(more < 0).sum()}; {(more > 0).sum()} of {len(more)}"
    return {"T1 and T2 series with as many bodies as a reader counted; fewer; more": found}


def judged_dents(network, exams):
    """Bodies in which an endplate was sunk (``training/mri/sunk_endplates.py``): their Dice, and the disc called
    body."""
    scores, pressed, depths = [], [], []
    for number, exam in enumerate(exams):
        rng, own = np.random.default_rng([number, 5]), len(exam.slices) // 2
        corners = exam.corners[own][int(rng.integers(len(exam.corners[own])))]
        dent = dent_of(rng, corners, real_mri.PIXEL_MM)
        image, sets = dented(rng, exam.slices[[own]], exam.sets[own], dent)
        given = classes_on(slice_maps(volume_of(image, real_mri.PIXEL_MM), network), 0, sets.shape, real_mri.PIXEL_MM)
        u, v = dent.at(sets.shape)
        near = (np.abs(u - 0.5) < 0.7) & (v > -0.5 * dent.disc) & (v < dent.height + 0.5 * dent.disc)
        body, never = near & (sets == labels.one_of("body")), near & (sets & labels.one_of("body") == 0)
        drawn = (given == CLASSES.index("body")) & (body | never)
        scores.append(2 * (drawn & body).sum() / (drawn.sum() + body.sum()))
        sunk = never & (v > 0) & (v < dent.deep(u))
        pressed.append(drawn[sunk].mean() if sunk.any() else 0.0)
        depths.append(dent.depth / dent.height)
    return {
        f"{len(scores)} bodies with an endplate sunk by {min(depths):.0%} to {max(depths):.0%}: "
        "Dice (least)": f"{np.mean(scores):.3f} ({np.min(scores):.3f})",
        "the same: share of the disc pressed in that is called body": f"{np.mean(pressed):.1%}",
    }


def bodies_of(masks, front):
    """Centres (row, column) of the masked bodies by level, the last one L5, and the bodies as instances."""
    from scipy.ndimage import binary_opening, center_of_mass, label

    columns = np.arange(masks.shape[2])
    body = (masks == labels.VERTEBRA) & (columns < front[:, None])
    parts, n = label(binary_opening(body, np.ones((1, 3, 3))))
    sizes = np.bincount(parts.ravel())
    large = [k for k in range(1, n + 1) if sizes[k] > 0.25 * np.median(sorted(sizes[1:])[-5:])]
    centres = {k: center_of_mass(parts == k)[1:] for k in large}
    order = sorted(large, key=lambda k: -centres[k][0])
    names = [v.value for v in Level if v.region in ("thoracic", "lumbar") and v not in (Level.T13, Level.L6)][::-1]
    out = np.zeros(parts.shape, np.int16)
    for number, k in enumerate(order, 1):
        out[parts == k] = number
    return {name: np.array(centres[k]) for name, k in zip(names, order, strict=False)}, out


def heights(spine, volume, bodies):
    """Anterior, posterior and middle heights of the model's bodies less those of the masks (mm), in the same plane."""
    from bench.mri.tracings import geometry
    from ovcf.imaging.mid_sagittal import mid_sagittal_plane
    from ovcf.segmentation.label_map import bodies_from_labels
    from ovcf.segmentation.network.fusion import on_grid_of
    from ovcf.segmentation.network.landmark_maps import mapped_points

    reference = bodies_from_labels(Volume(bodies, volume.affine), "masks", scheme="instances", anchors={1: Level.L5})
    drawn, _ = on_grid_of(spine, volume)
    plane = mid_sagittal_plane(reference.labels, reference.labels)
    longer = geometry(reference, drawn, mapped_points(spine), plane)["longer"]
    return np.reshape(longer, (-1, 3)).tolist()


def of_levels(named):
    """How levels were named: right, asked, wrong, and how often right by how sure it was."""
    sure = [right for right, best in named if best is not None and best.sure and right is not None]
    rows = {"levels right / asked / wrong": f"{sum(sure)} / {len(named) - len(sure)} / {len(sure) - sum(sure)}"}
    known = [(right, best.usual) for right, best in named if right is not None]
    for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 1.01)):
        part = [right for right, p in known if low <= p < high]
        rows[f"named right where {low:.0%} to {min(high, 1):.0%} sure (usual number of vertebrae)"] = (
            f"{sum(part)} of {len(part)}"
        )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, nargs="*", default=[None], help="ONNX files; the shipped one if none")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not real_mri.DATA.exists():
        print(f"## Real MRI held back from training\n\nNot run: the exams are not in {real_mri.DATA}.")
        return
    columns = []
    names, patients = real_mri.t1_names(judge=True), real_mri.t2_patients(judge=True)
    counted = real_mri.counted_names(judge=True)
    for model in args.model:
        network = builtin_network(model)
        first, named = judged_t1(network, names)
        second, too = judged_t2(network, patients)
        counts = judged_counts(network, counted)
        exams = [real_mri.t1_exam(n) for n in names] + [real_mri.t2_exam(p) for p in patients]
        counts |= judged_dents(network, exams)
        columns.append({**first, **second, **counts, **of_levels(named + too)})
    print("## Real MRI held back from training\n")
    print(
        f"{len(names)} T1 images of as many patients, {len(patients)} T2 SPACE patients, {len(counted)} further series;"
    )
    print("none of them trained on.")
    print(
        "By these patients it was chosen what is shipped, so they do not say how well it does elsewhere. Dice is the\n"
        "mean over patients.\n"
    )
    print("| | " + " | ".join(str(m or "shipped") for m in args.model) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for key in columns[0]:
        print(f"| {key} | " + " | ".join(c[key] for c in columns) + " |")
    if args.json:
        args.json.write_text(json.dumps(columns, indent=1))


if __name__ == "__main__":
    main()
