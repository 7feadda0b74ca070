"""How probable each reading of an outline is, when what was measured lies near a limit.

The signs of one body are taken as independent and normal about what was measured. Nothing here decides; the rule on
the measured values does (:mod:`ovcf.assessment.by_outline`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.scores.of import of_class

if TYPE_CHECKING:
    from collections.abc import Iterator

Shares = tuple[tuple[str, float], ...]
_SIDES = {(True, True): "both", (True, False): "superior", (False, True): "inferior", (False, False): "none"}


def at_least(value: float, limit: float, sd: float) -> float:
    """Probability that the true value reaches the limit; certain where the error is 0."""
    return 1 - NormalDist(value, sd).cdf(limit) if sd > 0 else float(value >= limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Probability of each sign of one body. An endplate is None where it cannot be told, ``edema`` where not seen."""

    superior: float | None
    inferior: float | None
    wall: float
    collapse: float
    edema: float | None

    @property
    def endplates(self) -> Shares:
        """Which endplates have given way."""
        if self.superior is None or self.inferior is None:
            return ()
        return tuple(
            (name, _p(self.superior, superior) * _p(self.inferior, inferior))
            for (superior, inferior), name in _SIDES.items()
        )

    @property
    def posterior_wall(self) -> Shares:
        """Whether the posterior wall is involved."""
        return (("involved", self.wall), ("not or hardly involved", 1 - self.wall))

    @property
    def of(self) -> Shares:
        """The OF class, as far as the bodies show it; classes left open by what is not known are named together."""
        total: dict[str, float] = {}
        for share, superior, inferior, wall, collapse, edema in self._combinations():
            found = of_class(
                tension_band_injury=False, translation_or_rotation=False, distraction=False,
                superior_endplate=superior, inferior_endplate=inferior, pincer_or_collapse=collapse,
                posterior_wall_fraction=float(bool(wall)), edema=edema,
            )  # fmt: skip
            name = found.label or "one of " + ", ".join(found.possible)
            total[name] = total.get(name, 0.0) + share
        return tuple((name, share) for name, share in sorted(total.items()) if share > 0)

    def _combinations(self) -> Iterator[tuple[float, bool | None, bool | None, bool | None, bool | None, bool | None]]:
        signs = (self.superior, self.inferior, self.wall, self.collapse, self.edema)
        options = [[(None, 1.0)] if p is None else [(True, p), (False, 1 - p)] for p in signs]
        for answers in product(*options):
            share = 1.0
            for _, p in answers:
                share *= p
            superior, inferior, wall, collapse, edema = (answer for answer, _ in answers)
            yield share, superior, inferior, wall, collapse, edema


def _p(probability: float, present: bool) -> float:
    return probability if present else 1 - probability
