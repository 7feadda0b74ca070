"""From published margins to a patient-level table that agrees with every one of them.

Papers print counts of single factors, of factors by outcome, of groups. Which patients have which combination is not
printed, and many tables agree with the margins. An integer programme (HiGHS, through scipy) finds one: a count for each
combination of factor values, such that every margin holds exactly. What it gives is a reconstruction: it may be used to
try methods and to check a paper's own arithmetic, never as patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Patient = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Margin:
    """A printed count: how many patients have these values; ``where`` names factors and the values that count.

    ``count`` is exact, or (low, high) both included.
    """

    where: tuple[tuple[str, object], ...]
    count: int | tuple[int, int]

    @classmethod
    def of(cls, count: int | tuple[int, int], /, **where: object) -> Margin:
        """``Margin.of(24, type="burst", union=False)``."""
        return cls(tuple(where.items()), count)

    @property
    def bounds(self) -> tuple[int, int]:
        """Lowest and highest count."""
        return self.count if isinstance(self.count, tuple) else (self.count, self.count)

    def __str__(self) -> str:
        low, high = self.bounds
        what = ", ".join(f"{k} = {v}" for k, v in self.where)
        return f"{what}: {low}" if low == high else say("{what}: {low} to {high}", what=what, low=low, high=high)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Every combination of factor values, each with the values derived from it (a score, its group)."""

    patients: tuple[dict[str, object], ...]

    @classmethod
    def of(
        cls,
        factors: Mapping[str, Sequence[object]],
        derive: Callable[[Patient], Mapping[str, object]] | None = None,
        possible: Callable[[Patient], bool] | None = None,
    ) -> Cells:
        """All combinations of ``factors``; ``derive`` adds what follows from them, ``possible`` leaves out the rest."""
        cells = []
        for values in product(*factors.values()):
            patient = dict(zip(factors, values, strict=True))
            patient.update(derive(patient) if derive else {})
            if possible is None or possible(patient):
                cells.append(patient)
        return cls(tuple(cells))

    def row(self, margin: Margin) -> NDArray[np.float64]:
        """1 for each cell that a margin counts, else 0."""
        for name, _ in margin.where:
            if name not in self.patients[0]:
                raise MeasurementInputError(
                    say("margin {margin}", margin=margin),
                    say("there is no factor {name!r}", name=name),
                    "Check its name.",
                )
        return np.array([float(all(p[k] == v for k, v in margin.where)) for p in self.patients])


def reconstruct(
    cells: Cells, margins: Sequence[Margin], *, cost: NDArray[np.float64] | None = None, seconds: float = 60.0
) -> list[dict[str, object]] | None:
    """One patient per row, agreeing with every margin; None if no such table exists.

    ``cost`` (one number per cell) chooses among the tables that agree: the one of lowest total is found.

    Raises:
        MeasurementInputError: a margin names an unknown factor, or the search ran out of time undecided.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    matrix = csr_array(np.stack([cells.row(m) for m in margins]))
    low, high = (np.array([m.bounds[i] for m in margins], float) for i in (0, 1))
    n = len(cells.patients)
    result = milp(
        np.zeros(n) if cost is None else cost,
        constraints=LinearConstraint(matrix, low, high),
        integrality=np.ones(n),
        bounds=Bounds(0, np.inf),
        options={"time_limit": seconds},
    )
    if result.status == 2:
        return None
    if result.x is None:
        raise MeasurementInputError(
            "reconstruction",
            say("was not decided within {seconds:g} s", seconds=seconds),
            "Allow more time, or give fewer margins.",
        )
    counts = np.round(result.x).astype(int)
    return [dict(p) for p, count in zip(cells.patients, counts, strict=True) for _ in range(count)]


def contradicting(cells: Cells, margins: Sequence[Margin]) -> tuple[Margin, ...]:
    """A smallest-by-deletion set of margins that cannot all hold; empty if they can.

    Each margin of the set is needed for the contradiction: without any one of them a table exists.
    """
    if reconstruct(cells, margins) is not None:
        return ()
    kept = list(margins)
    for margin in list(margins):
        fewer = [m for m in kept if m is not margin]
        if fewer and reconstruct(cells, fewer) is None:
            kept = fewer
    return tuple(kept)
