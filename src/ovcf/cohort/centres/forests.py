"""Forests of several figures over the same centres, in two columns and on as many pages as they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import PlottedResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.centres.pooling import PooledCentres


@dataclass(frozen=True, slots=True, kw_only=True)
class Forests(PlottedResult):
    """Forests of some figures over the same centres."""

    figures: tuple[PooledCentres, ...]

    def plot(self, ax: Any = None) -> Any:
        """In two columns; ``ax`` takes the first alone."""
        return self.figures[0].plot(ax) if ax is not None else drawn(self.figures)


_PAGE = 9.2
"""Inches of a page that a figure may take: what is higher would be made smaller, and its letters with it."""
_LINE = 0.19
"""Inches of a centre in a forest."""


def _height(figures: Sequence[PooledCentres]) -> float:
    return _LINE * (max(len(f.centres) for f in figures) + 4)


def pages(figures: Sequence[PooledCentres]) -> list[tuple[PooledCentres, ...]]:
    """Two forests beside one another, and as many rows of them as a page holds."""
    each = 2 * max(1, int(_PAGE / _height(figures)))
    return [tuple(figures[i : i + each]) for i in range(0, len(figures), each)]


def drawn(figures: Sequence[PooledCentres]) -> Any:
    """Forests in two columns; the first one's axes."""
    rows = -(-len(figures) // 2)
    size = (7.6, _height(figures) * rows)
    figure = optional_import("matplotlib.figure").Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, 2, squeeze=False)
    for place in grid.ravel()[len(figures) :]:
        place.remove()
    for one, place in zip(figures, grid.ravel(), strict=False):
        place.spines[["top", "right"]].set_visible(False)
        one.plot(place)
        place.tick_params(labelsize=7.5)
    return grid[0, 0]


def within_sentence(figure: str) -> str:
    """Within a sentence; AUC stays as it is."""
    return figure if figure.isupper() else figure[0].lower() + figure[1:]
