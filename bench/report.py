"""Run every benchmark and write what they print to docs/validation.md.

Each benchmark is a module that prints one Markdown section, headed by its title; one that lacks its data says so.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
SECTIONS = (  # modules of this package, in the order of the page
    "survey.heights",
    "survey.corners",
    "survey.grades",
    "mri.landmark_error",
    "mri.signal_sensitivity",
    "mri.real_exams",
    "speed.process_speed",
    "speed.geometry",
    "speed.reading_speed",
    "speed.score_speed",
    "speed.modelled_reading",
    "mri.model_accuracy",
    "mri.real_validation",
    "mri.two_contrasts",
    "patients.digital_patients",
    "patients.robustness",
    "patients.sunk_endplates",
    "patients.edema_noise",
    "patients.intact_bodies",
    "mri.levels",
    "patients.suggestions",
    "films.radiograph_model",
    "films.lumbar_films",
    "survey.shape_model",
    "statistics.han_tables",
    "statistics.cohort_speed",
    "statistics.cohort_coverage",
)
HEAD = """# Validation

What was measured, on which data, with how many; produced by `make bench`. Where a choice was made after seeing such
data, the section says so. Nothing here says how the program does on your scanner: research software, not a medical
device.

{for_clinicians}

## How it was measured

Python {python}, {machine}, {cores} cores.
"""


def kept_sections(page: Path | None) -> dict[str, str]:
    """The sections of a page written before, by the name of their benchmark."""
    text = page.read_text(encoding="utf-8") if page and page.is_file() else ""
    names_and_texts = re.split(r"<!-- ([\w.]+) -->\n", text)[1:]
    return {name: body.strip() for name, body in zip(names_and_texts[::2], names_and_texts[1::2], strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, nargs="?", help="where the page goes; printed when absent")
    parser.add_argument("--only", nargs="+", help="run these alone and keep the page's other sections as they are")
    args = parser.parse_args()
    if unknown := set(args.only or ()) - set(SECTIONS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    sections = kept_sections(args.page)
    for name in args.only or SECTIONS:
        start = time.monotonic()
        command = [sys.executable, "-m", f"bench.{name}"]
        run = subprocess.run(command, cwd=BENCH.parent, capture_output=True, text=True, check=False)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        if run.returncode:
            raise SystemExit(f"{name} failed:\n{run.stderr}")
        sections[name] = run.stdout.strip()
    head = HEAD.format(
        for_clinicians=(BENCH / "for_clinicians.md").read_text(encoding="utf-8").strip(),
        python=platform.python_version(),
        machine=platform.machine(),
        cores=os.cpu_count(),
    )
    parts = [f"<!-- {name} -->\n{sections[name]}" for name in SECTIONS if name in sections]
    page = "\n\n".join([head.strip(), *parts]) + "\n"
    if args.page:
        args.page.write_text(page, encoding="utf-8")
    else:
        print(page)


if __name__ == "__main__":
    main()
