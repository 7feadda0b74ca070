"""Measurements, findings and scores as rows of printed words, the index vertebra before the other levels."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ovcf.measures.registry import of_whole_spine as is_of_whole_spine
from ovcf.report.wording import either, figure_of, interval, of_source, points, quantity, shares, spread, with_spread
from ovcf.scores.result import Status
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.finding import Finding
    from ovcf.measures.measurement import Measurement
    from ovcf.scores.result import ScoreItem, ScoreResult

    Row = dict[str, Any]
    Cite = Callable[[Iterable[str]], list[str]]

_COLUMNS = 6
_WORDS = "Findings"


def of_whole_spine(measurement: Measurement) -> bool:
    """Whether a measurement is of the spine and not of one vertebra: bone quality is a median of several bodies."""
    return not measurement.levels or is_of_whole_spine(measurement.method.id)


def measurement_row(m: Measurement, cite: Cite) -> Row:
    """One measurement: name, definition, value, uncertainty, interval, details, warnings, references."""
    return {
        "name": m.method.name,
        "definition": m.method.definition,
        "value": quantity(m.value, m.unit),
        "spread": spread(m),
        "interval": interval(m),
        "details": ", ".join(_detail(name, value) for name, value in m.details),
        "warnings": list(m.warnings),
        "source": "",
        "refs": cite(m.method.evidence),
    }


def _detail(name: str, value: float) -> str:
    """``("a [mm]", 20.04)`` as ``a 20.0 mm``; a figure without a unit keeps three significant digits."""
    with_unit = re.fullmatch(r"(.*) \[(.*)\]", name)
    if with_unit is None:
        return f"{name} {figure_of(value)}"
    name, code = with_unit.groups()
    if code in set(Unit):
        return f"{name} {quantity(value, Unit(code))}"
    return f"{name} {figure_of(value)} {code.replace('mm2', 'mm²').replace('mm3', 'mm³')}"


def by_source(measurements: Iterable[Measurement], cite: Cite) -> list[Row]:
    """Measurements grouped by the image they were made on and who placed the points."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for m in measurements:
        groups[of_source(m.source)].append(measurement_row(m, cite))
    return [{"source": source, "rows": rows} for source, rows in groups.items()]


def other_levels(measurements: Sequence[Measurement], findings: Sequence[Finding], index: Level | None) -> list[Row]:
    """Compact tables, one row per level, of everything measured on vertebrae other than the index one."""
    cells: dict[str, dict[Level, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for m in measurements:
        level = m.index_level
        if level is not None and level != index and not of_whole_spine(m):
            cells[of_source(m.source)][level].setdefault(m.method.name, with_spread(m))
    for f in findings:
        if f.level is not None and f.level != index:
            cells[f"{_WORDS} on {f.image}" if f.image else _WORDS][f.level].setdefault(_name(f), f.value)
    tables = []
    for source, levels in cells.items():
        names = list(dict.fromkeys(name for row in levels.values() for name in row))
        tables += [_table(source, columns, levels) for columns in _even(names)]
    return tables


def _even(names: list[str]) -> list[list[str]]:
    """Names in as few groups of at most ``_COLUMNS`` as it takes, equally large."""
    groups = math.ceil(len(names) / _COLUMNS)
    ends = [round(i * len(names) / groups) for i in range(groups + 1)]
    return [names[a:b] for a, b in pairwise(ends)]


def _table(source: str, columns: list[str], levels: dict[Level, dict[str, str]]) -> Row:
    ordered = sorted(levels.items(), key=lambda pair: pair[0].rank)
    rows = [
        {"level": level.value, "cells": [row.get(column, "–") for column in columns]}
        for level, row in ordered
        if any(column in row for column in columns)
    ]
    share = max(0.4, (len(columns) + 1) / (_COLUMNS + 1))
    return {
        "source": source,
        "columns": columns,
        "rows": rows,
        "share": share,
        "numbers": not source.startswith(_WORDS),
    }


def _name(f: Finding) -> str:
    return f.name.replace("_", " ")


def finding_row(f: Finding, cite: Cite) -> Row:
    """One finding with the probability of each category and the reasons."""
    return {
        "name": _name(f),
        "value": f.value,
        "probability": shares(f.probability),
        "reasons": [reason for reason in f.reasons if reason],
        "image": f.image,
        "refs": cite(f.evidence),
    }


def score_section(result: ScoreResult, cite: Cite) -> Row:
    """One score: what came out in one line, its items, what is missing, and why."""
    return {
        "name": result.score,
        "version": result.version,
        "outcome": outcome(result),
        "status": result.status.value,
        "complete": result.status is Status.COMPLETE,
        "probability": score_probability(result),
        "items": [_item_row(item) for item in result.items],
        "missing": list(result.missing),
        "reasons": list(result.reasons),
        "advisories": list(result.advisories),
        "refs": cite(result.evidence),
    }


def outcome(result: ScoreResult) -> str:
    """The result in one line, its open conditions first: total and group, or the range still possible; or why not."""
    if result.withheld:
        return "withheld"
    return " ".join(part for part in (result.condition, _number(result)) if part)


def _number(result: ScoreResult) -> str:
    if result.status is Status.COMPLETE:
        total = "" if result.total is None else f"{points(result.total)}{_of_maximum(result)} points"
        return ": ".join(part for part in (total, result.group or "") if part) or result.status.value
    if result.status is Status.INCOMPLETE and result.attainable is not None:
        low, high = (points(end) for end in result.attainable)
        span = f"{low} to {high}" if low != high else low
        groups = f": {either(result.attainable_groups)}" if result.attainable_groups else ""
        return f"incomplete, {span}{_of_maximum(result)} points still possible{groups}"
    groups = f": {either(result.attainable_groups)} still possible" if result.attainable_groups else ""
    return result.status.value + groups


def _of_maximum(result: ScoreResult) -> str:
    """`` of 12``; nothing where an item has no published points."""
    if not result.items or not all(item.possible for item in result.items):
        return ""
    return f" of {points(sum(max(item.possible) for item in result.items))}"


def score_probability(result: ScoreResult) -> str:
    """Probability of each total and group under the measurement uncertainty, where known."""
    totals = shares(tuple((f"{points(total)} points", p) for total, p in result.total_probability))
    groups = shares(result.group_probability)
    return "; ".join(text for text in (totals, f"group {groups}" if groups else "") if text)


def _item_row(item: ScoreItem) -> Row:
    return {
        "name": item.name,
        "finding": item.finding,
        "points": "missing" if item.points is None else points(item.points),
        "missing": item.points is None,
        "possible": " / ".join(points(p) for p in item.possible),
        "note": item.note,
    }
