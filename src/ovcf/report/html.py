"""The report as one HTML page that needs nothing else: styles inline, pictures embedded, no script."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ovcf.report.content import content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure


def to_html(assessment: Assessment, figures: Sequence[Figure]) -> str:
    """The report as HTML; equal input gives equal text. Every word of the input is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ovcf.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A picture inside <img> can neither run a script nor reach the network, whatever its SVG says.
    environment.filters["embedded"] = lambda svg: "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return environment.get_template("report.html.j2").render(content(assessment, figures))
