"""Normal vertebral shape by level, sex and age: the packaged table derived from NHANES 2013-2014.

The ratios are those of lateral DXA images of United States adults of 40 years and over; the subset is unweighted. The
head of the table says from how many people and by which rule. Keys: ``Ha/Hp``, ``Hm/Hp``; ``Hp/Hp-1`` to the vertebra
above, ``Hp/Hp+1`` below, ``Hp/Hp-2`` and ``Hp/Hp+2`` two away; ``Ha/Hpred``, ``Hm/Hpred``, ``Hp/Hpred`` to the
posterior height predicted from up to four neighbours.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.anatomy import Level

EVIDENCE = "nhanes-2013"
TABLE = "nhanes_2013_morphometry.csv"
#: The ratio of posterior heights to the neighbour on each side.
BESIDE = {"cranial": "Hp/Hp-1", "caudal": "Hp/Hp+1"}
SEXES = ("female", "male")
#: Upper limit in years (not included) of each age band of the table.
_BANDS = ((50, "40-49"), (60, "50-59"), (70, "60-69"), (float("inf"), "70+"))
_YOUNGEST = 40


class Normal(NamedTuple):
    """Mean, SD and number of normal vertebrae behind one ratio."""

    mean: float
    sd: float
    n: int


@cache
def _table() -> dict[tuple[str, str, str], dict[str, Normal]]:
    lines = files("ovcf.measures").joinpath("tables", TABLE).read_text(encoding="utf-8").splitlines()
    table: dict[tuple[str, str, str], dict[str, Normal]] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        normal = Normal(float(row["mean"]), float(row["sd"]), int(row["n"]))
        table.setdefault((row["level"], row["sex"], row["age"]), {})[row["ratio"]] = normal
    return table


def has_reference(level: Level) -> bool:
    """Whether the table knows this level (T4 to L4)."""
    return (level.value, "all", "all") in _table()


def reference(level: Level, sex: str | None, age_years: float | None = None) -> dict[str, Normal]:
    """Mean, SD and n of each ratio of normal vertebrae of this level; sex None means both, age None all from 40 years.

    Raises:
        MeasurementInputError: the table has no such level, sex or age.
    """
    where = say("morphometry reference of {level}", level=level)
    if sex is not None and sex not in SEXES:
        raise MeasurementInputError(
            where, say("sex {sex!r} is not in the table", sex=sex), "Give female or male, or None for both."
        )
    if not has_reference(level):
        raise MeasurementInputError(
            where, "the table holds T4 to L4 only", "Judge this level by eye, or against its neighbours' heights."
        )
    band = "all"
    if age_years is not None:
        if not age_years >= _YOUNGEST:
            raise MeasurementInputError(
                where,
                say(
                    "an age of {age_years:g} years is below the {youngest} years the table begins at",
                    age_years=age_years,
                    youngest=_YOUNGEST,
                ),
                "Leave out the age to use everyone in the table, and say so.",
            )
        band = next(name for limit, name in _BANDS if age_years < limit)
    return _table()[level.value, sex or "all", band]
