"""Marrow edema as noise grows.

``python -m bench.patients.edema_noise [--patients 20] [--jobs 2]`` prints a Markdown table. The outlines are the
truth's, so that nothing but the edema itself is judged: the landmarks have their own gate.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.patients.digital_patients import keep_to_one_core, patient_of
from ovcf.clinical.read_case import read_case
from ovcf.errors import MeasurementInputError
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role, Study
from ovcf.measures.signal.edema import marrow_edema
from ovcf.phantom.patient import make_patient
from ovcf.reading.marrow import marrow_series
from ovcf.reading.observing.observe import Found, observe
from ovcf.segmentation.label_map import read_bodies

FIRST = 51_200
NOISE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4)
"""SD in both channels, as a share of the brightest percentile of the STIR, on top of its own noise."""


def with_noise(voxels, noise, seed):
    """Magnitude image of ``voxels`` with noise in both channels."""
    rng = np.random.default_rng([seed, round(100 * noise)])
    sd = noise * np.percentile(voxels, 99)
    return np.hypot(voxels + rng.normal(0, sd, voxels.shape), rng.normal(0, sd, voxels.shape))


def one_patient(seed):
    """(Error in points, standard uncertainty) at every noise, None where edema was withheld."""
    _, recipe, planned = patient_of(seed)
    with tempfile.TemporaryDirectory() as folder:
        (visit,) = make_patient(
            recipe, Path(folder, "patient"), contrasts=("T2", "STIR"), radiograph=False, planned=planned
        )
        case, study = read_case(visit / "case.toml"), read_study([visit / "study"])
        labels = read_bodies([visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")])
        true = json.loads((visit / "truth" / "truth.json").read_text())["levels"]
        series, level = study.get(Role.STIR), case.index_level
        found = {}
        for noise in NOISE:
            image = replace(series.image, voxels=with_noise(np.asarray(series.image.voxels, float), noise, seed))
            seen = observe(Study((replace(series, image=image),)), Found(bodies=[labels]))
            stir = marrow_series(seen, case)[Role.STIR]
            body = stir.bodies[level]
            try:
                m = marrow_edema(
                    stir.volume.voxels, body, stir.reference, level=level, voxel_mm=stir.spacing, source=stir.source
                )
                found[noise] = m.value - true[level]["bme-percent"], m.standard_uncertainty
            except MeasurementInputError:
                found[noise] = None
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed; 60200-60229 were looked at while tuning")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=2)
    args = parser.parse_args()
    results = []
    with multiprocessing.get_context("spawn").Pool(args.jobs, keep_to_one_core) as pool:
        for result in pool.imap_unordered(one_patient, range(args.first, args.first + args.patients)):
            results.append(result)
            print(f"{len(results)} of {args.patients} patients", file=sys.stderr)
    print("## Marrow edema under noise\n")
    print(
        f"STIR of {args.patients} digital patients, hard kinds included, with noise added in both channels, its SD a "
        "share of the brightest percentile; true outlines of the index vertebra. The limit of withholding was set on "
        "other patients.\n"
    )
    print("| Noise | withheld | error, points: mean, mean absolute | largest | in the stated 95 % interval |")
    print("|---:|---:|---:|---:|---:|")
    for noise in NOISE:
        given = np.array([r[noise] for r in results if r[noise] is not None])
        if not len(given):
            print(f"| {noise:g} | 100% | - | - | - |")
            continue
        error, u = given.T
        inside = (np.abs(error) <= 1.96 * u).mean()
        print(
            f"| {noise:g} | {1 - len(given) / len(results):.0%} | {error.mean():+.1f}, {np.abs(error).mean():.1f} | "
            f"{np.abs(error).max():.0f} | {inside:.0%} of {len(given)} |"
        )


if __name__ == "__main__":
    main()
