"""How probable each reading of an outline is, when what was measured lies near a limit.

The signs of one body are taken as independent and normal about what was measured. Nothing here decides; the rule on
the measured values does (:mod:`ovcf.assessment.measured.by_outline`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.scores.classification.of import of_class
from ovcf.vocabulary import OfClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.assessment.findings.kinds import Sides
    from ovcf.scores.result import Classification

_SIDES: dict[tuple[bool, bool], Sides] = {
    (True, True): "both",
    (True, False): "superior",
    (False, True): "inferior",
    (False, False): "none",
}


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
    def endplates(self) -> tuple[tuple[Sides, float], ...]:
        """Which endplates have given way."""
        if self.superior is None or self.inferior is None:
            return ()
        return tuple(
            (name, _p(self.superior, superior) * _p(self.inferior, inferior))
            for (superior, inferior), name in _SIDES.items()
        )

    @property
    def of(self) -> tuple[tuple[tuple[OfClass, ...], float], ...]:
        """The OF class, as far as the bodies show it; classes left open by what is not known stand together."""
        total: dict[tuple[OfClass, ...], float] = {}
        for share, signs in self._combinations():
            found = of_signs(*signs)
            classes = tuple(OfClass(name) for name in ((found.label,) if found.label else found.possible))
            total[classes] = total.get(classes, 0.0) + share
        return tuple((classes, share) for classes, share in sorted(total.items()) if share > 0)

    def _combinations(self) -> Iterator[tuple[float, tuple[bool | None, ...]]]:
        """Every answer that the signs may have, with its probability."""
        signs = (self.superior, self.inferior, self.wall, self.collapse, self.edema)
        options = [[(None, 1.0)] if p is None else [(True, p), (False, 1 - p)] for p in signs]
        for answers in product(*options):
            yield math.prod(p for _, p in answers), tuple(answer for answer, _ in answers)


@cache
def of_signs(
    superior: bool | None, inferior: bool | None, wall: bool | None, collapse: bool | None, edema: bool | None
) -> Classification:
    """The OF class of the signs that a body shows; tension band, translation and distraction are taken to be sound.

    ``wall`` says below or above a fifth: the share itself is not measured.
    """
    return of_class(
        tension_band_injury=False,
        translation_or_rotation=False,
        distraction=False,
        superior_endplate=superior,
        inferior_endplate=inferior,
        pincer_or_collapse=collapse,
        posterior_wall_fraction=float(bool(wall)),
        edema=edema,
    )


def _p(probability: float, present: bool) -> float:
    return probability if present else 1 - probability
