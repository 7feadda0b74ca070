"""Landmark files: JSON and CSV in, JSON out. The format is described in docs/landmark-files.md."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

from ovcf.anatomy import Level, VertebralColumn
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, LandmarkError, LevelError, MissingFileError, OvcfError, UnreadableFileError
from ovcf.files.result_file import write_file
from ovcf.landmarks import CORNERS, POINTS, Point, Source, SpineLandmarks, VertebraLandmarks
from ovcf.plausible import LANDMARK_SD_MM, why_no_pitch, why_no_vertebra
from ovcf.text_files import parse_json, read_text
from ovcf.vocabulary import Modality, Posture

_SHORT = {"SA": POINTS[0], "SP": POINTS[1], "IA": POINTS[2], "IP": POINTS[3], "SM": POINTS[4], "IM": POINTS[5]}
_COMMA = "Write decimals with a point: 12.5, not 12,5."


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebraEntry:
    """One vertebra of a landmark file: points ``[x, y]``, x along the image's columns, y downwards.

    ``sd`` is one number or one per point in the order of the fields below; ``unusable`` says why the vertebra must not
    serve as a reference (fractured, cemented, cut off).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    level: str
    superior_anterior: Point
    superior_posterior: Point
    inferior_anterior: Point
    inferior_posterior: Point
    superior_middle: Point | None = None
    inferior_middle: Point | None = None
    sd: float | tuple[float, ...] | None = None
    unusable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkFile:
    """A landmark file. ``unit`` px means that the magnification is unknown; ``anterior_is`` on which side x has it."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    unit: Literal["mm", "px"]
    vertebrae: tuple[VertebraEntry, ...]
    format: Literal["ovcf-landmarks/1"] = "ovcf-landmarks/1"
    anterior_is: Literal["smaller x", "larger x"] = "smaller x"
    modality: Modality = Modality.UNKNOWN
    posture: Posture = Posture.UNKNOWN
    placed_by: str = "unknown"
    image: str = ""
    acquired_on: str | None = None
    thoracic: int = 12
    lumbar: int = 5


def read_landmarks(path: Path) -> SpineLandmarks:
    """Read the landmarks of one image from JSON or CSV, turned so that x runs from anterior to posterior.

    Raises:
        MissingFileError, UnreadableFileError: no such file, or neither JSON nor CSV text.
        LandmarkError: a value is missing or impossible; it names the file, the place in it and the remedy.
    """
    path = Path(path)
    text = read_text(path, remedy="Give landmarks as JSON or CSV.")
    if path.suffix.lower() == ".csv":
        raw: Any = _from_csv(text, path)
    else:
        raw = parse_json(text, path, remedy=f"Correct it there. {_COMMA}", twice=LandmarkError)
    return _spine(_validated(_with_numbers(raw, path), path), path)


def write_landmarks(spine: SpineLandmarks, path: Path | str, *, replace: bool = False) -> None:
    """Write landmarks as JSON that :func:`read_landmarks` reads back unchanged.

    Raises:
        LandmarkError: there is none. OutputError: there is a file and ``replace`` is not asked for, or it cannot be
            written.
    """
    if not spine.vertebrae:
        raise LandmarkError(path, "there are no landmarks to write", "Place landmarks first.")
    source, unusable = spine.vertebrae[0].source, dict(spine.unusable)
    entries = []
    for vertebra in spine:
        points = {name: getattr(vertebra, name) for name in POINTS}
        why = unusable.get(vertebra.level)
        entries.append(VertebraEntry(level=vertebra.level.value, **points, sd=vertebra.sd, unusable=why))
    content = asdict(
        LandmarkFile(
            unit="mm" if source.calibrated else "px",
            modality=source.modality,
            posture=source.posture,
            placed_by=source.placed_by,
            image=source.image,
            acquired_on=source.acquired_on,
            thoracic=spine.column.thoracic,
            lumbar=spine.column.lumbar,
            vertebrae=tuple(entries),
        )
    )
    write_file(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(), replace=replace)


def landmark_schema() -> dict[str, Any]:
    """The JSON Schema of landmark files."""
    from pydantic import TypeAdapter

    return TypeAdapter(LandmarkFile).json_schema()


def read_survey_person(folder: Path, seqn: int) -> SpineLandmarks:
    """Landmarks of one person of NHANES 2013-2014 (lateral DXA, T4-L4, uncalibrated pixels).

    ``folder`` holds the survey's tables ``DXXT4_H.csv.xz`` … ``DXXL4_H.csv.xz``. The released columns are shifted: the
    six points begin at DXXSMY, in the order superior posterior, middle, anterior, inferior anterior, middle, posterior.

    Raises:
        MissingFileError: a table is not there.
        LandmarkError: the survey has no points of this person.
    """
    folder = Path(folder)
    found: dict[Level, list[Point]] = {}
    for level in VertebralColumn().levels[Level.T4.rank : VertebralColumn().levels.index(Level.L5)]:
        if points := _survey_points(folder / f"DXX{level}_H.csv.xz", seqn):
            found[level] = points
    if not found:
        raise LandmarkError(f"{folder}, SEQN {seqn}", "has no landmarks in the survey", "Choose another SEQN.")
    mirrored = sum(p[2][0] - p[0][0] for p in found.values()) > 0
    entries = []
    for level, points in found.items():
        sp, sm, sa, ia, im, ip = points
        entries.append(
            VertebraEntry(
                level=level,
                superior_anterior=sa,
                superior_posterior=sp,
                inferior_anterior=ia,
                inferior_posterior=ip,
                superior_middle=sm,
                inferior_middle=im,
            )
        )
    file = LandmarkFile(
        unit="px",
        anterior_is="larger x" if mirrored else "smaller x",
        modality=Modality.DXA,
        placed_by="NHANES 2013-2014",
        image=f"SEQN {seqn}",
        vertebrae=tuple(entries),
    )
    return _spine(file, folder)


def _survey_points(table: Path, seqn: int) -> list[Point] | None:
    import lzma

    if not table.exists():
        raise MissingFileError(table, "does not exist", "Give the folder with the survey's DXX…_H.csv.xz tables.")
    with lzma.open(table, "rt", encoding="ascii") as lines:
        start = next(lines).rstrip().split(",").index("DXXSMY")
        row = next((line for line in lines if line.startswith(f"{seqn},")), None)
    values = row.rstrip().split(",")[start : start + 12] if row else []
    if len(values) < 12 or not all(re.fullmatch(r"-?\d+(\.\d+)?", v) for v in values):
        return None
    numbers = [float(v) for v in values]
    return list(zip(numbers[::2], numbers[1::2], strict=True)) if any(numbers) else None


def _from_csv(text: str, path: Path) -> dict[str, Any]:
    """The content of a CSV file as that of a JSON file."""
    lines = text.splitlines()
    content: dict[str, Any] = {}
    for line in lines:
        if line.startswith("#") and (cut := min((i for i in map(line.find, ":=") if i >= 0), default=0)):
            content["_".join(line[1:cut].lower().split())] = line[cut + 1 :].strip()
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not rows:
        raise UnreadableFileError(path, "holds no table", "Give the columns level, point, x_mm, y_mm.")
    delimiter = max(",;\t", key=rows[0][1].count)
    columns = [c.lower() for c in _cells(rows[0][1], delimiter, f"{path}, line {rows[0][0]}")]
    unit = next((u for u in ("mm", "px") if {f"x_{u}", f"y_{u}"} <= set(columns)), None)
    if unit is None or not {"level", "point"} <= set(columns):
        raise LandmarkError(
            f"{path}, line {rows[0][0]}",
            f"the columns are {', '.join(columns)}",
            "Give level, point, x_mm, y_mm (or x_px, y_px without calibration), optionally sd.",
        )
    vertebrae: dict[str, dict[str, Any]] = {}
    spread: dict[str, dict[str, float]] = {}
    for number, line in rows[1:]:
        where = f"{path}, line {number}"
        values = _cells(line, delimiter, where)
        if len(values) != len(columns):
            raise LandmarkError(where, f"has {len(values)} values for {len(columns)} columns", _COMMA)
        row = dict(zip(columns, values, strict=True))
        level, point = _level(row["level"], where), _point_name(row["point"], where)
        entry = vertebrae.setdefault(level, {"level": level})
        if point in entry:
            raise LandmarkError(where, f"{point} of {level} is given twice", "Give each point of each level once.")
        entry[point] = (_number(row[f"x_{unit}"], where), _number(row[f"y_{unit}"], where))
        if row.get("sd"):
            spread.setdefault(level, {})[point] = _number(row["sd"], where)
    for name, sd in spread.items():
        given = [point for point in POINTS if point in vertebrae[name]]
        if len(sd) != len(given):
            raise LandmarkError(f"{path}, {name}", "only some points have an SD", "Give it for all points or none.")
        vertebrae[name]["sd"] = [sd[point] for point in given]
    return {**content, "unit": unit, "vertebrae": list(vertebrae.values())}


def _level(text: str, where: str) -> Level:
    try:
        return Level.parse(text)
    except LevelError as error:
        raise LandmarkError(where, f"{text!r} {error.problem}", error.remedy) from error


def _point_name(text: str, where: str) -> str:
    name = re.sub(r"[\s-]+", "_", text.strip().lower())
    if name in POINTS:
        return name
    if text.strip().upper() in _SHORT:
        return _SHORT[text.strip().upper()]
    raise LandmarkError(where, f"{text!r} is no point", f"Name it {', '.join(POINTS)} (or {', '.join(_SHORT)}).")


def _cells(line: str, delimiter: str, where: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error as error:
        raise LandmarkError(where, f"is no line of a table ({error})", "Correct it there.") from None


def _number(text: str, where: str) -> float:
    try:
        return parse_decimal(text, field=where)
    except ClinicalDataError as error:
        raise LandmarkError(
            where, f"{text[:60]!r} is not a number", _COMMA if "," in text else "Give a number."
        ) from error


def _with_numbers(raw: Any, path: Path) -> Any:
    """The content of a file with the numbers that are written as text read as strictly as everywhere."""
    for name in ("thoracic", "lumbar") if isinstance(raw, dict) else ():
        if isinstance(raw.get(name), str):
            raw[name] = _number(raw[name], f"{path}, {name}")
    for entry in raw["vertebrae"] if isinstance(raw, dict) and isinstance(raw.get("vertebrae"), list) else ():
        for name in (*POINTS, "sd") if isinstance(entry, dict) else ():
            values = entry.get(name)
            if isinstance(values, str):
                entry[name] = _number(values, f"{path}, {entry.get('level')} {name}")
            elif isinstance(values, list):
                at = f"{path}, {entry.get('level')} {name}"
                entry[name] = [_number(v, f"{at} {i}") if isinstance(v, str) else v for i, v in enumerate(values)]
    return raw


def _validated(raw: object, path: Path) -> LandmarkFile:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(LandmarkFile).validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        if place[:1] == ["vertebrae"] and len(place) > 1 and isinstance(raw, dict):
            entry = raw["vertebrae"][int(place[1])]
            known = entry.get("level") if isinstance(entry, dict) else None
            place = [str(known or f"vertebra {int(place[1]) + 1}"), *place[2:]]
        if first["type"] == "missing":
            what, remedy = "is missing", f"A vertebra needs its level and all four corners: {', '.join(CORNERS)}."
        elif first["type"] == "unexpected_keyword_argument":
            what, remedy = "is not a field of a landmark file", "Correct its name, or leave it out."
        else:
            what, remedy = f"{first['msg']} (got {str(first['input'])[:60]!r})", "Correct it."
            remedy = _COMMA if isinstance(first["input"], str) and "," in first["input"] else remedy
        where = f"{path}, {' '.join(place)}" if place else path
        raise LandmarkError(where, what, f"{remedy} The format is described in docs/landmark-files.md.") from error


def _spine(file: LandmarkFile, path: Path) -> SpineLandmarks:
    source = Source(
        modality=file.modality,
        posture=file.posture,
        placed_by=file.placed_by,
        image=file.image,
        acquired_on=file.acquired_on,
        calibrated=file.unit == "mm",
    )
    if not file.vertebrae:
        raise LandmarkError(path, "holds no vertebra", "Give at least one, with its level and four corners.")
    flip = -1.0 if file.anterior_is == "larger x" else 1.0
    vertebrae, unusable = [], []
    try:
        for entry in file.vertebrae:
            level = _level(entry.level, str(path))
            points = [p for name in POINTS if (p := getattr(entry, name)) is not None]
            if len(points) == 5:
                raise LandmarkError(
                    level, "only one endplate has a middle point", "Give both middle points or neither."
                )
            vertebrae.append(
                VertebraLandmarks.from_array(level, [(flip * x, y) for x, y in points], sd=entry.sd, source=source)
            )
            unusable += [(level, entry.unusable)] if entry.unusable else []
        column = VertebralColumn(file.thoracic, file.lumbar)
        spine = SpineLandmarks(vertebrae=tuple(vertebrae), column=column, unusable=tuple(unusable))
        if source.calibrated:
            _check_sizes(spine)
        return spine
    except OvcfError as error:
        raise LandmarkError(f"{path}, {error.where}", error.problem, error.remedy) from error


def _check_sizes(spine: SpineLandmarks) -> None:
    """Refuse millimetres that no vertebra has."""
    remedy = "Give millimetres, or unit px where the magnification is not known."
    for vertebra in spine:
        if why := why_no_vertebra(vertebra.array.tolist()):
            raise LandmarkError(f"landmarks of {vertebra.level}", why, remedy)
        if vertebra.sd is not None and max(vertebra.sd) > LANDMARK_SD_MM:
            raise LandmarkError(
                f"landmarks of {vertebra.level}",
                f"an SD of {max(vertebra.sd):.4g} mm is not possible (up to {LANDMARK_SD_MM:g} mm is)",
                remedy,
            )
    for upper, lower in pairwise(spine):
        if spine.column.adjacent(upper.level, lower.level):
            centres = (v.array[:4].mean(axis=0).tolist() for v in (upper, lower))
            if why := why_no_pitch(*centres):
                raise LandmarkError(f"landmarks of {upper.level} and {lower.level}", why, remedy)
