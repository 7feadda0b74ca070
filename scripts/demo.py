"""The main job: a real T2 MRI with its label map, a real person's graded fracture, and a published case."""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SURVEY = Path(__file__).resolve().parents[2] / "shared" / "data" / "nhanes-2013-2014"
#: A woman of 75 in NHANES 2013-2014 whose L1 the survey's readers graded 2.
PERSON = "75982"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, help="the folder of `make samples`")
    parser.add_argument("out", type=Path, help="where the reports go")
    args = parser.parse_args()
    mri, vertebrae, parts = (
        str(args.samples / name)
        for name in (
            "sub-mri_label-6_T2w.nii.gz",
            "sub-mri_seg-vert_label-6_msk.nii.gz",
            "sub-mri_seg-subreg_label-6_msk.nii.gz",
        )
    )
    assess(
        "A real lumbar T2 MRI with its label map; one anchor says which vertebra label 6 is.",
        [mri, "--labels", vertebrae, parts, "--level", "6=L3", "--clinical", str(EXAMPLES / "mri.toml")],
        args.out / "mri",
    )
    if SURVEY.exists():
        assess(
            "A real person's landmarks: L1 graded 2 by the readers of NHANES 2013-2014.",
            ["--landmarks", f"{SURVEY}:{PERSON}", "--clinical", str(EXAMPLES / "survey-person.toml")],
            args.out / "survey-person",
        )
    assess(
        "A published case, from its printed findings: HAN 2025, Fig. 5.",
        ["--clinical", str(EXAMPLES / "han-2025-figure-5.toml")],
        args.out / "han-2025-figure-5",
    )


def assess(title: str, arguments: list[str], out: Path) -> None:
    """Run ``ovcf assess`` as a user would, showing the command."""
    arguments = ["assess", *arguments, "--out", str(out)]
    print(f"\n{title}\n$ ovcf {shlex.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", "ovcf", *arguments], check=True)


if __name__ == "__main__":
    main()
