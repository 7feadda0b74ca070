"""What DICOM PS3.15 says of each attribute (Table E.1-1, edition 2026c), and what we hold to be free of persons.

The table comes from dicom-anonymizer. Its own walk is not used: it looks at the top level only, so that names and UIDs
inside sequences stay; it sets dates to the year 1, and marks nothing.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from importlib.util import find_spec

from ovcf.errors import MissingExtraError

_EDITION = "dicomfields_2026c"


class Do(Enum):
    """What becomes of an attribute."""

    KEEP = "keep"
    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    """Something that tells nothing, where an empty value is not allowed."""
    INSIDE = "inside"
    """A sequence whose items are gone through."""


_CODES = {
    "delete": Do.REMOVE,
    "empty": Do.EMPTY,
    "delete_or_empty": Do.EMPTY,
    "replace": Do.DUMMY,
    "empty_or_replace": Do.DUMMY,
    "delete_or_replace": Do.DUMMY,
    "delete_or_empty_or_replace": Do.DUMMY,
    "delete_or_empty_or_replace_UID": Do.INSIDE,
    "replace_UID": Do.KEEP,
}
"""The codes X, Z, X/Z, D, Z/D, X/D, X/Z/D, X/Z/U*, U of the table. UIDs are replaced wherever they stand."""
FREE_TEXT = frozenset({"LT", "ST", "UT", "UC", "UR", "PN", "UN"})
"""Value representations in which anything may stand: outside of the table they go, too."""
DUMMY_TEXT = "REMOVED"


def rule(tag: int, vr: str) -> Do:
    """What becomes of a public attribute.

    Raises:
        MissingExtraError: dicom-anonymizer is not installed.
    """
    found = _table().get(tag)
    if found is None:
        return Do.INSIDE if vr == "SQ" else Do.REMOVE if vr in FREE_TEXT else Do.KEEP
    if vr == "SQ" and found is Do.DUMMY:
        return Do.REMOVE  # such sequences name people, institutions or steps of work; no image needs them
    return found


@cache
def _table() -> dict[int, Do]:
    if find_spec("dicomanonymizer") is None:
        raise MissingExtraError(
            "de-identification", "needs the extra `dicom`", 'Run pip install ".[dicom]" in the folder of the source.'
        )
    from dicomanonymizer.simpledicomanonymizer import initialize_actions

    actions = initialize_actions(_EDITION)
    # Entries of four numbers are ranges of groups (curves, overlays), which go as a whole.
    return {tag[0] << 16 | tag[1]: _CODES[action.__name__] for tag, action in actions.items() if len(tag) == 2}
