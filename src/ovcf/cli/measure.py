"""``ovcf measure``: everything the six points of a landmark file give."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ovcf.cli.streams import say_json
from ovcf.vocabulary import Sex, choice


def _sex(_: Any, tokens: Any) -> Sex:
    return Sex(choice(tokens[0].value, Sex) or tokens[0].value)


def measure(
    landmarks: str,
    /,
    *,
    fracture: tuple[str, ...] = (),
    sex: Annotated[Sex | None, Parameter(converter=_sex)] = None,
    age: str | None = None,
    level: str | None = None,
    json: bool = False,
) -> None:
    """Measure every vertebra of a landmark file: heights, ratios, VHL, kyphosis, grades, morphometry.

    Try

        ovcf measure examples/landmarks.json --fracture L1

        ovcf measure landmarks.csv --level L1 --json

    Args:
        landmarks: JSON or CSV (see docs, Landmark files).
        fracture: Fractured vertebrae: none of them serves as a reference for its neighbours.
        sex: female or male, for the morphometric reference.
        age: Years, for the morphometric reference.
        level: Show only this vertebra.
        json: Print JSON.
    """
    from ovcf.anatomy import Level
    from ovcf.assessment.measured.by_landmarks import measure_landmarks
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.number import parse_decimal
    from ovcf.errors import UnreadableFileError
    from ovcf.imaging.read import is_image
    from ovcf.segmentation.points.landmark_file import read_landmarks

    if is_image(Path(landmarks)):
        raise UnreadableFileError(
            landmarks, "is an image, not landmarks", f"`ovcf assess {landmarks}` finds the vertebrae and measures them."
        )
    fractured = tuple(Level.parse(text) for text in fracture)
    case = ClinicalCase(
        sex=sex,
        age_years=None if age is None else parse_decimal(age, field="--age", low=0, high=120),
        other_fractures=fractured,
    )
    found = read_landmarks(Path(landmarks))
    for one in fractured:
        found[one]
    spine = found.marked((f, "fractured") for f in fractured)
    only = Level.parse(level) if level else None
    ledger = Ledger()
    measure_landmarks(spine, case, ledger, only)
    if only:
        spine[only]
        ledger.measurements = [m for m in ledger.measurements if m.index_level == only]
        ledger.findings = [f for f in ledger.findings if f.level == only]
        ledger.withheld = [w for w in ledger.withheld if w.level == only]
    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(Ledger).dump_json(ledger, indent=2).decode())
    else:
        from ovcf.cli.tables import print_ledger

        print_ledger(ledger)
