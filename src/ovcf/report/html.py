"""The report as one HTML page that needs nothing else: styles inline, pictures embedded, no script."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from ovcf.language.spoken import tag, tr
from ovcf.render.charts import DARK, LIGHT
from ovcf.report.content import content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure


def to_html(assessment: Assessment, figures: Sequence[Figure], *, confirmed_by: str = "") -> str:
    """The report as HTML; equal input gives equal text. Every word of the input is escaped."""
    return page_of(content(assessment, figures, confirmed_by=confirmed_by))


def page_of(said: Mapping[str, Any]) -> str:
    """The page of any report whose content is given as blocks."""
    from markupsafe import Markup

    environment = templates()
    # Charts are made of our own figures and escaped words; they must stand in the page to take its colours.
    environment.filters["drawing"] = lambda svg: Markup(svg)  # noqa: S704
    environment.filters["css"] = _in_css_string
    palette = {"light": _palette(LIGHT), "dark": _palette(DARK)}
    page = environment.get_template("report.html.j2")
    return page.render({"lang": tag()} | dict(said), palette=palette, page_words=Markup(_page_words()))  # noqa: S704


def templates() -> Environment:
    """The templates of all reports; every word put into them is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("ovcf.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["tr"] = tr
    # A picture inside <img> can neither run a script nor reach the network, whatever its SVG says.
    found.filters["embedded"] = lambda svg: "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return found


def _palette(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def _page_words() -> str:
    """``1 of 5`` as a style sheet makes it."""
    before, between, behind = re.split(r"\{pages?\}", tr("{page} of {pages}"))
    parts = (f'"{_in_css_string(before)}"', "counter(page)", f'"{_in_css_string(between)}"', "counter(pages)")
    return " ".join((*parts, f'"{_in_css_string(behind)}"'))


def _in_css_string(text: str) -> str:
    """Words for a quoted string within a style sheet: anything but plain letters as its code point."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " .,:") else f"\\{ord(c):x} " for c in text)
