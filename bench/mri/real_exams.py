"""The whole line on every real exam at hand, with the bodies traced by hand or by other software.

The maps carry no anatomical names, so one body of each is anchored, read off the image.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MRI = DATA / "mri-vertebral-bodies"
CT = DATA / "ct-vertebrae"
T1, T2, STIR = "sagittal T1", "sagittal T2", "sagittal STIR"
#: Title: role and anchor of each image.
MRI_EXAMS = {
    "VB1_02 (T1) + VB1_03 (STIR), one patient": {"VB1_02": (T1, "1=S1"), "VB1_03": (STIR, "2=S1")},
    "VB1_10 (T1)": {"VB1_10": (T1, "9=S1")},
    "VB1_11 (T2)": {"VB1_11": (T2, "8=S1")},
    "VB1_15 (T2)": {"VB1_15": (T2, "4=S1")},
    **{
        f"VB2_{n} (T2)": {f"VB2_{n}": (T2, f"{anchor}=L5")}
        for n, anchor in {"02": 2, "04": 6, "05": 1, "06": 1, "07": 1}.items()
    },
    **{f"VB3_{n} (water-fat)": {f"VB3_{n}": ("other", "5=L5")} for n in ("01", "02", "03")},
    "IVD_11 (T2, discs traced)": {"IVD_11": (T2, "1=S1")},
}
#: Published Genant grades of the CT (VerSe, sub-verse004).
VERSE_GRADES = {"T9": 2, "T10": 2, "T11": 0, "T12": 0, "L1": 3, "L2": 0, "L3": 0}


def assess(arguments: list[str]) -> tuple[dict, float]:
    """The assessment that the command line writes, and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report")
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", "ovcf", "assess", *arguments, "--out", str(out)], capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
        if run.returncode:
            raise SystemExit(f"ovcf assess {' '.join(arguments)}\n{run.stderr}")
        return json.loads((out / "assessment.json").read_text()), seconds


def mri_arguments(images: dict[str, tuple[str, str]]) -> list[str]:
    files = [str(MRI / f"{name}_image.nii.gz") for name in images]
    labels = [str(MRI / f"{name}_bodies.nii.gz") for name in images]
    roles = [f"{name}_image.nii.gz={role}" for name, (role, _) in images.items()]
    anchors = [f"{name}_bodies.nii.gz:{anchor}" for name, (_, anchor) in images.items()]
    return [*files, "--role", *roles, "--labels", *labels, "--level", *anchors]


def by_image(result: dict, method: str) -> dict[str, dict[str, dict]]:
    """Measurements of one method: image, then index level."""
    found: dict[str, dict[str, dict]] = {}
    for m in result["measurements"]:
        if m["method"]["id"] == method:
            level = m["levels"][1] if len(m["levels"]) == 3 else m["levels"][0]
            found.setdefault(m["source"]["image"], {})[level] = m
    return found


def agreement(result: dict) -> list[str]:
    """How far two contrasts of one patient differ, against the uncertainty each states."""
    lines = ["", "T1 against STIR of one patient (traced separately), levels with both neighbours:", ""]
    lines += [
        "| Measurement | n | Mean absolute difference | Within 1.96 stated SD of the difference |",
        "|---|---:|---:|---:|",
    ]
    for method, name in (("vhl-han", "VHL, points"), ("ka-han", "Local KA, degrees")):
        first, second = by_image(result, method).values()
        pairs = [(first[level], second[level]) for level in first.keys() & second.keys()]
        gaps = [abs(a["value"] - b["value"]) for a, b in pairs]
        spread = [(a["standard_uncertainty"] ** 2 + b["standard_uncertainty"] ** 2) ** 0.5 for a, b in pairs]
        inside = sum(g <= 1.96 * s for g, s in zip(gaps, spread, strict=True))
        lines.append(f"| {name} | {len(gaps)} | {fmean(gaps):.2f} | {inside}/{len(gaps)} |")
    return lines


def main() -> None:
    print("## Real exams, whole line\n")
    if not MRI.exists():
        print(f"Not run: the exams are not in {DATA}.")
        return
    print("| Exam | Bodies with landmarks | VHL | Local KA | Withheld | Seconds |\n|---|---:|---:|---:|---:|---:|")
    extra: list[str] = []
    for title, images in MRI_EXAMS.items():
        result, seconds = assess(mri_arguments(images))
        bodies = sum(len(s["vertebrae"]) for s in result["landmarks"])
        counts = [sum(len(x) for x in by_image(result, m).values()) for m in ("vhl-han", "ka-han")]
        print(f"| {title} | {bodies} | {counts[0]} | {counts[1]} | {len(result['withheld'])} | {seconds:.1f} |")
        if len(images) == 2:
            extra += agreement(result)
    result, seconds = assess(["--labels", str(CT / "sub-verse004_seg-vert_msk.nii.gz"), "--scheme", "verse"])
    grades = {f["level"]: f for f in result["findings"] if f["name"] == "SQ_from_measurement"}
    counts = [sum(len(x) for x in by_image(result, m).values()) for m in ("vhl-han", "ka-han")]
    bodies = sum(len(s["vertebrae"]) for s in result["landmarks"])
    print(f"| verse004 (CT mask) | {bodies} | {counts[0]} | {counts[1]} | {len(result['withheld'])} | {seconds:.1f} |")
    print("\n".join(extra))
    print(
        "\nverse004, Genant grades published with the mask against `SQ_from_measurement` (one patient, seven levels):\n"
    )
    print("| Level | Published | From measurement |\n|---|---:|---|")
    for level, grade in VERSE_GRADES.items():
        print(f"| {level} | {grade} | {grades[level]['value'] if level in grades else 'withheld'} |")


if __name__ == "__main__":
    main()
