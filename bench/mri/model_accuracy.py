"""How well the built-in model sees: real MRI and CT that it was never trained on, tuned to, or chosen by.

``python -m bench.mri.model_accuracy [--model FILE.onnx]`` prints Markdown. Real images: the MRI and CT of
the TPTBox wheel (build/tptbox) and the exams of the folder ``shared`` beside the checkout. Dice of a class is over all
slices that hold a body; on the traced exams, where not everything visible is traced, within 5 mm of the tracing on the
middle third of its slices. Traced bodies count as found where at least half of their voxels there belong to a body of
the model. Landmarks, heights, VHL and KA are those that the program derives from the tracing and from the model's
bodies in the same plane.
"""

import argparse
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.mri.tracings import (
    EXAMS,
    MRI,
    ROOT,
    SOURCE,
    coverage,
    dice,
    geometry,
    matched,
    read_image,
    seen,
    surface_distance,
)
from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane, sagittal_volume
from ovcf.imaging.resample import resample_labels
from ovcf.imaging.volume import Volume
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.segmentation.engine import candidate_labellings
from ovcf.segmentation.label_map import read_bodies, read_label_volume
from ovcf.segmentation.levels.level_labels import decided
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies

TPTBOX = ROOT / "build" / "tptbox"
SUBREGIONS = {"body": (49, 50), "disc": (100,), "canal and cord": (60, 61)}


def _columns(*cells):
    return "| " + " | ".join(cells) + " |"


def mean(values):
    return f"{np.mean(values):.2f}" if len(values) else "-"


def tptbox(network):
    """Dice by class and landmark error on the two crops of the TPTBox wheel: lines, and the figures by image."""
    summary = {}
    lines = [
        _columns(
            "Image", *SUBREGIONS, "surfaces apart, mm", "landmarks n", "median, mm", "90 %, mm", "heights, mm", "s"
        ),
        "|---" * (len(SUBREGIONS) + 7) + "|",
    ]
    for title, image, vertebrae, parts, ct in (
        ("T2 MRI", "sub-mri_label-6_T2w", "sub-mri_seg-vert_label-6_msk", "sub-mri_seg-subreg_label-6_msk", False),
        ("CT", "sub-ct_label-22_ct", "sub-ct_seg-vert_label-22_msk", "sub-ct_seg-subreg_label-22_msk", True),
    ):
        volume = read_image(TPTBOX / f"{image}.nii.gz")
        files = [TPTBOX / f"{name}.nii.gz" for name in (vertebrae, parts)]
        regions = read_label_volume(files[1])
        lowest = max(k for k in np.unique(read_label_volume(files[0]).voxels) if k < 100)
        # The levels are of no account here: the lowest is called L4.
        truth = read_bodies(files, scheme="instances", anchors={int(lowest): Level.L4})
        _, labels, mine, points, seconds = seen(volume, network, ct=ct)
        wanted, given = sagittal_volume(regions).voxels, sagittal_volume(mine).voxels
        holds = np.isin(wanted, SUBREGIONS["body"]).any(axis=(1, 2))
        both = [[np.isin(voxels[holds], codes) for voxels in (wanted, given)] for codes in SUBREGIONS.values()]
        row = [f"{dice(*pair):.3f}" for pair in both]
        spacing = sagittal_volume(regions).spacing_mm
        row.append(" / ".join(f"{surface_distance(*pair, spacing):.2f}" for pair in both))
        g = geometry(truth, labels, points, mid_sagittal_plane(truth.labels, truth.labels))
        far = g["landmark"] or [np.nan]
        row += [
            str(len(g["landmark"])),
            f"{np.median(far):.2f}",
            f"{np.percentile(far, 90):.2f}",
            mean(g["height"]),
            f"{seconds:.1f}",
        ]
        lines.append(f"| {title} | " + " | ".join(row) + " |")
        names = (*(f"Dice {c}" for c in SUBREGIONS), "surfaces apart mm", "landmarks", "landmark median mm")
        summary[f"TPTBox {title}, 3 vertebrae"] = dict(zip(names, row, strict=False))
    return lines, summary


def _middle_third(body):
    """The middle third of the slices that hold a body."""
    holding = np.flatnonzero(body.any(axis=(1, 2)))
    third = len(holding) // 3
    return slice(holding[third], holding[-third - 1] + 1)


