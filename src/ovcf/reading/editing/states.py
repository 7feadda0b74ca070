"""What a reader says a vertebra is, or that it cannot be told: of the two, what was said last holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.clinical.read_case import with_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.reading.editing.edits import Value

STATE_FIELDS = {
    "recent fracture": "other_fractures",
    "old fracture": "old_fractures",
    "cemented": "cemented_levels",
    "instrumented": "instrumented_levels",
    "focal lesion": "focal_lesions",
}
"""Where the clinical case keeps each state; one that is not here is kept nowhere."""
_WHETHER_FRACTURED = ("recent fracture", "old fracture", "none of these")
"""States that answer whether a vertebra is fractured; cement, implants and lesions stay where that cannot be told."""


def no_longer_undecided(overruled: dict[tuple[str, str], Value], same: Iterable[str]) -> None:
    """A reader has said what a vertebra is: that it cannot be told no longer holds, on any image."""
    for vertebra in same:
        if overruled.get((vertebra, "sq_grade"), 0) is None:
            del overruled[vertebra, "sq_grade"]


def no_longer_told(states: dict[str, str], same: Iterable[str]) -> None:
    """A reader cannot tell whether a vertebra is fractured: what was said of that before no longer holds."""
    for vertebra in same:
        if states.get(vertebra) in _WHETHER_FRACTURED:
            del states[vertebra]


def with_states(case: ClinicalCase, states: Mapping[str, str], named: Mapping[str, Level]) -> ClinicalCase:
    """The case with what a reader says of vertebrae, by their names."""
    for vertebra, state in sorted(states.items()):
        level = named.get(vertebra)
        if level is None:
            continue
        for said, name in STATE_FIELDS.items():
            levels = {at for at in getattr(case, name) if at != level} | ({level} if said == state else set())
            case = with_fact(case, name, sorted(levels, key=lambda at: at.rank))
    return case
