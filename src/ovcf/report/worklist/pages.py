"""The worklist as a page that needs nothing else, as PDF, and as CSV, from the same content."""

from __future__ import annotations

import base64
import csv
import io
import json
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from ovcf.errors import OutputError
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def worklist_html(said: Mapping[str, Any]) -> str:
    """One HTML page; every word of the input is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ovcf.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["jpeg"] = lambda content: "data:image/jpeg;base64," + base64.b64encode(content).decode()
    return environment.get_template("worklist.html.j2").render(said)


def worklist_pdf(said: Mapping[str, Any]) -> bytes:
    """A tagged PDF for print; words reach typst as JSON and are never read as markup.

    Raises:
        OutputError: it cannot be typeset.
    """
    import typst

    here = files("ovcf.report")
    template = here.joinpath("templates", "worklist.typ").read_bytes()
    with as_file(here.joinpath("fonts")) as fonts:
        given: dict[str, Any] = {
            "sys_inputs": {"content": json.dumps(_printed(said))},
            "timestamp": 0,
            "font_paths": typst.Fonts(font_paths=[fonts]),
        }
        try:
            try:
                return bytes(typst.compile(template, format="pdf", pdf_standards="ua-1", **given))
            except typst.TypstError as error:
                if "could not be displayed" not in str(error):  # a letter that no font at hand has
                    raise
                return bytes(typst.compile(template, format="pdf", **given))
        except typst.TypstError as error:
            raise OutputError(
                "worklist.pdf", f"could not be typeset ({error})", "Use the other formats, and report this as a bug."
            ) from None


def worklist_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """CSV for a spreadsheet: no text begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _printed(part: Any) -> Any:
    """The same content with its pictures as SVG, which is what the typesetter takes as text."""
    if isinstance(part, dict):
        return {key: _printed(value) for key, value in part.items()}
    if isinstance(part, bytes):
        return _as_svg(part)
    return [_printed(value) for value in part] if isinstance(part, list) else part


def _as_svg(jpeg: bytes) -> str:
    if not jpeg:
        return ""
    from PIL import Image

    width, height = Image.open(io.BytesIO(jpeg)).size
    link = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
        f'height="{height}"><image width="{width}" height="{height}" xlink:href="{link}"/></svg>'
    )
