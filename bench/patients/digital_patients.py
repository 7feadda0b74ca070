"""Digital patients through the whole line, without any mask and with their true label map, against their truth.

``python -m bench.patients.digital_patients [--patients N] [--jobs 2]`` makes each patient as DICOM, lets the program
assess it twice (built-in model; true label map) and keeps what came out in a file of JSON lines, so that a long run
goes on where it stopped; then it prints the tables for every patient that the file holds. A line counts only for the
program and the model that wrote it.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import ovcf
from bench.patients.kinds import kind_of, patient_of
from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import found as found_of
from ovcf.assessment.findings.kinds import T2Signal
from ovcf.assessment.measured.by_signal import SignalReading
from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.assessment.scoring import nasovcf_of
from ovcf.clinical.read_case import read_case
from ovcf.errors import OvcfError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.landmarks import POINTS
from ovcf.phantom.patient import make_patient
from ovcf.segmentation.engines import builtin as engine
from ovcf.workflow.from_files import draft_from_files

FIRST, ROUTES = 50_000, ("model", "truth")
KEPT = Path(__file__).resolve().parents[2] / "build" / "digital_patients.jsonl"
METHODS = ("vhl-han", "ka-han", "bme-percent", "t2-low-percent", "t2-high-percent", "vbq")


def version():
    """A digest of the model and of every source file that bears on the results."""
    total, package = hashlib.sha256(), Path(ovcf.__file__).parent
    left_out = {"cli", "report", "cohort", "guidance"}
    files = [f for kind in ("*.py", "*.onnx", "*.csv", "*.json") for f in package.rglob(kind)]
    for file in sorted(f for f in files if f.relative_to(package).parts[0] not in left_out):
        total.update(file.read_bytes())
    return total.hexdigest()[:12]


def _remembering(function):
    """The network's maps of the last volume, so that answering the question for a level does not cost them twice."""
    last = {}

    def maps(volume, network, *, ct=False):
        key = hashlib.sha256(np.ascontiguousarray(volume.voxels)).digest() + volume.affine.tobytes()
        if key not in last:
            last.clear()
            last[key] = function(volume, network, ct=ct)
        return last[key]

    return maps


def _true_landmarks(visit):
    facts = json.loads((visit / "truth" / "landmarks.json").read_text())
    return {v["level"]: np.array([v[name] for name in POINTS], float) for v in facts["vertebrae"]}


def _placed(assessment, study):
    """Landmarks in the truth's coordinates (posterior, caudal of the patient), their SD."""
    plane = mid_sagittal_plane(study.get(Role.T2).image)  # all stacks of a digital patient share one grid
    for spine in assessment.landmarks[:1]:
        for v in spine:
            p = plane.to_patient(v.array)
            yield v.level.value, np.column_stack([p[:, 1], -p[:, 2]]), np.array(v.sd, float)


def _nearest(points, true):
    """The level of the true vertebra whose middle is nearest, within half a body; else None."""
    middle = points[:4].mean(axis=0)
    away = {level: float(np.linalg.norm(p[:4].mean(axis=0) - middle)) for level, p in true.items()}
    best = min(away, key=away.get, default=None)
    return best if best is not None and away[best] < 12 else None


def _anchor(visit, study):
    """``--level N=LEVEL`` for the last body the model sees whole, as a reader would answer."""
    true = _true_landmarks(visit)
    spine = engine.fused(engine.slice_maps(study.get(Role.T2).image, engine.builtin_network()))
    for number in range(len(spine), 0, -1):
        at = spine.centres[number - 1]
        level = _nearest(np.tile([at[1], -at[2]], (4, 1)), true)
        if level is not None:
            return f"{number}={level}"
    return None


def assessed(visit, route):
    """The program's assessment, and whether it asked for a level first."""
    given = {"clinical": visit / "case.toml"}
    if route == "truth":
        labels = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
        return draft_from_files([visit / "study"], labels=labels, **given).assessment, False
    found = draft_from_files([visit / "study"], **given).assessment
    if not any(w.name == VERTEBRAL_BODIES and "uncertain" in w.reason for w in found.withheld):
        return found, False
    anchor = _anchor(visit, read_study([visit / "study"]))
    if anchor is None:
        return found, True
    return draft_from_files([visit / "study"], anchors=[anchor], **given).assessment, True


def _score(result):
    """Points of every item (whether or not the patient is like HAN's), None where one or the whole score is missing."""
    points = [item.points for item in result.items]
    return None if not points or None in points else float(sum(points))


