"""What is not known is tried: the class of a patient for every answer that they could have given."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ovcf.scores.declare import Fact, Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ovcf.scores.declare import Condition, Quantity, Score
    from ovcf.scores.rules import Facts

#: How far beside a limit a number is tried where it is not known.
_BESIDE = 1e-6


def asked(score: Score) -> list[Input | Quantity]:
    """The inputs and quantities on which the class depends where they are not known."""
    named = {fact.input for fact in _facts(c.when for c in score.classes) if fact.unknown is None}
    return [i for i in score.named if i.id in named]


def classes_tried(score: Score, facts: Facts, missing: Sequence[Input | Quantity]) -> NDArray[np.intp]:
    """``(n, a, b, ...)``: the place of the class of ``n`` patients who all lack these, for every answer to each.

    With nothing missing it is ``(n,)``.
    """
    whens = [c.when for c in score.classes]
    trials = [_answers(i, whens) for i in missing]
    answers = np.array([*product(*trials)], float)
    (patients,) = np.broadcast_shapes(*(column.shape for column in facts.columns.values()))
    columns = {name: np.repeat(np.broadcast_to(c, patients), len(answers)) for name, c in facts.columns.items()}
    columns |= {i.id: np.tile(column, patients) for i, column in zip(missing, answers.T, strict=True)}
    place: NDArray[np.intp] = replace(facts, columns=columns).first(whens).argmax(axis=0)
    return place.reshape([patients, *(len(t) for t in trials)])


def _facts(conditions: Iterable[Condition | None]) -> Iterator[Fact]:
    for condition in conditions:
        if isinstance(condition, Fact):
            yield condition
        elif condition is not None:
            yield from _facts(condition.of)


def _answers(input_: Input | Quantity, conditions: Sequence[Condition | None]) -> Sequence[float]:
    """Values that stand for every answer an input could have, or for all that a quantity could come to."""
    low, high = -np.inf, np.inf
    if isinstance(input_, Input):
        if input_.kind == "flag":
            return (0.0, 1.0)
        if input_.words:
            return tuple(float(k) for k in range(len(input_.words)))
        low, high = input_.bounds
    limits = [float(f.values[0]) for f in _facts(conditions) if f.input == input_.id]
    around = {x for limit in limits for x in (limit - _BESIDE, limit, limit + _BESIDE)}
    return sorted(x for x in around if low <= x <= high)