def _near(body, labels):
    """Within 5 mm of a body, both on the sagittal grid of ``labels``."""
    from scipy.ndimage import distance_transform_edt

    return distance_transform_edt(~body, sampling=sagittal_volume(labels).spacing_mm) <= 5


def traced(network):
    """Dice near the tracing, bodies found, false bodies, heights, VHL and KA on the exams of hand-traced bodies."""
    lines = [
        _columns(
            "Exam",
            "contrast",
            "Dice",
            "found",
            "false",
            "beyond",
            "heights, mm",
            "longer by, mm",
            "VHL",
            "KA",
            "landmarks, mm",
            "levels",
            "s",
        ),
        "|---" * 13 + "|",
    ]
    names = ("height", "longer", "vhl", "ka", "landmark", "inside", "reported")
    every = {"dice": [], **{name: [] for name in names}}
    longer, behind = {}, {}
    found_all = traced_all = false_all = 0
    for exam, (contrast, anchor) in EXAMS.items():
        image = read_image(MRI / f"{exam}_image.nii.gz")
        truth = read_bodies([MRI / f"{exam}_bodies.nii.gz"], scheme="instances", anchors=anchor)
        if truth.labels.voxels.shape != image.voxels.shape:
            truth = replace(truth, labels=resample_labels(truth.labels, image))
        spine, labels, _, points, seconds = seen(image, network)
        t, m = sagittal_volume(truth.labels), sagittal_volume(labels).voxels
        own = {k: level for k, level in truth.levels.items() if level is not Level.S1}
        body = np.isin(t.voxels, list(own))
        middle, near = _middle_third(body), _near(body, truth.labels)
        other = np.isin(t.voxels, [k for k in truth.levels if k not in own])
        near &= ~other
        score = dice(body[middle] & near[middle], (m[middle] > 0) & near[middle])
        found = sum(
            1
            for k in own
            if (hits := np.bincount(m[middle][t.voxels[middle] == k], minlength=2))[1:].max() >= 0.5 * hits.sum()
        )
        middles = [float(t.to_patient(np.argwhere(t.voxels == k).mean(axis=0))[2]) for k in own]
        lone = [k for k in range(1, len(spine) + 1) if not (t.voxels[m == k] > 0).mean() > 0.1]
        false = [k for k in lone if min(middles) < spine.centres[k - 1][2] < max(middles)]
        beyond = len(lone) - len(false)
        g = geometry(truth, labels, points, mid_sagittal_plane(t, t))
        try:
            guess = candidate_labellings(spine)
            decided(guess, exam)
            anchors = matched(truth.labels.voxels, labels.voxels, own)
            levels = f"{sum(guess[0].levels[k - 1] == level for k, level in anchors.items())}/{len(anchors)}"
        except OvcfError:
            levels = "asks"
        every["dice"].append(score)
        for name in names:
            every[name] += g[name]
        longer.setdefault(exam[:3], []).extend(g["longer"])
        behind.setdefault(exam[:3], []).extend(g["behind"])
        found_all, traced_all, false_all = found_all + found, traced_all + len(own), false_all + len(false)
        row = [contrast, f"{score:.3f}", f"{found}/{len(own)}", str(len(false)), str(beyond)]
        row += [mean(g[name]) for name in ("height", "longer", "vhl", "ka")]
        row.append(f"{np.median(g['landmark'] or [np.nan]):.2f}")
        lines.append(_columns(exam, *row, levels, f"{seconds:.1f}"))
    summary = {
        "exams": len(EXAMS),
        "mean Dice": round(float(np.mean(every["dice"])), 3),
        "least Dice": round(float(np.min(every["dice"])), 3),
        "bodies traced": traced_all,
        "found": found_all,
        "false": false_all,
        "heights mean absolute difference mm": mean(every["height"]),
        "the same had every drawn body been longer or shorter by what fits all exams best mm": mean(
            np.abs(np.array(every["longer"]) - np.median(every["longer"]))
        ),
        "the same by what fits each collection best mm": mean(
            np.concatenate([np.abs(np.array(x) - np.median(x)) for x in longer.values()])
        ),
        "VHL mean absolute difference points": mean(every["vhl"]),
        "KA mean absolute difference degrees": mean(every["ka"]),
        "triples": len(every["vhl"]),
        "VHL and KA of the tracing inside the model's 95 % interval": f"{np.mean(every['inside']):.0%}",
        "heights of the tracing inside the reported 95 % intervals": coverage(every["reported"]),
        "landmark median mm": f"{np.median(every['landmark']):.2f}",
    }
    lines += ["", "; ".join(f"{name} {value}" for name, value in summary.items()) + "."]
    longer, behind = _by_name(longer), _by_name(behind)
    lines += ["", f"The model draws bodies longer than they are traced by (median) {longer}; behind by {behind}."]
    lines += [two_tracings(network)]
    return lines, {"hand-traced MRI (T1, T2, STIR, water-fat), within 5 mm of the tracing": summary}