def compared(visit, assessment, asked):
    """Everything measured beside everything true, as plain values."""
    truth = json.loads((visit / "truth" / "truth.json").read_text())
    true, study = _true_landmarks(visit), read_study([visit / "study"])
    index = truth["drawn"]["fractures"][0]["level"]
    at_index = truth["levels"].get(index, {})
    row = {"asked": asked, "index": index, "landmarks": [], "inside": [], "wrong_level": [], "measured": {}}
    for level, points, sd in _placed(assessment, study):
        if level not in true or level == "S1":
            continue
        if (seen := _nearest(points, true)) != level:
            row["wrong_level"].append([level, seen])
            continue
        gap = points - true[level]
        row["landmarks"] += [round(float(d), 3) for d in np.linalg.norm(gap, axis=1)]
        row["inside"] += (np.abs(gap) <= 1.96 * sd[:, None]).ravel().tolist()
    placed = {level for level, *_ in _placed(assessment, study)}
    row["not_found"] = sorted(set(true) - placed - {"S1"})
    for method in METHODS:
        wanted = truth.get(method, at_index.get(method))
        found = [m for m in assessment.measurements if m.method.id == method]
        found = [m for m in found if method == "vbq" or m.index_level == Level(index)]
        m = found[0] if found else None
        row["measured"][method] = [m and m.value, wanted, m and m.standard_uncertainty]
    pattern = found_of(assessment.findings, T2Signal, Level(index))
    chances = {p.value: share for p, share in pattern.probability} if pattern else {}
    row["t2"] = [pattern and pattern.pattern.value, at_index.get("t2-pattern"), chances]
    case = read_case(visit / "case.toml")
    told = replace(
        case,
        t2_pattern=at_index.get("t2-pattern"),
        vhl_percent=at_index.get("vhl-han"),
        local_kyphosis_deg=at_index.get("ka-han"),
    )
    mine = next(s for s in assessment.scores if s.score == "NASOVCF")
    wanted = nasovcf_of(told, [], SignalReading())
    row["nasovcf"] = [_score(mine), _score(wanted), str(mine.status), str(wanted.status)]
    given = {i.name: i.points for i in mine.items}  # none of a score that does not apply
    row["items"] = [[t.name, given.get(t.name), t.points] for t in wanted.items]
    row["withheld"] = [[w.name, w.level and w.level.value, w.reason] for w in assessment.withheld]
    return row


def examined(seed):
    """One patient by both routes: two rows. An error is kept too, so that one patient does not end a long run."""
    rows, start, kind = [], time.process_time(), kind_of(seed)
    with tempfile.TemporaryDirectory() as folder:
        try:
            _, recipe, planned = patient_of(seed)
            (visit,) = make_patient(recipe, Path(folder, "patient"), radiograph=False, planned=planned)
        except OvcfError as error:
            return [{"seed": seed, "kind": kind, "route": route, "broken": f"not drawn: {error}"} for route in ROUTES]
        made = time.process_time() - start
        for route in ROUTES:
            start = time.process_time()
            try:
                row = compared(visit, *assessed(visit, route))
            except Exception as error:
                row = {"broken": f"{type(error).__name__}: {error}"}
            seconds = {"made": round(made, 2), "assessed": round(time.process_time() - start, 2)}
            rows.append({"seed": seed, "kind": kind, "route": route, "seconds": seconds, **row})
    return rows


def keep_to_one_core():
    """Each process keeps to one core."""
    engine.slice_maps, network = _remembering(engine.slice_maps), engine.builtin_network(threads=1)
    engine.builtin_network = lambda: network


def run(seeds, jobs, kept, key):
    """Examine the seeds that the file lacks, each kept as soon as it is done."""
    kept.parent.mkdir(exist_ok=True)
    start = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, keep_to_one_core) as pool, kept.open("a") as file:
        for n, rows in enumerate(pool.imap_unordered(examined, seeds), 1):
            file.writelines(json.dumps({"version": key, **row}) + "\n" for row in rows)
            file.flush()
            left = (time.monotonic() - start) / n * (len(seeds) - n)
            say = f"seed {rows[0]['seed']} ({rows[0]['kind']}): {n} of {len(seeds)}, {left / 60:.1f} min left"
            print(say, file=sys.stderr, flush=True)


def kept_rows(kept, key):
    """The rows of this program and model, by seed."""
    lines = kept.read_text().splitlines() if kept.exists() else []
    rows = [row for row in map(json.loads, lines) if row["version"] == key]
    return sorted({(row["seed"], row["route"]): row for row in rows}.values(), key=lambda row: row["seed"])


def main():
    from bench.patients.tables import page

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=24)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed; 60000 and up were looked at while tuning")
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=min(2, os.cpu_count() or 1))
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of JSON lines")
    args = parser.parse_args()
    key = version()
    wanted = range(args.first, args.first + args.patients)
    done = {row["seed"] for row in kept_rows(args.kept, key)}
    if missing := [seed for seed in wanted if seed not in done]:
        run(missing, args.jobs, args.kept, key)
    near = range(args.first, args.first + 10_000)
    print(page([row for row in kept_rows(args.kept, key) if row["seed"] in near]))


if __name__ == "__main__":
    main()
