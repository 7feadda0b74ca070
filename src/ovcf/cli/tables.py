"""Measurements, findings and what was withheld, as tables for a terminal."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import RecencySign, SqGrade, T2Signal, Ungraded
from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.cli.remedies import words
from ovcf.errors import RemedyCode
from ovcf.guidance.statement import Urgency
from ovcf.measures.registry import in_summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.assessment.result import Assessment
    from ovcf.measures.measurement import Measurement
    from ovcf.scores.result import ScoreResult

SUMMARY_FINDINGS = (SqGrade, T2Signal, RecencySign)
"""Kinds of finding that are printed after an assessment, beside the measurements that say so of themselves."""


def value_text(m: Measurement) -> str:
    """A measurement as it is read aloud: value, standard uncertainty and unit, rounded for display."""
    digits = 2 if m.unit.symbol == "" else 1
    spread = "" if m.standard_uncertainty is None else f" ± {m.standard_uncertainty:.{digits}f}"
    return f"{m.value:.{digits}f}{spread}{m.unit.symbol}"


def nothing_seen(assessment: Assessment) -> bool:
    """Whether no vertebra was found on any image, and none is asked about."""
    return not assessment.questions and any(w.name == VERTEBRAL_BODIES for w in assessment.withheld)


def _fact(value: object) -> str:
    return f"{value:g} years" if isinstance(value, float) else str(value)


def print_ledger(ledger: Ledger) -> None:
    """Print everything measured, found and withheld, cranial to caudal."""
    from rich.markup import escape
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    console = Terminal()
    table = Table("Level", "Measurement", "Value", "Note", title="Measurements", title_justify="left")
    for m in ledger.measurements:
        table.add_row(str(m.index_level or ""), m.method.name, value_text(m), escape("; ".join(m.warnings)))
    console.print(table)
    if ledger.findings:
        table = Table("Level", "Finding", "Value", "Why", title="Findings", title_justify="left")
        for f in ledger.findings:
            table.add_row(str(f.level or ""), f.name, f.value, escape("; ".join(f.reasons)))
        console.print(table)
    if ledger.withheld:
        table = Table("Level", "Withheld", "Reason", "What to do", title="Withheld", title_justify="left")
        for w in ledger.withheld:
            table.add_row(str(w.level or ""), escape(w.name), escape(w.reason), escape(words(w.remedy)))
        console.print(table)


def _outcome(score: ScoreResult) -> str:
    """The total and its group, or what is missing, or why there is none."""
    if score.total is not None:
        return f"{score.total:g}" + (f", {score.group}" if score.group else "")
    if score.attainable is not None and score.missing:
        low, high = score.attainable
        return f"incomplete, {low:g} to {high:g} possible; missing: {', '.join(score.missing)}"
    outcome = "withheld" if score.withheld else score.status.value
    return f"{outcome} ({'; '.join(score.reasons)})" if score.reasons else outcome


def print_summary(assessment: Assessment, pictures: Sequence[Path] = ()) -> None:
    """What a reader wants to know first: what is urgent or asked, the scores, the index vertebra, what is missing.

    ``pictures`` are those of the questions, in their order.
    """
    from rich.markup import escape

    from ovcf.cli.terminal import Terminal
    from ovcf.render.seen import Seen
    from ovcf.render.words.wording import spans

    console = Terminal(highlight=False)
    for warning in assessment.warnings:
        console.print(f"[bold red]Check the input[/]: {escape(warning)}")
    if told := assessment.from_header:
        values = ", ".join(_fact(getattr(assessment.case, name)) for name in told)
        console.print(f"[dim]From the image header[/]: {escape(values)}")
    for statement in assessment.guidance:
        if statement.urgency in (Urgency.EMERGENCY, Urgency.URGENT):
            console.print(f"[bold red]{statement.urgency.value.upper()}[/]: {escape(statement.text)}")
    index = assessment.index_level
    for question, picture in zip_longest(assessment.questions, pictures):
        likely = ", ".join(f"{first}-{last} {p:.0%}" for first, last, p in question.likely)
        console.print(
            f"[bold]Which vertebra is which?[/] {len(question.bodies)} bodies on {escape(question.image)}; the levels "
            f"are not sure ({likely}). {escape(words(question.how))}"
        )
        if picture is not None:
            console.print(f"They are numbered in {escape(str(picture))}", soft_wrap=True)
    for w in assessment.withheld:
        if w.remedy.code is RemedyCode.NAME_THE_ROLE and w.name != VERTEBRAL_BODIES:
            console.print(f"[bold]Which series is which?[/] {escape(words(w.remedy))}")
    for score in assessment.scores:
        condition = f"{score.condition} " if score.condition else ""
        console.print(f"[bold]{score.score}[/]: {escape(condition + _outcome(score))}")
    look = [f.level or "" for f in assessment.suggested_fractures if isinstance(f.data, Ungraded)]
    if look:
        console.print(f"[bold]Could not be judged, look here[/]: {', '.join(look)}")
    grades = Seen(assessment).grades
    others = [u.level for u in grades.ungraded if u.level is not None and u.level not in look] if grades else []
    if others and grades is not None:
        excluded = "" if grades.graded else ": a fracture is neither shown nor excluded"
        console.print(f"[bold]Not graded[/]: {spans(list(dict.fromkeys(others)))}{excluded}")
    if mild := spans(Seen(assessment).mild_not_excluded):
        console.print(f"[bold]Mild fracture not excluded by its heights[/]: {mild}")
    unclear = [f.level or "" for f in Seen(assessment).unclear]
    if unclear:
        console.print(f"[bold]Marrow signal not clear, look here[/]: {', '.join(unclear)}")
    levels = ", ".join(f.level or "" for f in Seen(assessment).looks_fractured)
    if index is None and levels:
        console.print(f"[bold]Look fractured[/], most conspicuous first: {levels}. Choose one with --fracture.")
    summary = [one.id for one in in_summary()]
    for m in assessment.measurements:
        if index is not None and m.index_level == index and m.method.id in summary:
            console.print(f"{index} {m.method.name}: {value_text(m)}  [dim]{escape(m.source.image)}[/]")
    for f in assessment.findings:
        if index is not None and f.level == index and isinstance(f.data, SUMMARY_FINDINGS):
            console.print(f"{index} {f.name.replace('_', ' ')}: {f.value}  [dim]{escape(f.image)}[/]")
    for w in assessment.withheld:
        if w.name == VERTEBRAL_BODIES and nothing_seen(assessment):
            console.print(f"[bold]No vertebral bodies[/]: {escape(w.reason)}. {escape(words(w.remedy))}")
    if assessment.withheld:
        console.print(f"Not measured: {len(assessment.withheld)}. The report lists each, why, and what to do.")
    console.print("[dim]Research software, not a medical device. A draft until a reader confirms it.[/]")
