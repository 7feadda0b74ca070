"""A cohort report as one HTML page that needs nothing else: styles inline, figures embedded, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.language.spoken import tag, tr
from ovcf.report.html import templates

if TYPE_CHECKING:
    from collections.abc import Mapping


def cohort_html(content: Mapping[str, Any]) -> str:
    """The report as HTML; every word of the input is escaped."""
    return templates().get_template("cohort.html.j2").render(content, words=tr, lang=tag())
