"""Printing the results of ``ovcf score``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.cli.streams import say, say_json
from ovcf.scores.result import ScoreResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.scores.declare import Score

_NOTICE = "Research software, not a medical device."


def table(header: Iterable[str], rows: Iterable[Iterable[str]], title: str | None = None) -> None:
    """Print a table as wide as the terminal."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    names = tuple(header)
    printed = Table(*names, title=title, title_justify="left", box=box.SIMPLE_HEAD, show_header=any(names))
    for row in rows:
        printed.add_row(*map(escape, row))
    Terminal(highlight=False).print(printed)


def show(result: Any, json: bool, score: Score) -> None:
    """Print a result as JSON, as the table of a score, or as its named fields.

    First what goes before it and for whom alone it holds; last on whom it was derived, and what it is not for.
    """
    if not json:
        for alert in getattr(result, "alerts", ()):
            say(f"FIRST: {alert}")
        if score.holds_for:
            say(f"Only for {score.holds_for}.")
    if json:
        from pydantic import TypeAdapter

        say_json(TypeAdapter(type(result)).dump_json(result, indent=2).decode())
    elif isinstance(result, ScoreResult):
        _show_score(result)
    else:
        from dataclasses import fields

        values = ((f.name.replace("_", " "), getattr(result, f.name)) for f in fields(result) if f.name != "alerts")
        table(("", ""), ((name, text) for name, value in values if (text := said(value))))
    if not json:
        from ovcf.guidance.outcomes import happened

        for line in happened(score, getattr(result, "group", None)):
            say(line)
        say(f"Derived on, or meant for: {score.population}.")
        say(f"Not for: {score.not_for}.")
        say(_NOTICE)


def said(value: object) -> str:
    """A field as a reader would say it; empty where there is nothing to say."""
    if isinstance(value, tuple):
        parts = [said(v) for v in value]
        return ("\n" if any(part.endswith(".") for part in parts) else ", ").join(parts)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _show_score(result: ScoreResult) -> None:
    rows = ((i.name, i.finding, _points(i.points), _possible(i.possible), i.note) for i in result.items)
    table(("Item", "Finding", "Points", "Possible", "Note"), rows, title=f"{result.score} ({result.version})")
    for line in _summary(result):
        say(line)


def _points(points: float | None) -> str:
    return "?" if points is None else f"{points:g}"


def _possible(points: tuple[float, ...]) -> str:
    return ", ".join(map(_points, points)) if len(points) <= 3 else f"{points[0]:g} to {points[-1]:g}"


def _summary(result: ScoreResult) -> Iterable[str]:
    if result.total is not None:
        yield f"Total {result.total:.4g}{f': {result.group}' if result.group else ''}."
    else:
        yield f"{result.status.value.capitalize()}: no total."
    if result.attainable and result.attainable[0] < result.attainable[1]:
        low, high = result.attainable
        groups = f" ({', '.join(result.attainable_groups)})" if result.attainable_groups else ""
        yield f"Attainable: {low:g} to {high:g}{groups}."
    if result.missing:
        yield f"Missing: {', '.join(result.missing)}."
    for name, pairs in (("total", result.total_probability), ("group", result.group_probability)):
        if pairs:
            shares = ", ".join(
                f"{key if isinstance(key, str) else _points(key)} {100 * p:.1f}%" for key, p in pairs if p >= 5e-4
            )
            yield f"Probability of each {name} under the measurement error: {shares}."
    yield from (f"Why: {reason}." for reason in result.reasons)
    yield from (f"Note: {advisory}" for advisory in result.advisories)
    yield f"Evidence: {', '.join(result.evidence)}."
