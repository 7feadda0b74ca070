"""The patients of a cohort beside those from whom NASOVCF was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.published.han_2025 import LEVELS, T_SCORE_BANDS, N
from ovcf.cohort.result import Column, Table
from ovcf.language.worded import say
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Rule = Callable[[Any], Any]


def _is(value: object) -> Rule:
    return lambda column: column == value


def _from(limit: float) -> Rule:
    return lambda column: column.astype(float) >= limit - TOLERANCE


def _t(low: float, high: float) -> Rule:
    return lambda column: (column.astype(float) > low + TOLERANCE) & (column.astype(float) <= high + TOLERANCE)


_BANDS = (_t(-2.5, -1.0), _t(-3.5, -2.5), _t(-100.0, -3.5))
# What the paper counts in its 208 patients, and the columns that tell it here, the first that is there.
_ROWS: tuple[tuple[str, int, tuple[tuple[str, Rule], ...]], ...] = (
    ("Burst fracture", 47, (("fracture_type", _is("burst")),)),
    ("VHL 15% or more", 37, (("vhl_15_or_more", _is(1)), ("vhl_percent_0mo", _from(VHL_LIMIT_PERCENT)))),
    ("Local kyphosis 15 degrees or more", 17, (("ka_15_or_more", _is(1)), ("ka_deg_0mo", _from(KYPHOSIS_LIMIT_DEG)))),
    ("Diffuse low T2 signal", 105, (("t2_diffuse_low", _is(1)), ("t2_pattern", _is("diffuse low")))),
    *(
        (band, n, (("t_score_band", _is(band)), ("t_score", rule)))
        for band, n, rule in zip(T_SCORE_BANDS, (91, 83, 34), _BANDS, strict=True)
    ),
    ("Women", 157, (("sex", _is("female")),)),
    *((say("Fracture of {x}", x=x), n, (("level", _is(x)),)) for x, n in zip(LEVELS, (30, 38, 97, 43), strict=True)),
)


def case_mix(frame: pd.DataFrame) -> Table:
    """Share of patients with each feature, of those in whom it is known, here and in HAN 2025."""
    rows = []
    for label, count, columns in _ROWS:
        for name, rule in columns:
            if name in frame.columns and frame[name].notna().any():
                known = frame[name].dropna()
                rows.append((label, proportion(int(rule(known).sum()), len(known)), proportion(count, N)))
                break
    columns_ = (
        Column("feature", "Feature"),
        Column("here", "Here (Wilson)", ".1%"),
        Column("han", "HAN 2025 (Wilson)", ".1%"),
    )
    return Table("Patients analysed beside those of the paper", columns_, tuple(rows))
