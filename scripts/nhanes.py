"""Reader of the NHANES 2013-2014 lateral spine morphometry (public domain), in ovcf's own frame and point order.

The released columns are shifted: the six (x, y) points begin at ``DXXSMY``, not at ``DXXSPX``. Read so, anterior lies
at the larger x and superior at the smaller y in every vertebra, and the survey's own heights come out
(``bench/survey/heights.py``).
"""

from __future__ import annotations

import csv
import lzma
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "nhanes-2013-2014"
LEVELS = (*(f"T{i}" for i in range(4, 13)), *(f"L{i}" for i in range(1, 5)))
#: From the survey's order (SP, SM, SA, IA, IM, IP) to that of ``landmarks.POINTS`` (SA, SP, IA, IP, SM, IM).
_ORDER = [2, 0, 3, 5, 1, 4]
_HEIGHTS = ("DXXANTEH", "DXXMIDH", "DXXPOSTH")
_FLIP = np.array([-1.0, 1.0])


@dataclass(frozen=True)
class Survey:
    """One row per person, one column per level of :data:`LEVELS`; NaN where the survey has no value.

    ``points`` ``(n, 13, 6, 2)`` in pixels of the DXA image, plane frame (x to posterior, y to caudal);
    ``heights`` ``(n, 13, 3)`` the survey's own Ha, Hm, Hp; ``grade`` ``(n, 13)`` the graders' final SQ (0-3).
    """

    seqn: np.ndarray
    female: np.ndarray
    age_years: np.ndarray
    points: np.ndarray
    heights: np.ndarray
    grade: np.ndarray


def _number(text: str) -> float:
    return float(text) if text not in ("", ".") else float("nan")


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with lzma.open(folder / f"{name}.csv.xz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(folder: Path = FOLDER) -> Survey:
    """Everyone with at least one vertebra read."""
    demography = {row["SEQN"]: row for row in _rows(folder, "DEMO_H")}
    readings = {row["SEQN"]: row for row in _rows(folder, "DXXVFA_H")}
    people: dict[str, dict[str, tuple[list[float], list[float]]]] = {}
    for level in LEVELS:
        with lzma.open(folder / f"DXX{level}_H.csv.xz", "rt", encoding="utf-8") as file:
            table = csv.reader(file)
            header = next(table)
            first, heights = header.index("DXXSMY"), [header.index(name) for name in _HEIGHTS]
            for row in table:
                points = [_number(cell) for cell in row[first : first + 12]]
                people.setdefault(row[0], {})[level] = (points, [_number(row[i]) for i in heights])
    seqn = sorted(people, key=int)
    empty = ([np.nan] * 12, [np.nan] * 3)
    cells = [[people[s].get(level, empty) for level in LEVELS] for s in seqn]
    points = np.array([[c[0] for c in row] for row in cells]).reshape(len(seqn), len(LEVELS), 6, 2)
    grade = [[_number(readings.get(s, {}).get(f"DXX{level}FX", "")) for level in LEVELS] for s in seqn]
    return Survey(
        seqn=np.array([int(s) for s in seqn]),
        female=np.array([_number(demography[s]["RIAGENDR"]) == 2 for s in seqn]),
        age_years=np.array([_number(demography[s]["RIDAGEYR"]) for s in seqn]),
        points=points[:, :, _ORDER] * _FLIP,
        heights=np.array([[c[1] for c in row] for row in cells]),
        grade=np.array(grade),
    )


#: Rows of the outline that follows the six points, by side: from anterior to posterior or from superior to inferior.
#: The posterior wall is drawn twice (near and far); the last two points of the superior endplate are lost with the
#: shift of the columns.
OUTLINE = {
    "superior": list(range(98, 85, -1)),
    "inferior": list(range(43, 58)),
    "anterior": list(range(18, 29)),
    "posterior": list(range(64, 57, -1)),
    "posterior, second": list(range(71, 64, -1)),
}
_N_OUTLINE = 99


def outlines(survey: Survey, folder: Path = FOLDER) -> np.ndarray:
    """Six points and outline of every vertebra, ``(n, 13, 99, 2)`` in the frame and pixels of ``survey.points``.

    Rows 0 to 5 are the six points in the survey's own order; :data:`OUTLINE` names the others. NaN where missing.
    """
    row_of = {str(s): i for i, s in enumerate(survey.seqn)}
    found = np.full((len(survey.seqn), len(LEVELS), _N_OUTLINE, 2), np.nan)
    for j, level in enumerate(LEVELS):
        with lzma.open(folder / f"DXX{level}_H.csv.xz", "rt", encoding="utf-8") as file:
            table = csv.reader(file)
            first = next(table).index("DXXSMY")
            for row in table:
                if row[0] in row_of:
                    cells = [_number(cell) for cell in row[first : first + 2 * _N_OUTLINE]]
                    found[row_of[row[0]], j] = np.array(cells).reshape(_N_OUTLINE, 2)
    return found * _FLIP


def standing_height_cm(survey: Survey, folder: Path = FOLDER) -> np.ndarray:
    """Measured standing height ``(n,)``; NaN where missing."""
    measured = {row["SEQN"]: _number(row["BMXHT"]) for row in _rows(folder, "BMX_H")}
    return np.array([measured.get(str(s), float("nan")) for s in survey.seqn])
