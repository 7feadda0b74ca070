"""Measurements, findings and what was withheld, as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.finding import RecencySign, SqGrade, T2Signal, Ungraded
from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.guidance.statement import Urgency
from ovcf.measures.registry import in_summary

if TYPE_CHECKING:
    from ovcf.assessment.ledger import Ledger
    from ovcf.assessment.result import Assessment
    from ovcf.measures.measurement import Measurement

SUMMARY_FINDINGS = (SqGrade, T2Signal, RecencySign)
"""Kinds of finding that are printed after an assessment, beside the measurements that say so of themselves."""


def value_text(m: Measurement) -> str:
    """A measurement as it is read aloud: value, standard uncertainty and unit, rounded for display."""
    digits = 2 if m.unit.symbol == "" else 1
    spread = "" if m.standard_uncertainty is None else f" ± {m.standard_uncertainty:.{digits}f}"
    return f"{m.value:.{digits}f}{spread}{m.unit.symbol}"


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
            table.add_row(str(w.level or ""), escape(w.name), escape(w.reason), escape(w.remedy))
        console.print(table)


def print_summary(assessment: Assessment) -> None:
    """What a reader wants to know first: what is urgent, the scores, the index vertebra, what is missing."""
    from rich.markup import escape

    from ovcf.cli.terminal import Terminal

    console = Terminal(highlight=False)
    for warning in assessment.warnings:
        console.print(f"[bold red]Check the input[/]: {escape(warning)}")
    for statement in assessment.guidance:
        if statement.urgency in (Urgency.EMERGENCY, Urgency.URGENT):
            console.print(f"[bold red]{statement.urgency.value.upper()}[/]: {escape(statement.text)}")
    for score in assessment.scores:
        outcome = "withheld" if score.withheld else score.status.value
        if score.total is not None:
            outcome = f"{score.total:g}" + (f", {score.group}" if score.group else "")
        elif score.attainable is not None and score.missing:
            outcome += f" ({score.attainable[0]:g} to {score.attainable[1]:g}; missing {', '.join(score.missing)})"
        elif score.reasons:
            outcome += f" ({'; '.join(score.reasons)})"
        condition = f"{score.condition} " if score.condition else ""
        console.print(f"[bold]{score.score}[/]: {escape(condition + outcome)}")
    index = assessment.index_level
    for question in assessment.questions:
        likely = ", ".join(f"{first}-{last} {p:.0%}" for first, last, p in question.likely)
        console.print(
            f"[bold]Which vertebra is which?[/] {len(question.bodies)} bodies on {escape(question.image)}, numbered in "
            f"the report; the levels are not sure ({likely}). {escape(question.how)}"
        )
    look = [f.level or "" for f in assessment.suggested_fractures if isinstance(f.data, Ungraded)]
    if look:
        console.print(f"[bold]Could not be judged, look here[/]: {', '.join(look)}")
    levels = ", ".join(f.level or "" for f in assessment.suggested_fractures if not isinstance(f.data, Ungraded))
    if index is None and levels:
        console.print(f"[bold]Look fractured[/], most conspicuous first: {levels}. Choose one with --fracture.")
    summary = [one.id for one in in_summary()]
    for m in assessment.measurements:
        if index is not None and m.index_level == index and m.method.id in summary:
            console.print(f"{index} {m.method.name}: {value_text(m)}  [dim]{escape(m.source.image)}[/]")
    for f in assessment.findings:
        if index is not None and f.level == index and isinstance(f.data, SUMMARY_FINDINGS):
            console.print(f"{index} {f.name}: {f.value}  [dim]{escape(f.image)}[/]")
    for w in assessment.withheld:
        if w.name == VERTEBRAL_BODIES and not assessment.questions:
            console.print(f"[bold]No vertebral bodies[/]: {escape(w.reason)}. {escape(w.remedy)}")
    if assessment.withheld:
        console.print(f"{len(assessment.withheld)} withheld; the report lists each with what to do")
    console.print("[dim]Research software, not a medical device. A draft until a reader confirms it.[/]")
