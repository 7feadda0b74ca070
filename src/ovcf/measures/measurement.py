"""A number that never travels alone: value, unit, method, citation, image, posture, reader, uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source
from ovcf.units import Unit


@dataclass(frozen=True, slots=True)
class Method:
    """A published way to measure: ``id`` (stable), ``name`` as readers say it, ``evidence`` ids that define it."""

    id: str
    name: str
    definition: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measured quantity.

    ``value`` is unrounded. ``standard_uncertainty`` is one standard deviation of the measurement error in the same
    unit, or None when the error of the inputs is unknown; it is never assumed to be zero. ``details`` holds the
    figures the value was made of (heights, fractions, thresholds), each named with its unit.
    """

    method: Method
    value: float
    unit: Unit
    levels: tuple[Level, ...] = ()
    standard_uncertainty: float | None = None
    source: Source = field(default_factory=Source)
    warnings: tuple[str, ...] = ()
    details: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise MeasurementInputError(
                f"{self.method.name}", "does not come to a finite number", "Check the landmarks or pixels behind it."
            )

    @property
    def index_level(self) -> Level | None:
        """The vertebra that was measured: the middle of three, the first of two or of many."""
        if not self.levels:
            return None
        return self.levels[1] if len(self.levels) == 3 else self.levels[0]

    def interval(self, coverage: float = 0.95) -> tuple[float, float] | None:
        """Symmetric interval that holds the true value with this probability, or None without an uncertainty."""
        if self.standard_uncertainty is None:
            return None
        half = NormalDist().inv_cdf(0.5 + coverage / 2) * self.standard_uncertainty
        return self.value - half, self.value + half

    @property
    def text(self) -> str:
        """Value, standard uncertainty and unit, rounded for reading."""
        digits = 1 if self.unit in (Unit.PERCENT, Unit.DEGREE, Unit.MM, Unit.PIXEL) else 3
        spread = "" if self.standard_uncertainty is None else f" ± {self.standard_uncertainty:.{digits}f}"
        return f"{self.value:.{digits}f}{spread}{self.unit.symbol}"

    def __str__(self) -> str:
        level = "" if self.index_level is None else f"{self.index_level} "
        return f"{level}{self.method.name} {self.text}"
