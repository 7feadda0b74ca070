"""What is to be done in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
