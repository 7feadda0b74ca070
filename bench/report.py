"""Run every benchmark and write what they print to docs/validation.md.

Each benchmark is a script that prints one Markdown section, headed by its title; one that lacks its data says so.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

BENCH = Path(__file__).parent
SECTIONS = (
    "survey_heights.py",
    "survey_grades.py",
    "landmark_error.py",
    "signal_sensitivity.py",
    "real_exams.py",
    "process_speed.py",
    "score_speed.py",
    "model_accuracy.py",
    "digital_patients.py",
    "robustness.py",
    "shape_model.py",
    "han_tables.py",
    "cohort_speed.py",
)
HEAD = """# Validation

What was measured, on which data, with how many; produced by `make bench`. Where a choice was made after seeing such
data, the section says so. Nothing here says how the program does on your scanner: research software, not a medical
device.

Python {python}, {machine}, {cores} cores.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, nargs="?", help="where the page goes; printed when absent")
    parser.add_argument("--only", help="run the benchmarks whose name contains this word")
    args = parser.parse_args()
    cores = os.cpu_count()
    parts = [HEAD.format(python=platform.python_version(), machine=platform.machine(), cores=cores)]
    for name in SECTIONS:
        if args.only and args.only not in name:
            continue
        start = time.monotonic()
        run = subprocess.run([sys.executable, BENCH / name], capture_output=True, text=True, check=False)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        if run.returncode:
            raise SystemExit(f"{name} failed:\n{run.stderr}")
        parts.append(run.stdout.strip() + "\n")
    page = "\n".join(parts)
    if args.page:
        args.page.write_text(page, encoding="utf-8")
    else:
        print(page)


if __name__ == "__main__":
    main()
