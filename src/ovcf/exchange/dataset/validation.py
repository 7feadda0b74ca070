"""The external validation of NASOVCF straight from a registry, in patients like those of HAN 2025."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.recipes.validation import validation_study
from ovcf.exchange.dataset.judge import By
from ovcf.registry.words import TreatmentKind

if TYPE_CHECKING:
    import pandas as pd

    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.exchange.dataset.build import DataSet

HAN_LEVELS = ("T11", "T12", "L1", "L2")
HAN_LEAST_AGE = 60
_SHOWN = frozenset(
    {
        "patient_id",
        "centre",
        "age_years",
        "sex",
        "level",
        "fracture_type",
        "t2_pattern",
        "t_score",
        "nasovcf",
        "treatment",
        "crossover",
        "non_union",
        "progressive_kyphosis",
    }
)
"""Columns that have to do with the score and its two outcomes, beside those before treatment and at 6 months."""


def registry_validation(data: DataSet) -> StudyReport:
    """Both outcomes in first, single fractures from T11 to L2 at 60 years or more, treated without operation first.

    Who was operated on later stays in, as randomised trials keep them: the report says how many. Who is left out is
    counted by reason.
    """
    kept, left = like_hans(data.frame)
    crossed = int(kept["crossover"].fillna(False).sum())
    notices = [*data.notices, *(f"Left out: {n} {reason}." for reason, n in left if n)]
    if crossed:
        notices.append(f"{crossed} of the {len(kept)} patients were treated otherwise later; they stay in.")
    shown = kept[[name for name in kept.columns if name in _SHOWN or name.endswith(("_0mo", "_6mo"))]]
    answers = {outcome: _checklist(data, kept, left, outcome) for outcome in ("non_union", "progressive_kyphosis")}
    return validation_study(shown, notices=notices, answers=answers)


def like_hans(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """The fractures that the score was made for, and how many are left out for which reason, one after the other."""
    rules = (
        ("further fractures of the same patients", ~frame["refracture"].fillna(False).to_numpy(bool)),
        ("with several vertebrae broken at one time", frame["fractured_levels"].to_numpy() == 1),
        ("outside T11 to L2", frame["level"].isin(HAN_LEVELS).to_numpy()),
        ("younger than 60 years or of unknown age", frame["age_years"].to_numpy() >= HAN_LEAST_AGE),
        (
            "treated otherwise first, or without a recorded first treatment",
            (frame["treatment"] == TreatmentKind.CONSERVATIVE.value).to_numpy(bool),
        ),
    )
    kept = np.ones(len(frame), bool)
    left = []
    for reason, fits in rules:
        left.append((reason, int((kept & ~fits).sum())))
        kept &= fits
    return frame[kept], tuple(left)


def _checklist(data: DataSet, kept: pd.DataFrame, left: tuple[tuple[str, int], ...], outcome: str) -> dict[str, str]:
    """What the registry says to the items of TRIPOD+AI."""
    centres = Counter(kept["centre"])
    by = Counter(str(word) for word in kept[f"{outcome}_by"])
    told = ", ".join(f"{by[word]} {word}" for word in By if by[word])
    out = "; ".join(f"{n} {reason}" for reason, n in left if n)
    crossed = int(kept["crossover"].fillna(False).sum())
    said = {
        "5a": "a registry of patients followed after a vertebral fracture; how representative is for the authors",
        "6a": f"{len(centres)} {'centre' if len(centres) == 1 else 'centres'}; which and where is for the authors",
        "6b": "first, single fractures from T11 to L2, 60 years or more, as HAN's"
        + (f"; left out: {out}" if out else ""),
        "6c": f"treated without operation first; {crossed} of {len(kept)} were treated otherwise later and stay in",
        "7": "values checked when they were entered or imported; every change audited; the data dictionary says how "
        "each column was derived",
        "8b": f"judged by rule or person: {told}",
        "9b": "before treatment: of the newest signed reading, else as entered; the data dictionary says so by column",
        "16": "tables of features beside HAN 2025; eligibility as under 6b; setting is for the authors",
    }
    if data.simulated:
        said["5a"] = "SIMULATED patients, made by a program: no finding holds for people"
    return said
