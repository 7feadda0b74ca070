"""Vertebral levels and their neighbours, with the common numbering variants. No images, no files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ovcf.errors import LevelError
from ovcf.language.worded import say


class Level(StrEnum):
    """A vertebra by its anatomical name, ordered cranial to caudal by :attr:`rank`."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    C7 = "C7"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    S1 = "S1"

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read a level as people write it: ``T12``, ``th12``, ``D12``, ``TH 12``, ``l-1``."""
        name = re.sub(r"[\s_-]", "", text).upper().replace("TH", "T").replace("D", "T")
        try:
            return cls(name)
        except ValueError:
            raise LevelError(
                f"level {text!r}", "is not a vertebral level", "Write it like T12, L1 or S1 (C1-C7, T1-T13, L1-L6, S1)."
            ) from None

    @property
    def rank(self) -> int:
        """Position from C1 = 0 downwards, counting T13 and L6 (so it orders, but does not count neighbours)."""
        return _RANK[self]

    @property
    def region(self) -> str:
        """``cervical``, ``thoracic``, ``lumbar`` or ``sacral``."""
        return {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}[self.value[0]]


_RANK = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True)
class VertebralColumn:
    """The vertebrae this person has, cranial to caudal.

    Most people have 12 thoracic and 5 lumbar vertebrae; 11-13 and 4-6 occur, and decide who is whose neighbour.
    """

    thoracic: int = 12
    lumbar: int = 5

    def __post_init__(self) -> None:
        if self.thoracic not in (11, 12, 13) or self.lumbar not in (4, 5, 6):
            raise LevelError(
                "vertebral column",
                f"{self.thoracic} thoracic and {self.lumbar} lumbar vertebrae are not a known variant",
                "Give 11-13 thoracic and 4-6 lumbar vertebrae.",
            )

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Every vertebra of this column, cranial to caudal."""
        return tuple(
            level
            for level in Level
            if not (level.region == "thoracic" and int(level[1:]) > self.thoracic)
            and not (level.region == "lumbar" and int(level[1:]) > self.lumbar)
        )

    def _neighbour(self, level: Level, step: int) -> Level | None:
        if level not in self.levels:
            variant = f"{level.region} = {level[1:]}"
            raise LevelError(level, f"is not part of a column of {self}", f"State the variant: {variant}.")
        index = self.levels.index(level) + step
        return self.levels[index] if 0 <= index < len(self.levels) else None

    def above(self, level: Level) -> Level | None:
        """The cranial neighbour, or None above C1."""
        return self._neighbour(level, -1)

    def below(self, level: Level) -> Level | None:
        """The caudal neighbour, or None below S1."""
        return self._neighbour(level, +1)

    def adjacent(self, first: Level, second: Level) -> bool:
        """Whether two vertebrae touch across one disc."""
        return second in (self.above(first), self.below(first))

    def __str__(self) -> str:
        return say("{thoracic} thoracic and {lumbar} lumbar vertebrae", thoracic=self.thoracic, lumbar=self.lumbar)


STANDARD_COLUMN = VertebralColumn()
