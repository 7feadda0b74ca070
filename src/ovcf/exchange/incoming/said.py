"""What a table says, line by line, whatever its layout; and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ovcf.exchange.redcap.field import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.registry.words import Window

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A value or line that cannot be taken. ``row`` counts as a spreadsheet does: the heading is row 1."""

    row: int
    record: str
    column: str
    value: str
    fault: Fault
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Problems of one column that have value and reason in common."""

    column: str
    value: str
    fault: Fault
    remedy: str
    rows: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class Said:
    """A line. ``window`` is None for the line of the fracture; ``further`` numbers visits beside the planned ones.

    ``form`` and ``instance`` are set for one of several of a kind. ``values`` are by form and field.
    """

    row: int
    record: str
    arm: int = 1
    window: Window | None = None
    further: int = 0
    form: str = ""
    instance: int = 0
    values: dict[str, Values] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    """The heading that each field came from."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What must not be there twice in a table."""
        return self.record, self.arm, self.window, self.further, self.form, self.instance


@dataclass(slots=True)
class Reading:
    """All that was read of a table. ``not_used`` are headings without a meaning here; ``notes`` what else to say."""

    lines: list[Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_used: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0


def grouped(problems: Iterable[Problem]) -> list[Group]:
    """Problems that are the same in many rows, once each; most rows first."""
    rows: dict[tuple[str, str, Fault, str], list[int]] = defaultdict(list)
    for p in problems:
        rows[p.column, p.value, p.fault, p.remedy].append(p.row)
    groups = [
        Group(column=column, value=value, fault=fault, remedy=remedy, rows=tuple(sorted(set(found))))
        for (column, value, fault, remedy), found in rows.items()
    ]
    return sorted(groups, key=lambda g: (-len(g.rows), g.rows[0], g.column))


def ranges(rows: Sequence[int]) -> str:
    """Rows as people write them: ``2-5, 9``."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)
