"""Deciding a class when some findings are missing: the class stands if every way to fill them in gives it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def possible_classes(
    decide: Callable[..., str], findings: Mapping[str, Any], fill: Mapping[str, Sequence[Any]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every class that the known ``findings`` allow, and the missing findings on which the class depends.

    ``fill`` gives, for each finding that may be missing (None), values that stand for every answer it could have.
    """
    missing = [name for name, value in findings.items() if value is None]
    known = {name: value for name, value in findings.items() if value is not None}
    outcomes = {
        answers: decide(**known, **dict(zip(missing, answers, strict=True)))
        for answers in product(*(fill[name] for name in missing))
    }

    def matters(index: int) -> bool:
        by_rest: dict[tuple[Any, ...], set[str]] = {}
        for answers, label in outcomes.items():
            by_rest.setdefault(answers[:index] + answers[index + 1 :], set()).add(label)
        return any(len(labels) > 1 for labels in by_rest.values())

    return tuple(sorted(set(outcomes.values()))), tuple(name for i, name in enumerate(missing) if matters(i))


def spoken(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of arguments as words."""
    return tuple(name.replace("_", " ") for name in names)
