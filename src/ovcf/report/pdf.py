"""The report as a tagged A4 PDF (PDF/UA-1), set by typst from the same content as the HTML page."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ovcf.errors import OutputError
from ovcf.language.spoken import tag, tr
from ovcf.render.charts import printed
from ovcf.render.words.wording import created
from ovcf.report.content import content as content_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure

_CJK = "noto_cjk_sans_otc"
"""The package of the extra ``cjk``: letters of Chinese, Japanese and Korean names."""
_WORDS = {
    "page": "{page} of {pages}",
    "impression": "Impression",
    "sign": "Read, corrected where needed and confirmed by",
    "date": "Date",
    "checked": "Checked:",
    "chart": "Chart of the figures beside it",
    "boxes": "Some letters of this report stand as boxes:",
    "no-font": "no font of the computer that made it has them. The page (HTML) of this report shows them.",
}
"""What the template itself says."""


def to_pdf(assessment: Assessment, figures: Sequence[Figure], *, confirmed_by: str = "") -> bytes:
    """The report as PDF; equal input gives equal bytes on one machine.

    The words of the input reach typst as JSON data and are never read as markup. The PDF's own date is the moment of
    the assessment, not of the printing. Where no font at hand has a letter of the input, PDF/UA cannot be claimed:
    the letter is shown as a box, and the first page says so.

    Raises:
        OutputError: a figure is not SVG.
    """
    return pdf_of(content_of(assessment, figures, confirmed_by=confirmed_by), assessment.provenance.created_at)


def pdf_of(content: Mapping[str, Any], created_at: str) -> bytes:
    """The PDF of any report whose content is given as blocks; ``created_at`` is an ISO moment, or empty.

    Raises:
        OutputError: a figure is not SVG.
    """
    from typst import TypstError

    said = _for_print(dict(content)) | {"words": {name: tr(text) for name, text in _WORDS.items()}, "lang": tag()}
    when = created(created_at)
    timestamp = int(when.timestamp()) if when else 0
    try:
        try:
            return _typeset(said | {"missing-letters": False}, timestamp, "ua-1")
        except TypstError as error:
            if "could not be displayed" not in str(error):
                raise
            return _typeset(said | {"missing-letters": True}, timestamp, None)
    except TypstError as error:
        raise OutputError(
            "report.pdf", f"could not be typeset ({error})", "Write the other formats, and report this as a bug."
        ) from None


def _for_print(part: Any) -> Any:
    """The same content with every chart in the colours of paper."""
    if isinstance(part, dict):
        return {
            key: printed(value) if key == "svg" and "w" in part else _for_print(value) for key, value in part.items()
        }
    return [_for_print(value) for value in part] if isinstance(part, list) else part


def _typeset(said: dict[str, Any], timestamp: int, standard: Literal["ua-1"] | None) -> bytes:
    import typst

    here = files("ovcf.report")
    template = here.joinpath("templates", "report.typ").read_bytes()
    with as_file(here.joinpath("fonts")) as fonts:
        return bytes(
            typst.compile(
                template,
                format="pdf",
                pdf_standards=standard,
                sys_inputs={"content": json.dumps(said)},
                timestamp=timestamp,
                font_paths=typst.Fonts(font_paths=[fonts, *_cjk_fonts()]),
            )
        )


def _cjk_fonts() -> list[Path]:
    found = find_spec(_CJK)
    return [Path(found.origin).parent] if found is not None and found.origin else []
