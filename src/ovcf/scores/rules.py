"""What declared conditions come to, for one patient or a column of them: true, false, or not known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from ovcf.scores.declare import Calc, Fact
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.scores.declare import Condition, Item, Score

    Column = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of n patients, one column an input: numbers, flags as 0 and 1, words by their place in ``words``.

    NaN is not known. ``possible_classes`` are the labels still open, for conditions on ``class``.
    """

    columns: Mapping[str, Column]
    words: Mapping[str, tuple[str, ...]]
    possible_classes: tuple[str, ...] = ()
    quantities: Mapping[str, Calc] = field(default_factory=dict)

    @classmethod
    def of(cls, score: Score, columns: Mapping[str, Column]) -> Facts:
        """The columns of a score; inputs that are not given are not known."""
        known = {name: columns.get(name, np.full(1, np.nan)) for i in score.inputs for name in i.columns}
        return cls(known, {i.id: i.words for i in score.inputs}, quantities={q.id: q.value for q in score.quantities})

    def having(self, name: str, column: Column) -> Facts:
        """The same with one column in place of another."""
        return replace(self, columns={**self.columns, name: column})

    def column(self, name: str) -> Column:
        """An input, or a quantity made of inputs; one that was put in place goes before what would be computed."""
        return self.columns[name] if name in self.columns else self._calculated(self.quantities[name])

    def _calculated(self, part: Calc | float | str) -> Column:
        if isinstance(part, str):
            return self.column(part)
        if not isinstance(part, Calc):
            return np.full(1, float(part))
        operands = [self._calculated(operand) for operand in part.of]
        if part.do == "first known":
            return reduce(lambda first, then: np.where(np.isnan(first), then, first), operands)
        if part.do == "by word":
            chosen, *each = np.broadcast_arrays(*operands)
            known = ~np.isnan(chosen)
            place = np.where(known, chosen, 0).astype(int)
            return np.where(known, np.take_along_axis(np.array(each), place[None], axis=0)[0], np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            one = len(operands) == 1
            found = _OF_ONE[part.do](*operands) if one else reduce(_ARITHMETIC[part.do], operands)
        return np.where(np.isfinite(found), found, np.nan)

    def truth(self, condition: Condition | None) -> Column:
        """1 where it holds, 0 where not, NaN where that is not known."""
        if condition is None:
            return np.ones(1)
        if not isinstance(condition, Fact):
            parts = [self.truth(part) for part in condition.of]
            sure = sum((np.nan_to_num(part) for part in parts), np.zeros(1))
            open_ = sum((np.isnan(part) for part in parts), np.zeros(1))
            holds = np.where(sure + open_ < condition.at_least, 0.0, np.nan)
            return np.where(sure >= condition.at_least, 1.0, holds)
        if condition.input == "class":
            within = [label in condition.values for label in self.possible_classes]
            answer = np.full(1, 1.0 if all(within) else np.nan if any(within) else 0.0)
        else:
            x = self.column(condition.input)
            answer = np.where(np.isnan(x), np.nan, _compared(x, condition, self.words.get(condition.input, ())))
        return answer if condition.unknown is None else np.where(np.isnan(answer), float(condition.unknown), answer)

    def first(self, conditions: Sequence[Condition | None]) -> Mask:
        """``(k, n)``: which condition may be the first that holds. Where none can, nothing is known: all may be."""
        rows, undecided = [], np.ones(1, bool)
        for condition in conditions:
            holds = self.truth(condition)
            rows.append(undecided & ~(holds == 0))
            undecided = undecided & ~(holds == 1)
        possible = np.array(np.broadcast_arrays(*rows))
        return np.asarray(possible | ~possible.any(axis=0))

    def points(self, item: Item) -> tuple[Column, Column]:
        """Least and most points of an item; (inf, -inf) where its source does not score the finding."""
        possible = self.first([case.when for case in item.cases])
        scored = np.array([[np.nan if case.points is None else case.points] for case in item.cases])
        return (
            np.where(possible & ~np.isnan(scored), scored, np.inf).min(axis=0),
            np.where(possible & ~np.isnan(scored), scored, -np.inf).max(axis=0),
        )


_ARITHMETIC: dict[str, Callable[[Column, Column], Column]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "min": np.minimum,
    "max": np.maximum,
}
_OF_ONE: dict[str, Callable[[Column], Column]] = {"abs": np.abs, "floor": np.floor, "-": np.negative}


def _compared(x: Column, fact: Fact, words: tuple[str, ...]) -> Mask:
    if fact.relation == "in":
        return np.isin(x, [float(words.index(v) if isinstance(v, str) else v) for v in fact.values])
    limit = float(fact.values[0])
    return {
        "<": x < limit - TOLERANCE,
        "<=": x <= limit + TOLERANCE,
        "=": abs(x - limit) <= TOLERANCE,
        ">=": x >= limit - TOLERANCE,
        ">": x > limit + TOLERANCE,
    }[fact.relation]
