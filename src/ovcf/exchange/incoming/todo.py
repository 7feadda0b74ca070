"""What is to be done in the registry, and the rows of the registry that fields of a form stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ovcf.exchange.incoming.said import Values
    from ovcf.exchange.records import Row
    from ovcf.registry.columns import Base


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """A new row of a table, with its id."""

    kind: type[Base]
    values: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Another value for a fact that is there: ``changes`` by field, old and new."""

    kind: type[Base]
    old: Row
    values: Row
    changes: tuple[tuple[str, Any, Any], ...]
    record: str
    row: int


def consent_row(said: Values) -> Row:
    """A consent from the fields of its form."""
    return {"scope": said["consent_scope"], "given": said["consent_given"], "on": said["consent_on"]}


def therapy_row(said: Values) -> Row:
    """A treatment from the fields of its form."""
    return {
        "kind": said["therapy_kind"],
        "started_on": said["therapy_start"],
        "ended_on": said.get("therapy_end"),
        "levels": said.get("therapy_levels") or [],
        "detail": said.get("therapy_detail") or {},
    }


def occurrence_row(said: Values) -> Row:
    """An event from the fields of its form."""
    return {
        "kind": said["event_kind"],
        "on": said["event_on"],
        "level": said.get("event_level"),
        "source": said["event_source"],
    }


def dxa_row(said: Values) -> Row:
    """A T-score from the fields of its form."""
    return {"site": said["dxa_site"], "t_score": said["dxa_t_score"], "measured_on": said.get("dxa_on")}
