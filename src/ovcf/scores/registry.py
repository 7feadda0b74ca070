"""Every score by its id: what the files of the folders here declare as ``SCORES``. Nothing is listed by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from itertools import product
from pkgutil import walk_packages
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import ovcf.scores
from ovcf.scores.declare import Score
from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.tally import TOLERANCE, attainable_totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Published:
    """A declaration, what follows from it, and how close two numbers are the same: all that a page needs to compute.

    ``part`` is the folder of its file: what kind of score it is.
    """

    score: Score
    totals: tuple[float, ...]
    part: str
    tolerance: float = TOLERANCE


@cache
def scores() -> Mapping[str, Score]:
    """Every declared score by its id.

    Raises:
        ValueError: two files declare the same id.
    """
    found: dict[str, Score] = {}
    for score, _ in _declared():
        if score.id in found:
            raise ValueError(f"two scores are called {score.id}")
        found[score.id] = score
    return MappingProxyType(found)


def by_name(name: str) -> Score | None:
    """The declaration of a result, by the name that the result bears."""
    return next((score for score in scores().values() if score.name == name), None)


def function_of(id_: str) -> Callable[..., Any]:
    """What computes a score from its inputs: the function that its file names, or its tables alone."""
    score, module = next((s, m) for s, m in _declared() if s.id == id_)
    if score.function:
        function: Callable[..., Any] = getattr(module, score.function)
        return function
    return partial(classify if score.classes else evaluate, score)


def published() -> dict[str, Published]:
    """Every declaration with its attainable totals, as plain data."""
    return dict(_published())


def parts() -> Iterator[tuple[Score, str]]:
    """Every declaration with the folder of its file: what kind of score it is."""
    return ((one.score, one.part) for one in _published().values())


@cache
def _published() -> dict[str, Published]:
    return {score.id: Published(score, _totals(score), module.__name__.split(".")[-2]) for score, module in _declared()}


@cache
def _declared() -> tuple[tuple[Score, Any], ...]:
    names = sorted(file.name for file in walk_packages(ovcf.scores.__path__, "ovcf.scores."))
    modules = [import_module(name) for name in names]
    return tuple((score, module) for module in modules for score in getattr(module, "SCORES", ()))


def _totals(score: Score) -> tuple[float, ...]:
    """Every total that some patient can have, over all versions of the score."""
    versions = [[(i.id, word) for word in i.words] for i in score.inputs if i.required and score.items]
    results = [evaluate(score, **dict(version)) for version in product(*versions)] if score.items else []
    reached = {t for r in results for t in attainable_totals(replace(item, points=None) for item in r.items)}
    each = score.average.times / len(score.items) if score.average else 1
    return tuple(sorted(each * t for t in reached))
