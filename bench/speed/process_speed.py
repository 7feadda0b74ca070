"""Whole-process time and memory of the commands people wait for, cold interpreter each time."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "build" / "tptbox"
#: Runs the command line and says on standard error how long its networks took.
TIMED = """
import sys, time, onnxruntime
run, spent = onnxruntime.InferenceSession.run, [0.0]
def timed(*given, **more):
    start = time.perf_counter()
    try:
        return run(*given, **more)
    finally:
        spent[0] += time.perf_counter() - start
onnxruntime.InferenceSession.run = timed
from ovcf.cli import main
try:
    main()
finally:
    print(f"networks {spent[0]:.3f}", file=sys.stderr)
"""
BARS = {"import": (0.3, None), "help": (0.5, None), "assess": (4.0, 700), "alone": (10.0, 1200)}


def measured(command: list[str], runs: int) -> tuple[float, float]:
    """Median wall seconds and the largest resident memory in MB of a command, after one warm-up."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return statistics.median(seconds[1:]), peak


def in_networks(command: list[str], runs: int = 3) -> float:
    """Median seconds that the networks of a command run for, their loading apart."""
    said = (
        subprocess.run([sys.executable, "-c", TIMED, *command[1:]], check=True, capture_output=True, text=True).stderr
        for _ in range(runs)
    )
    return statistics.median(float(text.rsplit("networks ", 1)[1]) for text in said)


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
        share = in_networks(commands["alone"][1])
        print(f"\nOf the last row {share:.2f} s are the networks' own (the floor); the rest is ours.")
        if not SAMPLES.exists():
            print("\n`ovcf assess` was not timed: run `make samples` first.")


if __name__ == "__main__":
    main()
