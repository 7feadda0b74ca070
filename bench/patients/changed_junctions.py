"""Digital patients with sclerosis or a transitional vertebra: is the level right, are the bodies found, how high?

``python -m bench.patients.changed_junctions [--patients 6]``. The same seeds are drawn plain, with sclerosis beside the
discs L2-L3 and L4-L5, with a sacralised L5 and with a lumbarised S1. The program is given T1, T2 and STIR and nothing
else; where it asks for a level, the true one is given, and heights are those after it. What came out is kept in a file
of JSON lines.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.patients.digital_patients import _anchor, _placed, _true_landmarks, keep_to_one_core, kept_rows, version
from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.read import read_study
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe
from ovcf.workflow.from_files import draft_from_files

FIRST = 57_000
KEPT = Path(__file__).resolve().parents[2] / "build" / "changed_junctions.jsonl"
KINDS = {
    "plain": {},
    "sclerosis": {"sclerosis": (Level.L2, Level.L4)},
    "sacralised": {"transitional": "sacralised"},
    "lumbarised": {"transitional": "lumbarised"},
}
NEAR_MM = 12.0
"""A body is found where the middle of its landmarks lies so near to the true one."""


def middles(bodies):
    """The middle of the landmarks of each body."""
    return {level: points.mean(axis=0) for level, points in bodies.items()}


def heights(points):
    """Ha, Hm, Hp of six landmarks."""
    sa, sp, ia, ip, sm, im = points
    return [float(np.linalg.norm(a - b)) for a, b in ((sa, ia), (sm, im), (sp, ip))]


def examined(seed, kind):
    """What the program made of one patient."""
    row = {"seed": seed, "route": kind}
    with tempfile.TemporaryDirectory() as folder:
        try:
            recipe = replace(Recipe(seed=seed), **KINDS[kind])
            (visit,) = make_patient(recipe, Path(folder, "patient"), radiograph=False)
        except OvcfError as error:
            return row | {"broken": f"not drawn: {error}"}
        study, true = read_study([visit / "study"]), _true_landmarks(visit)
        assessment = draft_from_files([visit / "study"]).assessment
        asked = bool(assessment.questions)
        named = {level: points for level, points, _ in _placed(assessment, study)}
        if asked and (anchor := _anchor(visit, study)) is not None:
            assessment = draft_from_files([visit / "study"], anchors=[anchor]).assessment
        found = {level: points for level, points, _ in _placed(assessment, study)}
        sure = [
            str(warning) for warning in assessment.warnings if "level" in str(warning) or "transitional" in str(warning)
        ]
    centres = middles(true)

    def nearest(points):
        far = {level: float(np.linalg.norm(points.mean(axis=0) - centre)) for level, centre in centres.items()}
        level = min(far, key=far.get)
        return level if far[level] < NEAR_MM else None

    truly = {level: nearest(points) for level, points in found.items()}
    off = {
        level: np.subtract(heights(found[name]), heights(true[level])).round(2).tolist()
        for name, level in truly.items()
        if level is not None
    }
    return row | {
        "asked": asked,
        "before": {level: nearest(points) for level, points in named.items()},
        "named": truly,
        "true": list(true),
        "off": off,
        "words": sure,
    }


def line(kind, rows):
    """One row of the table."""
    told = [r for r in rows if r["route"] == kind and "broken" not in r]
    wrong = [r for r in told if not r["asked"] and any(a != b for a, b in r["named"].items() if b is not None)]
    asked = sum(r["asked"] for r in told)
    bodies = [level for r in told for level in r["true"] if level != "S1"]
    found = sum(level in r["named"].values() for r in told for level in r["true"] if level != "S1")
    off = np.array([o for r in told for level, o in r["off"].items() if level != "S1"])
    ends = np.array([r["off"]["L5"] for r in told if "L5" in r["off"]])
    return (
        f"| {kind} | {len(told)} | {len(told) - asked - len(wrong)} | {asked} | {len(wrong)} "
        f"| {found} of {len(bodies)} "
        f"| {np.abs(off).mean():.1f} | {'-' if not len(ends) else f'{np.abs(ends).mean():.1f}'} |"
    )


def page(rows):
    """The table in Markdown."""
    yield "| Patients | n | level right | asked | wrong | bodies found | heights off by, mm | those of L5 |"
    yield "|---|" + "---:|" * 7
    for kind in KINDS:
        if any(r["route"] == kind for r in rows):
            yield line(kind, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=6)
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of JSON lines")
    args = parser.parse_args()
    keep_to_one_core()
    key = version()
    done = {(r["seed"], r["route"]) for r in kept_rows(args.kept, key)}
    args.kept.parent.mkdir(exist_ok=True)
    with args.kept.open("a") as file:
        for seed in range(FIRST, FIRST + args.patients):
            for kind in KINDS:
                if (seed, kind) not in done:
                    file.write(json.dumps({"version": key, **examined(seed, kind)}) + "\n")
                    file.flush()
                    print(f"seed {seed}: {kind}", file=sys.stderr, flush=True)
    print("\n".join(page(kept_rows(args.kept, key))))


if __name__ == "__main__":
    main()
