"""Geometry of label maps: ovcf and TPTBox in one run on the same masks, as markdown.

Both are given the label maps a digital patient was drawn from and do what they offer: points of each vertebra, heights,
angles, and the course of the spine. They do not compute the same things, so only the time of each step is told, that of
the processor, which other work on the machine changes little.
"""

import json
import statistics
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from ovcf.errors import OvcfError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.landmarks import Source
from ovcf.measures.from_landmarks import measure
from ovcf.measures.registry import from_landmarks
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import read_recipe
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.points import landmarks_from_bodies as points

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "build" / "tptbox-geometry" / "bin" / "python"
THEIRS = Path(__file__).with_name("tptbox_geometry.py")
RUNS = 3
TITLE = "## Speed of geometry, beside TPTBox\n"


def timed(make):
    """Median seconds of processor time of some runs, after one that does not count."""
    make()
    taken = []
    for _ in range(RUNS):
        began = time.process_time()
        make()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def landmarks_of(bodies):
    """The six points of every body, found anew."""
    points._known.clear()  # what earlier runs found must not count
    spine, _ = points.landmarks_from_bodies(bodies, mid_sagittal_plane(bodies.labels, bodies.labels), Source())
    return spine


def measured(spine):
    """Every declared measurement of landmarks of every vertebra: heights, losses, angles, with their uncertainty."""
    found = []
    for one in from_landmarks():
        for vertebra in spine:
            try:
                found.append(measure(one, spine, vertebra.level))
            except OvcfError:  # a vertebra at the end has no neighbour there
                continue
    return found


def main() -> None:
    """Print the section."""
    print(TITLE)
    if not PYTHON.exists():
        print("TPTBox was not timed: run `make build/tptbox-geometry/.ready` first.")
        return
    with tempfile.TemporaryDirectory() as made:
        (visit,) = make_patient(
            read_recipe(ROOT / "examples" / "phantom.toml"), Path(made, "patient"), contrasts=(), radiograph=False
        )
        maps = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
        bodies = read_bodies(maps)
        spine = landmarks_of(bodies)
        found = measured(spine)
        ours_points, ours_rest = timed(partial(landmarks_of, bodies)), timed(partial(measured, spine))
        said = subprocess.run([PYTHON, THEIRS, *map(str, maps), str(RUNS)], check=True, capture_output=True, text=True)
    theirs = json.loads(said.stdout)
    seconds, count = theirs["seconds"], theirs["bodies"]
    heights = seconds["heights of a body"] * count
    whole = seconds["points"] + seconds["angles"] + seconds["curvature"] + heights
    print(
        f"One run on the same two label maps (a digital patient, {count} bodies), median of {RUNS} after a warm-up; "
        "heights of TPTBox once, on three bodies, times their number. Processor time; both have the maps in memory.\n"
    )
    print(
        f"ovcf places six points of each body with their SD and makes {len(found)} measurements with uncertainty: "
        "heights, losses, angles. TPTBox finds centres, directions and the middles of endplates, then "
        "heights and widths in every direction, Cobb angles and the curvature of the spine.\n"
    )
    print("| What | ovcf, s | TPTBox, s | times |\n|---|---:|---:|---:|")
    rows = (
        ("points of every vertebra", ours_points, seconds["points"]),
        ("what is measured of them", ours_rest, whole - seconds["points"]),
        ("both", ours_points + ours_rest, whole),
    )
    for what, ours, other in rows:
        print(f"| {what} | {ours:.3f} | {other:.3f} | {other / ours:.1f} |")
    print(
        f"\nOf TPTBox: heights and widths {heights:.2f} s, angles {seconds['angles']:.3f} s, curvature "
        f"{seconds['curvature']:.4f} s."
    )


if __name__ == "__main__":
    main()
