"""The main job on four cases: a digital patient, a real MRI, a real person's graded fracture, a published case."""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURVEY = ROOT.parent / "shared" / "data" / "nhanes-2013-2014"
#: A woman of 75 in NHANES 2013-2014 whose L1 the survey's readers graded 2.
PERSON = "75982"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, help="the folder of `make samples`")
    parser.add_argument("out", type=Path, help="where the reports go")
    args = parser.parse_args()
    cases = shown(ROOT / "examples" / "cases")
    patient = args.out / "digital-patient" / "visit-1"
    ovcf(
        "A digital patient, no person: DICOM of T1, T2, STIR and a radiograph, and the truth.",
        ["phantom", shown(ROOT / "examples" / "phantom.toml"), "--out", str(patient.parent), "--replace"],
    )
    truth = [str(patient / "truth" / name) for name in ("vertebrae.nii.gz", "subregions.nii.gz")]
    ovcf(
        "Its assessment, with the label map it was drawn from.",
        ["assess", str(patient / "study"), "--labels", *truth, "--clinical", str(patient / "case.toml")],
        args.out / "digital-patient-report",
    )
    ovcf(
        "The same from the images alone: the built-in models find the bodies; the radiograph says which is which.",
        ["assess", str(patient / "study"), "--clinical", str(patient / "case.toml")],
        args.out / "digital-patient-by-itself",
    )
    ovcf(
        "Its radiograph as a picture without a scale: height loss and angles, lengths in pixels.",
        ["assess", shown(ROOT / "examples" / "film.jpg"), "--fracture", "L1"],
        args.out / "film",
    )
    mri, vertebrae, parts = (
        str(args.samples / f"sub-mri_{name}.nii.gz")
        for name in ("label-6_T2w", "seg-vert_label-6_msk", "seg-subreg_label-6_msk")
    )
    ovcf(
        "A real lumbar T2 MRI with its label map; one anchor says which vertebra label 6 is.",
        ["assess", mri, "--labels", vertebrae, parts, "--level", "6=L3", "--clinical", f"{cases}/mri.toml"],
        args.out / "mri",
    )
    if SURVEY.exists():
        ovcf(
            "A real person's landmarks: L1 graded 2 by the readers of NHANES 2013-2014.",
            ["assess", "--landmarks", f"{SURVEY}:{PERSON}", "--clinical", f"{cases}/survey-person.toml"],
            args.out / "survey-person",
        )
    ovcf(
        "A published case, from its printed findings: HAN 2025, Fig. 5.",
        ["assess", "--clinical", f"{cases}/han-2025-figure-5.toml"],
        args.out / "han-2025-figure-5",
    )
    print(f"\nOpen {args.out}/digital-patient-report/report.html first; every folder there has a report.pdf too.")
    print("Work in the browser: .venv/bin/ovcf serve (drop a study on the page, or open the example there).")
    print(f"Correct one in the browser: .venv/bin/ovcf reading open {args.out}/digital-patient-by-itself/reading.ovcf")


def shown(path: Path) -> str:
    """A path as a reader would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def ovcf(title: str, arguments: list[str], out: Path | None = None) -> None:
    """Run a command as a user would, showing it."""
    arguments = [*arguments, *(["--out", str(out)] if out else [])]
    print(f"\n{title}\n$ ovcf {shlex.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", "ovcf", *arguments], check=True)


if __name__ == "__main__":
    main()
