"""Columns of a cohort, checked once before a score runs over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ClinicalDataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Column = NDArray[np.float64]


def number_column(values: ArrayLike, name: str, low: float, high: float) -> Column:
    """``(n,)`` floats from ``low`` to ``high``; None and NaN are missing.

    Raises:
        ClinicalDataError: not one column of such numbers; the message names the column and the first bad row.
    """
    column = _floats(values, name)
    return _checked(column, (column >= low) & (column <= high), name, f"numbers from {low:g} to {high:g}")


def flag_column(values: ArrayLike, name: str) -> Column:
    """``(n,)`` of 0 and 1 (or False and True); None and NaN are missing.

    Raises:
        ClinicalDataError: as for numbers.
    """
    column = _floats(values, name)
    return _checked(column, (column == 0) | (column == 1), name, "0 and 1")


def where_known(known: Column, points: ArrayLike) -> Column:
    """``points``, NaN where the finding behind them is missing."""
    return np.where(np.isnan(known), np.nan, points)


def _floats(values: ArrayLike, name: str) -> Column:
    try:
        return np.atleast_1d(np.asarray(values, float))
    except (TypeError, ValueError):
        raise ClinicalDataError(name, "the column holds something that is not a number", "Give numbers.") from None


def _checked(column: Column, possible: NDArray[np.bool_], name: str, expected: str) -> Column:
    wrong = ~possible & ~np.isnan(column)
    if column.ndim != 1 or wrong.any():
        row = int(np.argmax(wrong))
        problem = "is not one column" if column.ndim != 1 else f"row {row}, {column[row]:g}, is not possible"
        raise ClinicalDataError(name, problem, f"Give one column of {expected}, NaN for missing.")
    return column
