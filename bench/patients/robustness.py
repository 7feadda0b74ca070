"""What the built-in model does as images get worse: one property at a time, from usual to hopeless.

``python -m bench.patients.robustness [--patients 6] [--jobs 2] [--figure docs/robustness.svg]`` prints a Markdown table
and draws the curves. Every point is the same digital patients (their own T2 unless contrast or chemical shift is what
changes) in seven slices around the middle, through the built-in model and the quality gate, with the level of one
vertebra given.
"""

import argparse
import multiprocessing
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from bench.patients.digital_patients import keep_to_one_core
from bench.patients.worse_images import CURVES, Subject, image_of
from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.study import Series, Study
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.reading.observing.labelled import label_image
from ovcf.segmentation.engine import engine_named
from ovcf.segmentation.engines import builtin as engine
from ovcf.vocabulary import Modality

FIRST = 51_000
FIGURE = Path(__file__).resolve().parents[2] / "docs" / "robustness.svg"
LARGE_VHL = 7.5
"""An error of a height loss that nobody should be given, in points."""


def _visible(true, volume):
    """True landmarks of the bodies that lie in the volume with 4 mm around them."""
    last, edge = np.array(volume.voxels.shape) - 1, 4.0 / volume.spacing_mm[1]
    found = {}
    for level, p in true.items():
        index = volume.to_index(np.column_stack([np.zeros(len(p)), p[:, 0], -p[:, 1]]))
        if level is not Level.S1 and (index[:, 1:] >= edge).all() and (index[:, 1:] <= last[1:] - edge).all():
            found[level] = p
    return found


def _seen(volume, role, true):
    """The program's landmarks in the truth's coordinates, as (level, points), with the true level of one body given."""
    spine = engine.fused(engine.slice_maps(volume, engine.builtin_network()))
    anchors = {}
    for number, at in enumerate(spine.centres, 1):
        away = {lv: np.hypot(*(p[:4].mean(axis=0) - [at[1], -at[2]])) for lv, p in true.items()}
        nearest = min(away, key=away.get)
        if away[nearest] < 10:
            anchors = {number: nearest}
    if not anchors:
        return
    bodies = engine_named("builtin").segment(volume, role, anchors=anchors)
    series = Series(uid="1", description="bench", image=volume, modality=Modality.MR, role=role)
    labelled = label_image(bodies, Study(series=(series,)))
    unusable = {level for level, _ in labelled.spine.unusable} if labelled.spine else set()
    for v in labelled.spine or ():
        if v.level not in unusable:
            p = labelled.plane.to_patient(v.array)
            there = np.column_stack([p[:, 1], -p[:, 2]])
            yield VertebraLandmarks.from_array(v.level, there, sd=v.sd, source=v.source)


def measured(subject, curve, value):
    """Landmark distances, VHL and KA errors, and how many bodies and triples the truth shows and the program gave."""
    volume, role = image_of(subject, curve, value)
    true = _visible(subject.true, volume)
    found = []
    with suppress(OvcfError):
        found = [v for v in _seen(volume, role, subject.true) if v.level in true]
    out = {"landmark": [], "vhl": [], "ka": [], "bodies": len(true), "given": len(found)}
    reference = subject.patient.shape.spine_landmarks
    spine = SpineLandmarks(vertebrae=tuple(found)) if found else None
    for v in found:
        if not curve.startswith("slices oblique"):  # which cut a body elsewhere: only angles and ratios are comparable
            out["landmark"] += np.linalg.norm(v.array - true[v.level], axis=1).tolist()
        for name, method in (("vhl", vertebral_height_loss), ("ka", local_kyphosis_angle)):
            with suppress(OvcfError):
                out[name].append(method(spine, v.level).value - method(reference, v.level).value)
    return out


def one_subject(seed):
    """Every point of every curve for one patient."""
    subject = Subject(seed)
    return {(c, v): measured(subject, c, v) for c, values in CURVES.items() for v in values}


def summary(results):
    """Figures of one point over all patients."""
    every = {k: np.array([x for r in results for x in r[k]], float) for k in ("landmark", "vhl", "ka")}
    bodies, given = (sum(r[k] for r in results) for k in ("bodies", "given"))
    far, vhl = every["landmark"], np.abs(every["vhl"])
    return {
        "landmark": float(np.median(far)) if len(far) else np.nan,
        "landmark95": float(np.percentile(far, 95)) if len(far) else np.nan,
        "vhl": float(vhl.mean()) if len(vhl) else np.nan,
        "ka": float(np.abs(every["ka"]).mean()) if len(every["ka"]) else np.nan,
        "withheld": 1 - given / bodies if bodies else np.nan,
        "bodies": bodies,
        "large": float((vhl > LARGE_VHL).mean()) if len(vhl) else 0.0,
        "n_vhl": len(vhl),
    }


