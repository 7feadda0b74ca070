"""From columns of a data frame to the design matrix of a regression, and back to what each coefficient means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.splines import spline_columns, spline_knots
from ovcf.cohort.mapping.headings import quantity_of
from ovcf.cohort.optional_import import optional_import
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say
from ovcf.plausible import PATIENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Coding:
    """How one predictor enters: ``levels`` empty for a number (its effect is per ``per`` units, or with ``knots`` a
    restricted cubic spline), else the first level is the reference and every other gets a coefficient."""

    variable: str
    levels: tuple[Any, ...] = ()
    per: float = 1.0
    knots: tuple[float, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """The coefficients that this predictor gets."""
        if self.knots:  # as Harrell writes them: age, age', age''
            return tuple(Term(self.variable + "'" * i, "", "") for i in range(len(self.knots) - 1))
        if not self.levels:
            return (Term(self.variable, "" if self.per == 1 else say("per {per:g}", per=self.per), ""),)
        reference = level_word(self.levels[0])
        return tuple(Term(self.variable, level_word(level), reference) for level in self.levels[1:])

    def columns(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Its columns of the design matrix, NaN where the value is missing.

        Raises:
            CohortDataError: a level that the coding does not know, text among numbers.
        """
        if self.knots:
            return spline_columns(numbers(frame[self.variable], self.variable), self.knots)
        if not self.levels:
            return numbers(frame[self.variable], self.variable)[:, None] / self.per
        column = frame[self.variable]
        absent = column.isna().to_numpy(bool)
        if unknown := set(column[~absent].unique()) - set(self.levels):
            raise CohortDataError(
                self.variable, say("has the unknown level {next!r}", next=next(iter(unknown))), "Recode it."
            )
        made = np.array([(column == level).to_numpy(float, na_value=np.nan) for level in self.levels[1:]]).T
        made[absent] = np.nan
        return made


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient: a variable, the level it stands for and the level it is compared with."""

    variable: str
    level: str
    reference: str

    def __str__(self) -> str:
        return (
            say(
                "{variable}: {level} vs {reference}", variable=self.variable, level=self.level, reference=self.reference
            )
            if self.reference
            else self.variable
        )


def code(
    frame: pd.DataFrame,
    predictors: Sequence[str],
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
    splines: Mapping[str, int] | None = None,
) -> tuple[Coding, ...]:
    """How each predictor enters: numbers as they are, text, categories and booleans by level.

    The reference is the one named in ``references``, else the first category in order (False for a boolean). A number
    in ``splines`` enters by a restricted cubic spline with so many knots.

    Raises:
        CohortDataError: no predictor, an unknown or doubled column, a predictor with a single value, unknown reference.
    """
    references, per, splines = references or {}, per or {}, splines or {}
    need_columns(frame, predictors)
    if not predictors or len(set(predictors)) < len(predictors):
        raise CohortDataError("predictors", "are none, or one is named twice", "Name each once.")
    found = []
    for name in predictors:
        levels = levels_of(frame[name])
        if not levels:
            refuse_impossible(frame, name)
        values = len(levels) if levels else frame[name].nunique()
        if values < 2:
            what = "has a single value" if values else "has no known value"
            raise CohortDataError(name, what, "Leave it out: it explains nothing.")
        if name in references:
            reference = references[name]
            if reference not in levels:
                raise CohortDataError(
                    name,
                    say("has no level {reference!r}", reference=reference),
                    say("Its levels are {levels}.", levels=joined(", ", map(str, levels))),
                )
            levels = (reference, *(level for level in levels if level != reference))
        knots: tuple[float, ...] = ()
        if name in splines:
            if levels:
                raise CohortDataError(name, "is no number", "Only numbers take a spline.")
            knots = spline_knots(numbers(frame[name], name), splines[name], name)
        found.append(Coding(name, levels, float(per.get(name, 1.0)), knots))
    return tuple(found)


def matrix(frame: pd.DataFrame, codings: Sequence[Coding]) -> NDArray[np.float64]:
    """The design matrix with the constant first."""
    return np.column_stack([np.ones(len(frame)), *(c.columns(frame) for c in codings)])


def independent(x: NDArray[np.float64]) -> bool:
    """Whether no column follows from the others."""
    size = np.sqrt((x**2).sum(axis=0))
    if (size == 0).any():
        return False
    # Products of unit columns decide where there is no doubt; only near it does the table itself have to be looked at.
    unit = x.T @ x / np.outer(size, size)
    return bool(np.linalg.eigvalsh(unit)[0] > 1e-8) or int(np.linalg.matrix_rank(x)) == x.shape[1]


def need_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse names that are no column, and a table without patients."""
    for name in names:
        if name not in frame.columns:
            raise CohortDataError(
                name,
                "is no column of the data",
                say("Columns are {columns}.", columns=joined(", ", map(str, frame.columns))),
            )
    if not len(frame):
        raise CohortDataError("data", "has no row", "Check the file, and the filter that chose the patients.")


def refuse_impossible(frame: pd.DataFrame, name: str) -> None:
    """Refuse a column whose name says what it is and whose values no patient can have, such as an age of 740.

    Only what lies beyond the widest limit is refused: a column may hold differences from a mean.

    Raises:
        CohortDataError: names the values and their rows.
    """
    quantity = quantity_of(name)
    if quantity is None:
        return
    low, high, unit = PATIENT[quantity]
    values = numbers(frame[name], name)
    wrong = np.flatnonzero(np.abs(values) > max(abs(low), abs(high)))
    if len(wrong):
        shown = joined(
            ", ", (say("{values:g} (row {index})", values=values[i], index=frame.index[i]) for i in wrong[:5])
        )
        raise CohortDataError(
            name,
            say(
                "{shown} is not possible ({low:g} to {high:g} {unit}", shown=shown, low=low, high=high, unit=unit
            ).rstrip()
            + ")",
            "Correct it, or name the unit in the heading if it is another.",
        )


def level_word(level: Any) -> str:
    """A level in print: true and false are yes and no."""
    return ("yes" if level else "no") if isinstance(level, bool | np.bool_) else str(level)


def levels_of(column: Any) -> tuple[Any, ...]:
    """Levels of a categorical column that occur, in order; none for numbers.

    Raises:
        CohortDataError: numbers and text in one column, or many numbers written as text.
    """
    types = optional_import("pandas").api.types
    if isinstance(column.dtype, optional_import("pandas").CategoricalDtype):
        present = set(column.dropna().unique())
        return tuple(level for level in column.cat.categories if level in present)
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return ()
    known = column.dropna()
    if types.is_bool_dtype(column) or (len(known) and known.map(lambda v: isinstance(v, bool | np.bool_)).all()):
        return tuple(sorted(bool(v) for v in known.unique()))
    if len(known) and known.map(lambda v: isinstance(v, int | float)).all():
        return ()
    values = known.unique()
    text = next((v for v in values if isinstance(v, str)), None)
    if text is not None and any(isinstance(v, int | float) for v in values):
        raise CohortDataError(
            str(column.name),
            say("mixes numbers and text ({text!r})", text=text),
            "Correct the text, or write all as text.",
        )
    if len(values) > 10 and all(_NUMBER.fullmatch(str(v)) for v in values):
        raise CohortDataError(str(column.name), "holds numbers as text", "Read it with a data dictionary.")
    return tuple(sorted(values, key=str))


_NUMBER = re.compile(r"\s*-?\d+([.,]\d+)?\s*")
