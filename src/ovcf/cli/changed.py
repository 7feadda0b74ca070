"""What edits changed, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.reading.editing.changes import Change


def print_changes(found: Sequence[Change]) -> None:
    """A table of what was before and after, for people."""
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    def said(value: object) -> str:
        return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)

    table = Table("Level", "What", "Before", "After", "Image")
    for c in found:
        table.add_row(str(c.level or ""), c.what, said(c.before), said(c.after), c.image)
    Terminal().print(table if found else "Nothing changed.")