def _by_name(collections):
    return ", ".join(f"{name} {np.median(x):+.1f} mm" for name, x in collections.items())


def two_tracings(network):
    """How far the tracings of T1 and STIR of one patient differ: what a reference of this kind can tell at best."""
    exams = ("VB1_02", "VB1_03")
    truths = [
        read_bodies([MRI / f"{exam}_bodies.nii.gz"], scheme="instances", anchors=EXAMS[exam][1]) for exam in exams
    ]
    spines = [landmarks_from_bodies(t, mid_sagittal_plane(t.labels, t.labels), SOURCE)[0] for t in truths]
    apart = {"vhl": [], "ka": []}
    for level in (v.level for v in spines[0]):
        for name, method in (("vhl", vertebral_height_loss), ("ka", local_kyphosis_angle)):
            with suppress(OvcfError):
                apart[name].append(abs(method(spines[0], level).value - method(spines[1], level).value))
    grid = truths[0].labels
    traced_twice, read_both = [], []
    for exam, truth in zip(exams, truths, strict=True):
        bodies = np.isin(truth.labels.voxels, [k for k, level in truth.levels.items() if level is not Level.S1])
        labels = seen(read_image(MRI / f"{exam}_image.nii.gz"), network)[1]
        traced_twice.append(_on(grid, Volume(bodies.astype(np.int16), truth.labels.affine)))
        read_both.append(_on(grid, labels))
    read_both = [read & _near(np.logical_or(*traced_twice), grid) for read in read_both]
    third = _middle_third(traced_twice[0])
    tracings, readings = ([mask[third] for mask in pair] for pair in (traced_twice, read_both))
    return (
        f"The two tracings of one patient (VB1_02 and VB1_03) differ from each other by {mean(apart['vhl'])} points of "
        f"VHL and {mean(apart['ka'])} degrees of KA (mean absolute, {len(apart['vhl'])} triples). They overlap with a "
        f"Dice of {dice(*tracings):.3f}, {_dice_moved(*tracings):.3f} where one is moved in the plane to fit, as the "
        f"patient may have moved; what the model draws on T1 and on STIR with one of {dice(*readings):.3f} and "
        f"{_dice_moved(*readings):.3f}."
    )


def _on(grid, labels):
    """Where there is any label, on the sagittal grid."""
    return sagittal_volume(resample_labels(labels, grid)).voxels > 0


def _dice_moved(one, other, reach=3):
    """The best Dice with ``other`` moved by up to some voxels in the plane."""
    steps = range(-reach, reach + 1)
    return max(dice(one, np.roll(other, (i, j), (1, 2))) for i in steps for j in steps)


SEEN = """Built-in model. No image of these collections trained it or chose a checkpoint. The figures are
not blind, though: what it made of such exams was seen while it was built, and choices followed from it
([decision 8](decisions/008-which-weights-are-shipped.md)). It was not measured on exams that nobody had seen.

Landmarks are those of the drawn bodies, which end at the marrow as the tracings do. The program then sets them at the
outer cortex, half a millimetre farther out (`training/evidence/landmark_bias.py`), so heights that it reports on MRI
are about a millimetre larger. nan: the reference has no such label."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--json", type=Path, help="writes the summary of the real exams here, for the model card")
    args = parser.parse_args()
    network = builtin_network(args.model)
    summary = {}
    print(f"## The built-in model on real MRI and CT\n\n{SEEN}")
    for title, part in (
        ("TPTBox sample (three vertebrae each; reference: its own label maps)", tptbox),
        ("Hand-traced exams", traced),
    ):
        lines, figures = part(network)
        print(f"\n### {title}\n")
        print("\n".join(lines))
        summary |= figures
    if args.json is not None:
        args.json.write_text(json.dumps({"real_exams": summary}, indent=1))


if __name__ == "__main__":
    main()
