"""``ovcf evidence``: the sources and figures behind every statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App

from ovcf.cli.streams import say_json

if TYPE_CHECKING:
    from ovcf.guidance.evidence import Evidence

app = App(name="evidence", help="The sources and figures behind every statement, each with how it was verified.")


@app.command(name="list")
def list_(text: str = "", *, theme: str | None = None, json: bool = False) -> None:
    """List the entries.

    Try

        ovcf evidence list kyphoplasty

        ovcf evidence list --theme bone_quality

    Args:
        text: Show only entries that hold this text, anywhere.
        theme: Show only one theme.
        json: Print JSON.
    """
    from ovcf.errors import EvidenceError
    from ovcf.guidance.evidence import load_evidence

    entries = list(load_evidence().values())
    themes = sorted({e.theme for e in entries})
    if theme is not None and theme not in themes:
        raise EvidenceError(f"theme {theme!r}", "is not known", f"Choose one of: {', '.join(themes)}.")
    found = [e for e in entries if theme in (None, e.theme) and text.casefold() in _all_text(e)]
    if json:
        say_json(_json(found))
        return
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    table = Table(
        "Id", "Source", "Mark", box=None, title_justify="left", title=f"{len(found)} of {len(entries)} entries"
    )
    for e in found:
        table.add_row(f"[bold]{e.id}", e.citation.replace("[", r"\["), e.mark.value)
    Terminal().print(table)


@app.command
def show(id_: str, /, *, json: bool = False) -> None:
    """Show one entry: source, population, figures, and how each was verified.

    Try

        ovcf evidence show han-2025-outcomes

    Args:
        id_: Id of the entry, as printed by `ovcf evidence list`.
        json: Print JSON.
    """
    from ovcf.guidance.evidence import evidence

    entry = evidence(id_)
    if json:
        say_json(_json(entry))
        return
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    console = Terminal()
    console.print(f"[bold]{entry.id}[/]  {entry.mark.value}", highlight=False)
    console.print(entry.citation + (f". doi {entry.doi}" if entry.doi else ""), highlight=False, markup=False)
    for name, line in (("Where", entry.where), ("On whom", entry.population), ("Note", entry.note)):
        if line:
            console.print(f"{name}: {line}", highlight=False, markup=False)
    if entry.about:
        console.print(f"About: {', '.join(entry.about)}", highlight=False, markup=False)
    if entry.figures:
        table = Table("Figure", "Value", "Mark", box=None)
        for figure in entry.figures:
            table.add_row(figure.name.replace("_", " "), figure.text.replace("[", r"\["), figure.mark.value)
        console.print(table)


def _all_text(entry: Evidence) -> str:
    parts = (
        entry.id,
        entry.citation,
        entry.where,
        entry.population,
        entry.note,
        *(f"{f.name} {f.text}" for f in entry.figures),
    )
    return " ".join(parts).casefold()


def _json(entries: Evidence | list[Evidence]) -> str:
    from pydantic import TypeAdapter

    return TypeAdapter(object).dump_json(entries, indent=2).decode()
