"""The report as a tagged A4 PDF (PDF/UA-1), set by typst from the same content as the HTML page."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from ovcf.errors import OutputError
from ovcf.report.content import content
from ovcf.report.wording import created

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure


def to_pdf(assessment: Assessment, figures: Sequence[Figure]) -> bytes:
    """The report as PDF; equal input gives equal bytes on one machine.

    The words of the input reach typst as JSON data and are never read as markup. The PDF's own date is the moment of
    the assessment, not of the printing. Where no font of the machine has a letter of the input, PDF/UA cannot be
    claimed and the letter is shown as a box.

    Raises:
        OutputError: a figure is not SVG.
    """
    from typst import TypstError

    data = json.dumps(content(assessment, figures))
    when = created(assessment.provenance.created_at)
    timestamp = int(when.timestamp()) if when else 0
    try:
        try:
            return _typeset(data, timestamp, "ua-1")
        except TypstError as error:
            if "could not be displayed" not in str(error):
                raise
            return _typeset(data, timestamp, None)
    except TypstError as error:
        raise OutputError(
            "report.pdf", f"could not be typeset ({error})", "Write the other formats, and report this as a bug."
        ) from None


def _typeset(data: str, timestamp: int, standard: Literal["ua-1"] | None) -> bytes:
    import typst

    template = files("ovcf.report").joinpath("templates", "report.typ").read_bytes()
    return bytes(
        typst.compile(template, format="pdf", pdf_standards=standard, sys_inputs={"content": data}, timestamp=timestamp)
    )
