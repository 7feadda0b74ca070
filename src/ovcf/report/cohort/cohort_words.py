"""A cohort report in the language that is spoken: its titles, captions, headings, words of rows and remarks.

What a table was given as names and categories, and references, stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.language.spoken import ENGLISH, language, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT = frozenset(
    {
        *("id", "svg", "references", "methods_references", "software", "command", "created", "inputs"),
        *("complete", "undescribed", "missing", "row", "column", "value"),
    }
)


def in_words(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same report; what has no word in the language is left in English."""
    return dict(content) if language() == ENGLISH else {name: _said(name, part) for name, part in content.items()}


def _said(name: str, part: Any) -> Any:
    if name in _KEPT:
        return part
    if name == "rows":
        return [_row(row) for row in part]
    if isinstance(part, str):
        return tr(part)
    if isinstance(part, dict):
        return {key: _said(key, value) for key, value in part.items()}
    return [_said("", one) for one in part] if isinstance(part, list) else part


def _row(cells: Sequence[str]) -> list[str]:
    return [tr(cell) for cell in cells]
