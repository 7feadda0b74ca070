"""Whether two contrasts of one patient give the same measurements, and what the gate between contrasts lets through.

``python -m bench.mri.two_contrasts [--patients N]``. Real pairs are for evaluation only; seeds of the digital patients
are those of no training run. Each contrast is segmented by itself; a body of the second takes the level of the nearest
of the first. Then the gate, as an assessment uses it, sees every digital patient's T2 beside the T1 of each of them.
"""

import argparse
from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import NeighbourError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.landmarks import Source
from ovcf.measures.shape.body_heights import heights
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import render
from ovcf.segmentation.engine import BuiltinEngine
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.segmentation.second_look import second_look
from ovcf.workflow.contrasts import another_spine

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "mri-vertebral-bodies"
PAIRS = (("VB1_02", "T1", "VB1_03", "STIR"), ("VB1_10", "T1", "VB1_11", "T2"))
ROLE = {"T1": Role.T1, "T2": Role.T2, "STIR": Role.STIR}
FIRST_SEED = 960_000
COLUMNS = ("Contrasts", "Measure", "Compared", "Difference, median / 95 %", "Within the stated 95 % interval")


def centres(bodies):
    voxels = bodies.labels.voxels
    return {k: bodies.labels.to_patient(np.argwhere(voxels == k).mean(axis=0)) for k in bodies.levels}


def segmented(image, contrast, like=None):
    """The bodies in an image, named from the uppermost one, or as in another image of the same patient."""
    seen = BuiltinEngine().segment(image, ROLE[contrast], anchors={1: Level.T4})
    if like is None:
        return seen
    pairs = product(centres(seen).items(), centres(like).items())
    _, mine, theirs = min((float(np.linalg.norm((p - q)[1:])), k, j) for (k, p), (j, q) in pairs)
    return BuiltinEngine().segment(image, ROLE[contrast], anchors={mine: like.levels[theirs]})


def measured(bodies, image):
    """Every height, VHL and KA, by name and level; no vertebra counts as fractured."""
    spine, _ = landmarks_from_bodies(bodies, mid_sagittal_plane(image, bodies.labels), Source())
    found = {}
    for vertebra in spine:
        if vertebra.level is Level.S1:
            continue
        found |= {("Ha, Hm, Hp (mm)", m.method.name, vertebra.level): m for m in heights(spine, vertebra.level)}
        for name, measure in (("VHL (points)", vertebral_height_loss), ("KA (degrees)", local_kyphosis_angle)):
            try:
                found[name, "", vertebra.level] = measure(spine, vertebra.level)
            except NeighbourError:
                continue
    return found


def compared(first, second):
    """Differences and the standard uncertainty of each, by kind of measure."""
    kinds = defaultdict(list)
    for key in first.keys() & second.keys():
        a, b = first[key], second[key]
        kinds[key[0]].append((a.value - b.value, np.hypot(a.standard_uncertainty, b.standard_uncertainty)))
    return kinds


def rows(title, kinds):
    for kind in ("Ha, Hm, Hp (mm)", "VHL (points)", "KA (degrees)"):
        difference, sd = np.abs(np.array(kinds[kind])).T
        inside = (difference <= 1.96 * sd).mean()
        spread = " / ".join(f"{np.percentile(difference, p):.1f}" for p in (50, 95))
        yield f"| {title} | {kind} | {len(difference)} | {spread} | {inside:.0%} |"


def merged(all_kinds):
    total = defaultdict(list)
    for kinds in all_kinds:
        for kind, values in kinds.items():
            total[kind] += values
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=5)
    patients = parser.parse_args().patients
    print("## Two contrasts of one patient\n\nEach contrast segmented by itself by the built-in model.\n")
    print("|" + "|".join(COLUMNS) + "|\n|" + "---|" * len(COLUMNS))
    network, gates = builtin_network(), []
    for one, contrast, other, against in PAIRS if DATA.exists() else ():
        image, second = (read_study([DATA / f"{name}_image.nii.gz"]).series[0].image for name in (one, other))
        bodies = segmented(image, contrast)
        look = second_look(bodies, image, second, network)
        gates.append(look and look.agreement)
        kinds = compared(measured(bodies, image), measured(segmented(second, against, bodies), second))
        print("\n".join(rows(f"{contrast}, {against}: one real patient ({one}, {other})", kinds)), flush=True)
    drawn = []
    for seed in range(FIRST_SEED, FIRST_SEED + patients):
        made = render(Recipe(seed=seed), contrasts=("T1", "T2", "STIR"))
        images = {c: made.stack.volume(voxels) for c, voxels in made.images.items()}
        drawn.append((images, segmented(images["T2"], "T2")))
    for against in ("T1", "STIR"):
        found = (
            compared(
                measured(bodies, images["T2"]), measured(segmented(images[against], against, bodies), images[against])
            )
            for images, bodies in drawn
        )
        print("\n".join(rows(f"T2, {against}: {patients} digital patients", merged(found))), flush=True)
    for pair, gate in zip(PAIRS, gates, strict=False):
        print(
            f"\nGate, real pair {pair[0]}, {pair[2]}: median {gate.median_mm:.1f} mm on {gate.compared} bodies once a "
            f"motion of {gate.moved_mm:.1f} mm is taken off; {len(gate.apart)} withheld."
        )
    same, strange = [], []
    for (i, (images, bodies)), (j, (others, _)) in product(enumerate(drawn), enumerate(drawn)):
        look = second_look(bodies, images["T2"], others["T1"], network)
        gate = look and look.agreement
        (same if i == j else strange).append(gate)
    told = [g for g in strange if g is not None and another_spine(g)]
    refused = sum(g is not None and another_spine(g) is not None for g in same)
    apart, shared = sum(len(g.apart) for g in same if g), sum(g.compared for g in same if g)
    print(
        f"\nGate, {patients} digital patients: beside their own T1 {refused} refused, {apart} of {shared} bodies "
        f"withheld; beside the T1 of another {len(told)} of {len(strange)} refused."
    )


if __name__ == "__main__":
    main()
