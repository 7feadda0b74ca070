"""A cohort report as a tagged A4 PDF, set by typst from the same content as the HTML page."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from ovcf.errors import OutputError
from ovcf.language.spoken import tag, tr
from ovcf.render.words.wording import created

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAID = (
    *("research software, not a medical device", "The data", "{n} rows.", "Complete", "Missing values", "Figure"),
    *("Not used, for nothing describes them", "Column", "Missing", "Share", "Values that cannot be, taken as missing"),
    *("Row", "Value", "What is wrong", "Not made, and why", "Section", "What", "Why", "What to do"),
    *("Methods paragraph", "Provenance"),
)
"""What the template itself says."""


def cohort_pdf(content: Mapping[str, Any]) -> bytes:
    """The report as PDF/UA-1; the words of the input reach typst as JSON and are never read as markup.

    Raises:
        OutputError: it cannot be typeset.
    """
    import typst

    when = created(content["created"])
    template = files("ovcf.report").joinpath("templates", "cohort.typ").read_bytes()
    data = {"content": json.dumps({**content, "words": {text: tr(text) for text in _SAID}, "lang": tag()})}
    timestamp = int(when.timestamp()) if when else 0
    try:
        with as_file(files("ovcf.report").joinpath("fonts")) as folder:
            fonts = typst.Fonts(font_paths=[folder])
            try:
                made = typst.compile(
                    template, format="pdf", pdf_standards="ua-1", sys_inputs=data, timestamp=timestamp, font_paths=fonts
                )
            except typst.TypstError as error:
                if "could not be displayed" not in str(error):  # a letter that no font of the machine has
                    raise
                made = typst.compile(template, format="pdf", sys_inputs=data, timestamp=timestamp, font_paths=fonts)
    except typst.TypstError as error:
        raise OutputError(
            "report.pdf", f"could not be typeset ({error})", "Use the other formats, and report this as a bug."
        ) from None
    return bytes(made)
