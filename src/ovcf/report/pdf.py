"""The report as a tagged A4 PDF (PDF/UA-1), set by typst from the same content as the HTML page."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from ovcf.report.content import content
from ovcf.report.wording import created

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure


def to_pdf(assessment: Assessment, figures: Sequence[Figure]) -> bytes:
    """The report as PDF; equal input gives equal bytes on one machine.

    The words of the input reach typst as JSON data and are never read as markup. The PDF's own date is the moment of
    the assessment, not of the printing.
    """
    import typst

    when = created(assessment.provenance.created_at)
    template = files("ovcf.report").joinpath("templates", "report.typ").read_bytes()
    return bytes(
        typst.compile(
            template,
            format="pdf",
            pdf_standards=["ua-1"],
            sys_inputs={"content": json.dumps(content(assessment, figures))},
            timestamp=int(when.timestamp()) if when else 0,
        )
    )
