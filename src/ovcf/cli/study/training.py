"""``ovcf study train | mark``: a digital patient whose points are off, and how far a reader was from the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from cyclopts import App


def train(*, seed: int, out: Path) -> None:
    """Draw the film of a digital patient whose points are off, to be put right on the page and signed.

    Try

        ovcf study train --seed 7 --out exercise.ovcf

        ovcf reading open exercise.ovcf

    Args:
        seed: Any whole number; the same one draws the same patient.
        out: The reading file to make.
    """
    from ovcf.files.result_file import write_file
    from ovcf.reading.file import to_bytes
    from ovcf.study.training.exercise import make_exercise

    file, truth = make_exercise(seed, f"exercise-{seed}")
    say(write_file(out, to_bytes(file)))
    say(f"{truth.level} is fractured. Put its points and those of its neighbours right, and sign.")


def mark(reading: Path, *, seed: int) -> None:
    """Say how far a signed exercise is from the truth: each point in mm, height loss, kyphosis, grade.

    Args:
        reading: The signed reading.
        seed: The seed that it was drawn with.
    """
    from ovcf.errors import StudyError
    from ovcf.reading.file import read_reading
    from ovcf.study.training.exercise import make_exercise
    from ovcf.study.training.marking import marks_of

    file, label = read_reading(reading), f"exercise-{seed}"
    if file.reading.id != label:
        raise StudyError(reading, f"is {file.reading.id}, not {label}", "Give the seed that it was drawn with.")
    _, truth = make_exercise(seed, label)
    found = marks_of(file, truth)
    for level, points in found.points.items():
        told = ", ".join(f"{name.replace('_', ' ')} {mm:.1f}" for name, mm in points.items())
        say(f"{level} (mm): {told}")
    for level in found.missing:
        say(f"{level}: is gone")
    if found.mean_mm is not None:
        say(f"Points: {found.mean_mm:.1f} mm off on average, {found.worst_mm:.1f} mm at worst")
    for words, said, right, unit in (
        ("Height loss", found.vhl_percent, truth.vhl_percent, "%"),
        ("Kyphosis", found.ka_deg, truth.ka_deg, "°"),
        ("Grade", found.grade, truth.grade, ""),
    ):
        shown = "not measured" if said is None else f"{said:.1f}{unit}" if unit else f"{said}"
        say(f"{words}: {shown}; it is {f'{right:.1f}{unit}' if unit else right}")


def add_to(app: App) -> None:
    """Make them commands of ``ovcf study``."""
    for command in (train, mark):
        app.command(command, name=command.__name__)
