"""Derive the packaged morphometry reference from the survey: mean, SD and n per level, sex, age band and ratio.

Fractured vertebrae are removed by shape alone, as in the morphometric literature (Melton 1989, Eastell 1991, McCloskey
1993): values beyond 3 SD of the mean are dropped and mean and SD taken again, until none is left. The survey graders'
calls are not used, so that agreement with them stays a test.

python -m scripts.derive_morphometry_reference
"""

from __future__ import annotations

import argparse
import csv
import datetime
import io
from pathlib import Path

import numpy as np

from ovcf.measures.shape.body_heights import middle_height
from ovcf.measures.shape.height import anterior_height, posterior_height
from scripts import nhanes

TABLE = Path(__file__).resolve().parents[1] / "src/ovcf/measures/tables/nhanes_2013_morphometry.csv"
COLUMNS = ("level", "sex", "age", "ratio", "mean", "sd", "n")
BANDS = {"all": (40, 200), "40-49": (40, 50), "50-59": (50, 60), "60-69": (60, 70), "70+": (70, 200)}
NEIGHBOURS = {"Hp/Hp-2": -2, "Hp/Hp-1": -1, "Hp/Hp+1": 1, "Hp/Hp+2": 2}
HEADER = """\
# Normal vertebral shape: mean and SD of height ratios by level, sex and age band.
# Source: NHANES 2013-2014, lateral spine DXA (DXXT4_H to DXXL4_H, DEMO_H), National Center for Health Statistics (CDC),
# public domain; a subset by a hash of SEQN, unweighted: not population estimates.
# {people} people of 40 years and over ({women} women), {vertebrae} vertebrae T4-L4.
# Rule: values beyond 3 SD of the mean dropped, and mean and SD taken again, until none is left; readings are not used.
# Hp/Hp-1 is to the vertebra above, +1 below, -2 and +2 two away.
# Hpred is Hp predicted from up to four neighbours by those means.
# Derived {date} by scripts/derive_morphometry_reference.py.
"""


def trimmed(values: np.ndarray) -> tuple[float, float, int]:
    """Mean, SD and n after dropping, again and again, what lies beyond 3 SD of the mean."""
    values = values[np.isfinite(values)]
    while True:
        mean, sd = values.mean(), values.std(ddof=1)
        kept = values[np.abs(values - mean) <= 3 * sd]
        if kept.size == values.size:
            return float(mean), float(sd), int(kept.size)
        values = kept


def shifted(heights: np.ndarray, step: int) -> np.ndarray:
    """``(n, levels)`` heights of the vertebra ``step`` levels caudal; NaN beyond T4 and L4."""
    out = np.full_like(heights, np.nan)
    inside = slice(max(0, -step), heights.shape[1] - max(0, step))
    out[:, inside] = heights[:, max(0, step) : heights.shape[1] + min(0, step)]
    return out


def rows_of(points: np.ndarray, sex: str, age: str) -> list[tuple[str, ...]]:
    """Table rows of one group of people from their ``(n, 13, 6, 2)`` points."""
    ha, hm, hp = (height(points) for height in (anterior_height, middle_height, posterior_height))
    ratios = {"Ha/Hp": ha / hp, "Hm/Hp": hm / hp}
    ratios |= {name: hp / shifted(hp, step) for name, step in NEIGHBOURS.items()}
    normal = {
        (name, i): trimmed(values[:, i])
        for name, values in ratios.items()
        for i in range(hp.shape[1])
        if np.isfinite(values[:, i]).any()
    }
    guesses = np.stack(
        [
            shifted(hp, step) * [normal.get((name, i), (np.nan,))[0] for i in range(hp.shape[1])]
            for name, step in NEIGHBOURS.items()
        ]
    )
    known = np.isfinite(guesses)
    predicted = np.where(known, guesses, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    for name, height in (("Ha/Hpred", ha), ("Hm/Hpred", hm), ("Hp/Hpred", hp)):
        normal |= {(name, i): trimmed((height / predicted)[:, i]) for i in range(hp.shape[1])}
    return [
        (level, sex, age, name, f"{mean:.4f}", f"{sd:.4f}", str(n))
        for i, level in enumerate(nhanes.LEVELS)
        for (name, at), (mean, sd, n) in normal.items()
        if at == i
    ]


def derive(survey: nhanes.Survey) -> list[tuple[str, ...]]:
    """Every row of the table, in a fixed order."""
    sexes = {"all": np.ones(len(survey.seqn), bool), "female": survey.female, "male": ~survey.female}
    return [
        row
        for sex, of_sex in sexes.items()
        for age, (low, high) in BANDS.items()
        for row in rows_of(survey.points[of_sex & (survey.age_years >= low) & (survey.age_years < high)], sex, age)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=nhanes.FOLDER, help="folder of the survey's CSV files")
    parser.add_argument("--out", type=Path, default=TABLE)
    args = parser.parse_args()
    survey = nhanes.read(args.data)
    text = io.StringIO()
    text.write(
        HEADER.format(
            people=len(survey.seqn),
            women=int(survey.female.sum()),
            vertebrae=int(np.isfinite(survey.points).all(axis=(2, 3)).sum()),
            date=datetime.datetime.now(datetime.UTC).date(),
        )
    )
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *derive(survey)])
    args.out.write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