def table(points):
    """Markdown: one line per point."""
    lines = [
        "| Property | value | bodies | withheld | landmarks, mm: median, 95 % | VHL | KA | VHL off by > 7.5 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for (curve, value), s in points.items():
        cells = [f"{s['landmark']:.2f}, {s['landmark95']:.1f}", f"{s['vhl']:.1f}", f"{s['ka']:.1f}"]
        cells = [c.replace("nan", "-") for c in cells]
        silent = f"{s['large']:.0%} of {s['n_vhl']}" if s["n_vhl"] else "-"
        lines.append(f"| {curve} | {value} | {s['bodies']} | {s['withheld']:.0%} | {' | '.join(cells)} | {silent} |")
    return lines


def stops(points):
    """Where each curve begins to withhold half, and whether errors were large before."""
    lines = []
    for curve, values in CURVES.items():
        if isinstance(values[-1], str):
            continue
        of = {v: points[curve, v] for v in values}
        stop = next((v for v in values if of[v]["withheld"] >= 0.5), None)
        bad = [str(v) for v in values if of[v]["n_vhl"] and of[v]["withheld"] < 0.5 and of[v]["large"] > 0.10]
        where = f"half is withheld from {stop}" if stop is not None else "nothing makes it withhold half"
        warn = f"; **not soon enough**: over 10 % of height losses err by more than 7.5 points at {', '.join(bad)}"
        lines.append(f"- {curve}: {where}{warn if bad else ''}.")
    return lines


def draw(points, path):
    """Small multiples: error above, share withheld as a shaded area, one panel per property."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    style = {
        "font.size": 8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "ovcf",
        "svg.fonttype": "path",
    }
    with plt.rc_context(style):
        figure, grid = plt.subplots(3, 3, figsize=(9, 7), sharey=True, layout="constrained")
        for axes, (curve, values) in zip(grid.flat, CURVES.items(), strict=True):
            named = isinstance(values[0], str)
            x = np.arange(len(values)) if named else np.array(values, float)
            of = {k: np.array([points[curve, v][k] for v in values]) for k in ("landmark", "vhl", "ka", "withheld")}
            share = axes.twinx()
            share.set(ylim=(0, 1), yticks=[])
            axes.set_zorder(share.get_zorder() + 1)
            axes.patch.set_visible(False)
            if named:
                share.bar(x, of["withheld"], width=0.7, color="#c9c9c9", lw=0)
                axes.set_xticks(x, values, rotation=55, ha="right", rotation_mode="anchor", fontsize=6.5)
            else:
                share.fill_between(x, of["withheld"], color="#c9c9c9", lw=0)
            join = {"ls": "none"} if named else {"lw": 1.4}
            for key, colour, marker, name in (
                ("landmark", "#1b6ca8", "o", "landmarks, median mm"),
                ("vhl", "#b3401f", "s", "VHL, points"),
                ("ka", "#3a7d44", "^", "KA, degrees"),
            ):
                axes.plot(x, of[key], color=colour, marker=marker, ms=3.5, label=name, **join)
            axes.set_title(curve, fontsize=8.5)
            axes.set_ylim(0, 8)
            if values[0] == 240:
                axes.invert_xaxis()
            share.spines[["top", "right"]].set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel("error")
        for axes in grid[:, -1]:
            right = axes.secondary_yaxis("right", functions=(lambda v: 100 * v / 8, lambda p: p * 8 / 100))
            right.set(ylabel="withheld, % of bodies", yticks=[0, 50, 100])
        handles, names = grid[0, 0].get_legend_handles_labels()
        handles.append(plt.Rectangle((0, 0), 1, 1, color="#c9c9c9", lw=0))
        figure.legend(handles, [*names, "withheld, % of bodies"], loc="outside upper center", ncols=4, frameon=False)
        figure.savefig(path, metadata={"Date": None, "Creator": "ovcf"} if path.suffix == ".svg" else None, dpi=130)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=6)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed; 61000 and up were looked at while tuning")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=2)
    parser.add_argument("--figure", type=Path, default=FIGURE)
    args = parser.parse_args()
    start = time.monotonic()
    seeds = range(args.first, args.first + args.patients)
    done = []
    with multiprocessing.get_context("spawn").Pool(args.jobs, keep_to_one_core) as pool:
        for result in pool.imap_unordered(one_subject, seeds):
            done.append(result)
            print(f"{len(done)} of {args.patients} patients, {time.monotonic() - start:.0f} s", file=sys.stderr)
    points = {point: summary([d[point] for d in done]) for point in done[0]}
    draw(points, args.figure)
    print("## Robustness of the built-in model\n")
    print(f"{args.patients} digital patients at every point, one property changed at a")
    print("time, the rest as usual; the level of one vertebra is given. Errors are of what was not withheld: median")
    print("distance of landmarks, mean absolute error of HAN's height loss and local kyphosis of every triple whose")
    print("neighbours were not drawn fractured. Digital patients are not people.\n")
    print("![Errors and share withheld against each property](robustness.svg)\n")
    print("\n".join([*stops(points), "", *table(points)]))


if __name__ == "__main__":
    main()
