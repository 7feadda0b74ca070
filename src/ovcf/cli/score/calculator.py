"""``ovcf calculator``: every declared score in one page that works offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ovcf.cli.streams import say


def calculator(
    *, out: Path = Path("calculator.html"), open_: Annotated[bool, Parameter(name="--open")] = False
) -> None:
    """Write the calculator: one HTML file that computes every score as you type, offline.

    What is typed stays in the address of the page, after the #, and goes nowhere. The page may be given to others.

    Try

        ovcf calculator --out calculator.html

    Args:
        out: The file; an earlier calculator there is replaced.
        open_: Open it in the browser.
    """
    import webbrowser

    from ovcf.files.result_file import write_file
    from ovcf.report.calculator import calculator_page

    write_file(out, calculator_page().encode(), replace=True)
    say(str(out))
    if open_:
        webbrowser.open(out.resolve().as_uri())
