"""Columns as analyses need them: numbers, a yes-or-no outcome, complete rows. Refused by name, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """One column as floats, missing as NaN.

    Raises:
        CohortDataError: text among the numbers, an infinite value, or not one column.
    """
    column = np.asarray(values)
    if column.dtype.kind not in "fiub":
        try:
            column = np.array([np.nan if _is_missing(v) else float(v) for v in column.ravel().tolist()])
        except (TypeError, ValueError):
            bad = next(v for v in column.ravel().tolist() if not _is_number(v))
            raise CohortDataError(
                name, say("{bad!r} is not a number", bad=bad), "Correct it, or name it as missing."
            ) from None
    column = column.astype(float)
    if column.ndim != 1:
        raise CohortDataError(name, say("is an array of shape {shape}", shape=column.shape), "Give one column.")
    if np.isinf(column).any():
        raise CohortDataError(name, "holds an infinite value", "Correct it, or name it as missing.")
    return column


def binary(values: ArrayLike, name: str = "outcome") -> NDArray[np.float64]:
    """An outcome as 0 and 1, missing as NaN; both must occur.

    Raises:
        CohortDataError: another value, or a constant outcome.
    """
    column = numbers(values, name)
    known = np.unique(column[~np.isnan(column)])
    if not np.isin(known, (0, 1)).all():
        shown = ", ".join(f"{v:g}" for v in known[:4])
        raise CohortDataError(
            name, say("holds {shown}, not only 0 and 1", shown=shown), "Code the event as 1 and its absence as 0."
        )
    if len(known) < 2:
        what = "is empty" if len(known) == 0 else say("is always {known:g}", known=known[0])
        raise CohortDataError(name, what, "There must be patients with and without the event.")
    return column


def complete_rows(
    *named: tuple[str, NDArray[np.float64]], **columns: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], tuple[tuple[str, int], ...]]:
    """Which rows are known in every column, and the missing values per column.

    Raises:
        CohortDataError: columns of unequal length, or no row complete.
    """
    everything = (*named, *columns.items())
    if len({len(column) for _, column in everything}) > 1:
        said = joined(", ", (say("{name} {column}", name=name, column=len(column)) for name, column in everything))
        raise CohortDataError(
            "columns", say("differ in length ({said})", said=said), "Give one value per patient in each."
        )
    absent = [np.isnan(column) for _, column in everything]
    missing = tuple((name, int(gaps.sum())) for (name, _), gaps in zip(everything, absent, strict=True))
    whole = ~np.any(absent, axis=0)
    if len(whole) and not whole.any():
        said = joined(", ", (say("{name} {count}", name=name, count=count) for name, count in missing if count))
        raise CohortDataError(
            "data",
            say("no row of {whole} is complete (missing: {said})", whole=len(whole), said=said),
            "Fill or leave out one.",
        )
    return whole, missing


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value == ""


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]  # the question is whether it can be
    except (TypeError, ValueError):
        return _is_missing(value)
    return True
