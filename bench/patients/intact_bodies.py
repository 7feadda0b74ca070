"""What is measured where there is nothing: ``python -m bench.patients.intact_bodies [--patients 12] [--first 52200]``.

Every body of a digital patient that truly holds no edema is read as an index vertebra would be: out of the reference,
inside its true outline and inside the built-in model's. The limit of the blank (95 of 100 stay below, CLSI EP17) is
``LIMIT_OF_BLANK_PERCENT`` of ``measures/signal/edema_level.py``. Every body that truly kept its shape gives its
endplates and posterior wall against intact neighbours: their spread is ``INTACT_SD`` of
``measures/outline/endplates_and_wall.py``. Both were chosen on 60000-60011.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.patients.kinds import patient_of
from ovcf.clinical.read_case import read_case
from ovcf.errors import OvcfError
from ovcf.imaging.study import Role
from ovcf.measures.outline.endplates_and_wall import OutlinedBody, outline_signs
from ovcf.measures.signal.edema import marrow_edema
from ovcf.phantom.patient import make_patient
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.marrow import marrow_series
from ovcf.workflow.from_files import draft_from_files

FIRST = 52_200


def observed(visit, route):
    """The observations of a patient, by its true label map or by the built-in model; None where levels are asked."""
    if route == "truth":
        labels = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
        return draft_from_files([visit / "study"], labels=labels, clinical=visit / "case.toml").observations
    return draft_from_files([visit / "study"], clinical=visit / "case.toml").observations


def blanks(observations, case, true):
    """(edema, standard uncertainty), percent, of every body without edema, whichever outline was used."""
    for level in [name for name, facts in true.items() if facts.get("bme-percent", 0) == 0]:
        as_index = replace(case, index_level=level, old_fractures=(), other_fractures=())
        stir = marrow_series(observations, as_index).get(Role.STIR)
        if stir is None or level not in stir.bodies:
            continue
        try:
            m = marrow_edema(
                stir.volume.voxels,
                stir.bodies[level],
                stir.reference,
                level=level,
                voxel_mm=stir.spacing,
                threshold_sd=stir.threshold_sd,
                outline=stir.outline,
                source=stir.source,
            )
        except OvcfError:
            continue
        yield m.value, m.standard_uncertainty


def shapes(observations, case, true):
    """Sink of both endplates (percent) and bulge of the wall (mm) of every body without a fracture."""
    intact = {name for name, facts in true.items() if facts.get("sq-grade", facts.get("grade", 0)) == 0}
    for spine, rings in outlines(observations, case):
        bodies = {at: OutlinedBody(ring, spine[at].array[:4]) for at, ring in rings.items() if at in intact}
        for level, body in bodies.items():
            sides = (spine.column.above(level), spine.column.below(level))
            neighbours = [bodies[n] for n in sides if n in bodies]
            if neighbours:
                s = outline_signs(level, body, neighbours, spine[level].source)
                yield s.superior.value, s.inferior.value, s.bulge.value, len(neighbours)


def outlines(observations, case):
    """Landmarks of each image with the outlines of its bodies."""
    now = edited(observations, (), case)
    for s in now.sets:
        if not s.asked and (spine := s.spine()) is not None:
            yield (
                spine,
                {
                    s.levels[v.id]: np.asarray(v.seen.outline)
                    for v in s.vertebrae.values()
                    if v.seen.outline and not v.withheld and s.levels[v.id] in spine
                },
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=12)
    parser.add_argument("--first", type=int, default=FIRST)
    args = parser.parse_args()
    found, shaped = {"truth": [], "model": []}, {"truth": [], "model": []}
    for seed in range(args.first, args.first + args.patients):
        _, recipe, planned = patient_of(seed)
        with tempfile.TemporaryDirectory() as folder:
            (visit,) = make_patient(
                recipe, Path(folder, "patient"), contrasts=("T2", "STIR"), radiograph=False, planned=planned
            )
            true = json.loads((visit / "truth" / "truth.json").read_text())["levels"]
            for route, into in found.items():
                seen, case = observed(visit, route), read_case(visit / "case.toml")
                into += blanks(seen, case, true)
                shaped[route] += shapes(seen, case, true)
        print(seed, {route: len(v) for route, v in found.items()}, file=sys.stderr, flush=True)
    print("## Bodies with nothing to find\n")
    print(
        f"{args.patients} digital patients. Every body without edema is read as an index vertebra would be; every body "
        "of full shape is held against its intact neighbours. The limit below which edema counts as none (3 %) and the "
        "spread of intact bodies were chosen on 12 other patients.\n"
    )
    print("| Outlines | bodies without edema | exactly 0 | mean | 95 % below | 99 % below | largest |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for route, values in found.items():
        percent = np.array(values)[:, 0]
        high = np.percentile(percent, [95, 99])
        print(
            f"| {route} | {len(percent)} | {np.mean(percent == 0):.0%} | {percent.mean():.2f} | {high[0]:.2f} | "
            f"{high[1]:.2f} | {percent.max():.2f} |"
        )
    print("\n| Outlines | neighbours | bodies of full shape | superior, % : SD, 95 % below | inferior | wall, mm |")
    print("|---|---:|---:|---:|---:|---:|")
    for route, values in shaped.items():
        all_ = np.array(values)
        for n in (1, 2):
            these = all_[all_[:, 3] == n][:, :3]
            told = " | ".join(f"{v.std():.2f}, {np.percentile(v, 95):.2f}" for v in these.T)
            print(f"| {route} | {n} | {len(these)} | {told} |")


if __name__ == "__main__":
    main()
