"""Which field of a form is which column of the registry: one table for each form, read in both directions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each field of a form; ``empty`` makes what a column holds where its field says nothing."""

    of: Mapping[str, str]
    empty: Mapping[str, Callable[[], Any]] = field(default_factory=dict)

    def values(self, row: Mapping[str, Any]) -> Values:
        """A row of the registry as the fields of the form."""
        return {name: row[column] for name, column in self.of.items()}

    def row(self, said: Mapping[str, Any]) -> Values:
        """The row that the fields of a form stand for, whole."""
        found: Values = {column: said.get(name) for name, column in self.of.items()}
        return found | {column: make() for column, make in self.empty.items() if not found[column]}

    def given(self, said: Mapping[str, Any]) -> Values:
        """The columns of the fields that are said, and no others."""
        return {column: said[name] for name, column in self.of.items() if name in said}


CONSENT = Columns({"consent_scope": "scope", "consent_given": "given", "consent_on": "on"})
THERAPY = Columns(
    {
        "therapy_kind": "kind",
        "therapy_start": "started_on",
        "therapy_end": "ended_on",
        "therapy_levels": "levels",
        "therapy_detail": "detail",
    },
    empty={"levels": list, "detail": dict},
)
OCCURRENCE = Columns({"event_kind": "kind", "event_on": "on", "event_level": "level", "event_source": "source"})
VISIT = Columns(
    {"visit_window": "window", "visit_status": "status", "visit_planned": "planned_on", "visit_date": "held_on"}
)
DXA = Columns({"dxa_site": "site", "dxa_t_score": "t_score", "dxa_on": "measured_on"})
MEASUREMENT = Columns(
    {
        "meas_method": "method",
        "meas_level": "level",
        "meas_value": "value",
        "meas_unit": "unit",
        "meas_sd": "standard_uncertainty",
        "meas_modality": "modality",
        "meas_posture": "posture",
    }
)
SCORE = Columns(
    {
        "score_name": "score",
        "score_version": "version",
        "score_status": "status",
        "score_total": "total",
        "score_lowest": "lowest",
        "score_highest": "highest",
        "score_group": "group",
    }
)
