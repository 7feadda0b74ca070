"""Scores of whole cohorts: the rules of one patient, on columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ClinicalDataError
from ovcf.scores.result import Status
from ovcf.scores.rules import Facts
from ovcf.scores.trials import asked, classes_tried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from ovcf.scores.declare import Score

    Column = NDArray[np.float64]

STATUSES = tuple(Status)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreColumns:
    """One entry per patient, in the order given.

    ``total`` is NaN and ``group`` -1 unless ``status`` is complete; ``low`` and ``high`` bound the attainable total
    (NaN where the score does not apply). ``status`` and ``group`` are codes into ``statuses`` and ``groups``.
    """

    total: NDArray[np.float64]
    group: NDArray[np.int8]
    status: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    groups: tuple[str, ...]
    statuses: tuple[Status, ...] = STATUSES


def evaluate_columns(score: Score, columns: Mapping[str, Column], *, applicable: ArrayLike = True) -> ScoreColumns:
    """A declared score of ``(n,)`` patients: the columns of :class:`~ovcf.scores.rules.Facts`, checked by the caller.

    ``applicable`` is False for patients unlike those of the source. Which items belong to the score must not differ
    between rows.
    """
    facts = Facts.of(score, columns)
    items = [item for item in score.items if facts.truth(item.when)[0] == 1]
    least, most = (
        np.array(np.broadcast_arrays(*(bound for item in items for bound in facts.points(item))))
        .reshape(len(items), 2, -1)
        .swapaxes(0, 1)
    )
    outside = (least > most).any(axis=0)
    zero = np.array([[item.zero_if_unknown] for item in items])
    counted = np.where(least == most, least, np.where(zero, np.clip(0.0, least, most), np.nan))
    low, high = least.sum(axis=0), most.sum(axis=0)
    answered = (~np.isnan(counted)).sum(axis=0)
    complete = answered >= (score.average.at_least if score.average else len(items))
    total = np.nansum(counted, axis=0)
    if score.average:
        total = score.average.times * total / np.maximum(answered, 1)
        low, high = (np.where(complete, total, score.average.times / len(items) * bound) for bound in (low, high))
    fits = np.broadcast_to(np.asarray(applicable, bool), total.shape)
    for check in score.checks:
        fits = fits & (facts.truth(check.alike) != 0)
    status = np.select(
        [~fits, outside, complete],
        [STATUSES.index(s) for s in (Status.NOT_APPLICABLE, Status.OUT_OF_DERIVATION_POPULATION, Status.COMPLETE)],
        STATUSES.index(Status.INCOMPLETE),
    ).astype(np.int8)
    scored, done = fits & ~outside, status == STATUSES.index(Status.COMPLETE)
    group = np.full(total.shape, -1)
    if score.groups:
        group = Facts({"total": total}, {}).first([g.when for g in score.groups]).argmax(axis=0)
    return ScoreColumns(
        total=np.where(done, total, np.nan),
        group=np.where(done, group, -1).astype(np.int8),
        status=status,
        low=np.where(scored, low, np.nan),
        high=np.where(scored, high, np.nan),
        groups=tuple(g.label for g in score.groups),
    )


@dataclass(frozen=True, slots=True, eq=False)
class ClassColumns:
    """The class of each patient, in the order given: ``code`` is a place in ``labels``, -1 where several may be."""

    code: NDArray[np.int8]
    labels: tuple[str, ...]


def classify_columns(score: Score, columns: Mapping[str, Column]) -> ClassColumns:
    """A declared classification of ``(n,)`` patients: the columns of :class:`~ovcf.scores.rules.Facts`, as checked.

    A class stands if every answer to what is not known gives it, as for one patient.
    """
    facts = Facts.of(score, columns)
    (patients,) = np.broadcast_shapes(*(column.shape for column in facts.columns.values()))
    known = {name: np.broadcast_to(column, patients) for name, column in facts.columns.items()}
    facts = replace(facts, columns=known)
    about = asked(score)
    labels = tuple(dict.fromkeys(c.label for c in score.classes))
    place = np.array([labels.index(c.label) for c in score.classes])
    lacking = np.array([np.isnan(np.broadcast_to(facts.column(i.id), patients)) for i in about], bool)
    patterns, which = np.unique(lacking.reshape(len(about), patients), axis=1, return_inverse=True)
    code = np.full(patients, -1, np.int8)
    for number, pattern in enumerate(patterns.T):
        rows = np.flatnonzero(which.ravel() == number)
        of_rows = replace(facts, columns={name: column[rows] for name, column in known.items()})
        missing = [i for i, lacks in zip(about, pattern, strict=True) if lacks]
        found = place[classes_tried(score, of_rows, missing).reshape(len(rows), -1)]
        code[rows] = np.where((found == found[:, :1]).all(axis=1), found[:, 0], -1)
    return ClassColumns(code, labels)


def number_column(values: ArrayLike, name: str, low: float, high: float) -> Column:
    """``(n,)`` floats from ``low`` to ``high``; None and NaN are missing.

    Raises:
        ClinicalDataError: not one column of such numbers; the message names the column and the first bad row.
    """
    column = _floats(values, name)
    return _checked(column, (column >= low) & (column <= high), name, f"numbers from {low:g} to {high:g}")


def input_column(score: Score, input_: str, values: ArrayLike) -> Column:
    """The numbers of an input, checked against its name and range."""
    declared = score.input(input_)
    low, high = declared.bounds
    return number_column(values, declared.name, low, high)


def flag_column(values: ArrayLike, name: str) -> Column:
    """``(n,)`` of 0 and 1 (or False and True); None and NaN are missing.

    Raises:
        ClinicalDataError: as for numbers.
    """
    column = _floats(values, name)
    return _checked(column, (column == 0) | (column == 1), name, "0 and 1")


def either(score: Score, input_: str, yes: Column, words: tuple[str, str]) -> Column:
    """A column of words from one of 0 and 1: the second word where 1."""
    no, there = (score.input(input_).words.index(word) for word in words)
    return np.where(np.isnan(yes), np.nan, np.where(yes == 1, there, no))


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
