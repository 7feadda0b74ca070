"""Whole-process time and memory of the commands people wait for, cold interpreter each time."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as they are for users."""
SAMPLES = ROOT / "build" / "tptbox"
#: Runs the command line and says on standard error how long its networks and its stages took, as JSON; what it does
#: beside other work is done after it here, so that each is timed alone.
TIMED = """
import json, sys, time
began = time.perf_counter()
from contextlib import contextmanager
import ovcf.budget
@contextmanager
def one_after_the_other(job):
    yield job
ovcf.budget.beside = one_after_the_other
import onnxruntime
import ovcf.report.pictures, ovcf.report.write, ovcf.workflow.begin, ovcf.workflow.from_files as line
from ovcf.cli import main
spent = {"importing": time.perf_counter() - began}
def timed(where, name, stage):
    function = getattr(where, name)
    def run(*given, **more):
        start = time.perf_counter()
        try:
            return function(*given, **more)
        finally:
            spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - start
    setattr(where, name, run)
timed(onnxruntime.InferenceSession, "run", "networks")
timed(line, "read_images", "reading files")
timed(line, "look", "finding bodies, networks and all")
timed(line, "draft", "measuring, scores, pictures of the reading")
timed(ovcf.workflow.begin, "begin_reading", "digest of what was seen")
timed(ovcf.report.pictures, "figures_of", "figures of the report")
timed(ovcf.report.write, "write_report", "writing JSON, HTML, PDF and the reading")
try:
    main()
finally:
    sys.stderr.write("\\nspent " + json.dumps(spent) + "\\n")
"""
TIMES_NETWORKS = 2.5
"""What the whole may take, times the networks' own time."""
NETWORKS_THEN = (1.7, 2.4)
"""Seconds that the networks took when that bar was set; they have become faster since."""
BARS = {"import": (0.3, None), "help": (0.5, None), "assess": (4.0, 700), "alone": (5.0, 1200)}


def measured(command: list[str], runs: int) -> tuple[float, float]:
    """Median wall seconds and the largest resident memory in MB of a command, after one warm-up."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=ENVIRONMENT)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return statistics.median(seconds[1:]), peak


def stages(command: list[str], runs: int = 3) -> dict[str, float]:
    """Median seconds of the stages of a command by name; ``networks`` are a part of finding bodies."""
    found = []
    for _ in range(runs):
        run = [sys.executable, "-c", TIMED, *command[1:]]
        said = subprocess.run(run, check=True, capture_output=True, text=True, env=ENVIRONMENT).stderr
        found.append(json.loads(said.rsplit("\nspent ", 1)[1]))
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


def main() -> None:
    with tempfile.TemporaryDirectory() as out:
        ovcf = str(Path(sys.executable).with_name("ovcf"))
        commands = {
            "import": ("`import ovcf`", [sys.executable, "-c", "import ovcf"], 9),
            "help": ("`ovcf --help`", [ovcf, "--help"], 9),
        }
        if SAMPLES.exists():
            mri, vertebrae, parts = (
                str(SAMPLES / f"sub-mri_{name}.nii.gz")
                for name in ("label-6_T2w", "seg-vert_label-6_msk", "seg-subreg_label-6_msk")
            )
            arguments = [
                mri,
                "--role",
                f"{Path(mri).name}=sagittal T2",
                "--labels",
                vertebrae,
                parts,
                "--level",
                "6=L3",
            ]
            commands["assess"] = (
                "`ovcf assess` on a real T2 MRI with its label map (TPTBox sample, 68 x 52 x 67 voxels)",
                [ovcf, "assess", *arguments, "--fracture", "L3", "--out", out + "/report"],
                5,
            )
        patient = Path(out, "patient")
        subprocess.run(
            [ovcf, "phantom", str(ROOT / "examples" / "phantom.toml"), "--out", str(patient)],
            check=True,
            capture_output=True,
        )
        commands["alone"] = (
            "`ovcf assess` on a digital patient's DICOM alone (radiograph, three stacks of 15 slices), no mask",
            [ovcf, "assess", str(patient / "visit-1" / "study"), "--level", "11=L5", "--out", out + "/alone"],
            3,
        )
        print("## Speed, whole process\n")
        print(f"Median of cold starts on {os.cpu_count()} cores; memory is the largest of this and the earlier rows.\n")
        print("| Command | Seconds | Bar | MB | Bar |\n|---|---:|---:|---:|---:|")
        for key, (title, command, runs) in commands.items():
            seconds, peak = measured(command, runs)
            bar_s, bar_mb = BARS[key]
            print(f"| {title} | {seconds:.2f} | {bar_s} | {peak:.0f} | {bar_mb or '-'} |")
            whole = seconds
        spent = stages(commands["alone"][1])
        networks = spent.pop("networks")
        print(
            f"\nOf the last row {networks:.2f} s are the networks' own; the whole takes {whole / networks:.1f} times "
            f"that (bar {TIMES_NETWORKS}). When the bar was set the networks took {NETWORKS_THEN[0]} to "
            f"{NETWORKS_THEN[1]} s: the whole takes {whole / NETWORKS_THEN[1]:.1f} to {whole / NETWORKS_THEN[0]:.1f} "
            "times that. Its stages, in a run that does them one after the other:\n"
        )
        print("| Stage | Seconds |\n|---|---:|")
        for stage, seconds in spent.items():
            print(f"| {stage} | {seconds:.2f} |")
        if not SAMPLES.exists():
            print("\n`ovcf assess` was not timed: run `make samples` first.")


if __name__ == "__main__":
    main()
