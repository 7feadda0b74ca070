"""Cases for the calculator with what Python computes: every score at each limit and on both sides of it, with each
input missing, and by chance. ``web/test/calculator.test.ts`` compares.

    python -m scripts.calculator_cases build/calculator-cases.json
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ovcf.report.calculator import calculator_data
from ovcf.scores.declare import Condition, Fact, Input, Score
from ovcf.scores.evaluate import classify, columns_of, evaluate
from ovcf.scores.registry import function_of, scores
from ovcf.scores.result import Classification, ScoreResult

CHANCE = 150


def facts(conditions: Iterable[Condition | None]) -> Iterator[Fact]:
    for condition in conditions:
        if isinstance(condition, Fact):
            yield condition
        elif condition is not None:
            yield from facts(condition.of)


def limits(score: Score) -> dict[str, list[float]]:
    """Every limit that a number is compared with, and where rounding might show another value."""
    whens = [c.when for i in score.items for c in i.cases] + [i.when for i in score.items]
    whens += [c for i in score.items for _, c in i.parts] + [g.when for g in (*score.groups, *score.classes)]
    whens += [c.alike for c in score.checks] + [a.when for a in (*score.flags, *score.advice, *score.alerts)]
    found: dict[str, list[float]] = {}
    for fact in facts(whens):
        if fact.relation != "in":
            for name in score.asked_by(fact.input) or (fact.input,):
                found.setdefault(name, []).append(float(fact.values[0]))
    return found


def answers(input_: Input, at: list[float]) -> list[Any]:
    """Everything worth trying for one input; None is not known."""
    if input_.kind == "flag":
        return [None, True, False]
    if input_.kind == "numbers":  # of every length, whole or not, with one that is not known
        return [
            None,
            *([v] * n for n in range(3, input_.many + 1) for v in (0, 1, 2, 2.5)),
            [2, 1, 2, 1],
            [2, None, 1, 1],
        ]
    if input_.words:
        return [None, *input_.words]
    low, high = input_.bounds
    near = [x + d for x in at for d in (-1.0, -0.04, -1e-6, -1e-10, 0.0, 1e-10, 1e-6, 0.04, 1.0)]
    near += [x for x in (low, high) if abs(x) < 1e9] + [0.0, 1.0, 2.0]
    tried = sorted({x for x in near if low <= x <= high})
    return [None, *([x for x in tried if x == int(x)] if input_.kind == "whole" else tried)]


def cases_of(score: Score) -> Iterator[dict[str, Any]]:
    """One input after the other over all its answers from some starting points; then by chance."""
    rng = random.Random(score.id)
    typed = [i for i in score.inputs if i.kind != "text" or i.words]
    inputs = [i for i in typed if not i.error_of and i.id not in ("t2_probability", "extrapolate")]
    tried = {i.id: answers(i, limits(score).get(i.id, [])) for i in inputs}

    def some(known: float) -> dict[str, Any]:
        return {
            i.id: rng.choice(tried[i.id][1:])
            for i in inputs
            if (i.required or rng.random() < known) and tried[i.id][1:]
        }

    for _ in range(3):
        start = some(1.0)
        for input_ in inputs:
            for answer in tried[input_.id]:
                if answer is not None or not input_.required:
                    yield {k: v for k, v in {**start, input_.id: answer}.items() if v is not None}
    for _ in range(CHANCE):
        yield some(rng.choice((0.3, 0.7, 1.0)))


def result_of(score: Score, values: dict[str, Any]) -> dict[str, Any]:
    inputs = {i.id: None for i in score.inputs if not i.required}
    function = function_of(score.id)
    got: Any
    if score.classes and (score.quantities or score.inputs[0].kind == "text"):  # its function says it in other words
        got = classify(score, **values)
    elif score.inputs and score.inputs[0].kind == "text":  # its command reads text, the page grades
        got = evaluate(score, **values)
    elif score.inputs and score.inputs[0].place == "rest":
        got = function(answers=[values.get(i.id) for i in score.inputs])
    elif score.function:
        defaults = {i.id: i.default for i in score.inputs}
        got = function(**{**inputs, **defaults, **values})
    else:
        got = function(**values)
    assert isinstance(got, ScoreResult | Classification), got
    told: dict[str, Any] = json.loads(json.dumps(asdict(got), default=str))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    cases = []
    for id_ in calculator_data()["scores"]:
        score = scores()[id_]
        for values in cases_of(score):
            told = [i for i in score.inputs if i.id in values and values[i.id] != (i.unknown_word or None)]
            known = {name: x for i in told for name, x in columns_of(score, i, values[i.id]).items()}
            cases.append({"score": id_, "known": known, "python": result_of(score, values)})
    out.parent.mkdir(parents=True, exist_ok=True)
    page = calculator_data()
    out.write_text(json.dumps({"page": page, "cases": cases}, default=str), encoding="utf-8")
    print(f"{out}: {len(cases)} cases of {len(page['scores'])} scores")


if __name__ == "__main__":
    main()
