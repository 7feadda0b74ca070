"""What a fracture does inside its body: edema, T2 signal, cleft, cement, with the wanted extent met exactly.

A place in a body is (s, t, u): depth from the anterior wall and height from the superior endplate, each -0.5 to 0.5 of
the body, and lateral distance from its mid-plane over its half width. Every lesion is a smooth score of the place;
its extent is set by a threshold on the score over the voxels of the truth, so a wanted share is met to the voxel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.body.tissue import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.recipe import FractureRecipe

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: Share of the mid-sagittal area that each T2 pattern takes (chosen: well inside the definition, which cuts at 10 and
#: 50 %).
_T2_SHARE = {"confined": (0.18, 0.40), "diffuse": (0.58, 0.85)}


class Waves:
    """A smooth random function of the place, mean 0 and SD about 1, that costs a few sines."""

    def __init__(self, rng: np.random.Generator, n: int = 9, frequency: float = 1.3) -> None:
        self.k = 2 * np.pi * frequency * rng.standard_normal((n, 3)) * (1.0, 1.0, 0.5)
        self.phase = rng.uniform(0, 2 * np.pi, n)

    def at(self, s: Array, t: Array, u: float) -> Array:
        """The value at a place."""
        total = np.zeros(np.broadcast(s, t).shape)
        for (a, b, c), phase in zip(self.k, self.phase, strict=True):
            total += np.sin(a * s + b * t + (c * u + phase))
        return np.asarray(total * np.sqrt(2 / len(self.phase)))


@dataclass(eq=False)
class Lesion:
    """The inside of one fractured body.

    ``limits`` are the scores below which a place is edema, low or high on T2; :meth:`calibrate` sets them.
    """

    recipe: FractureRecipe
    rng: np.random.Generator
    t2_share: float = 0.0
    limits: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng, pattern = self.rng, self.recipe.t2_pattern or "none"
        if pattern != "none":
            self.t2_share = float(rng.uniform(*_T2_SHARE[pattern.split()[0]]))
        self._edema, self._t2, self._edge = Waves(rng), Waves(rng), Waves(rng, frequency=2.2)
        biconcave = self.recipe.shape == "biconcave"
        self._from_top = 1.0 if biconcave else float(rng.choice([1.0, 1.0, 1.0, -1.0]))
        self._focus = np.array([rng.uniform(-0.25, 0.1), rng.uniform(-0.28, 0.0) * self._from_top])
        cleft_t = -0.24 * self._from_top + rng.uniform(-0.04, 0.04)
        self._cleft = np.array([rng.uniform(-0.22, -0.05), cleft_t, rng.uniform(0.2, 0.3), rng.uniform(0.07, 0.11)])
        self._blobs = rng.uniform((-0.2, -0.2, -0.4, 0.14), (0.15, 0.2, 0.4, 0.24), (4, 4))

    def scores(self, s: Array, t: Array, u: float) -> dict[str, Array]:
        """Scores of edema and T2 change: the lower, the sooner a place belongs to it."""
        rough = 0.05 * self._edge.at(s, t, u)
        fs, ft = self._focus
        high = (self.recipe.t2_pattern or "").endswith("high")
        confined = (
            np.hypot((s - fs) / 0.5, (t - ft) / 0.32) if high else self._from_top * (t - ft) + 0.35 * np.abs(s - fs)
        )
        return {
            "edema": self._from_top * t + 0.10 * self._edema.at(s, t, u) + 0.10 * u**2 + rough,
            "t2": confined + 0.10 * self._t2.at(s, t, u) + 0.12 * u**2 + rough,
        }

    def voids(self, s: Array, t: Array, u: float) -> tuple[Mask, Mask]:
        """Where cleft and cement are."""
        cs, ct, a, b = self._cleft
        cleft: Mask = np.zeros(np.broadcast(s, t).shape, bool)
        cement = cleft.copy()
        if self.recipe.cleft != "none" and abs(u) < 0.6:
            half = b * np.sqrt(1 - (u / 0.6) ** 2)
            cleft = np.asarray(((s - cs) / a) ** 2 + ((t - ct - 0.05 * self._edge.at(s, t, u) * 0.3) / half) ** 2 < 1)
        if self.recipe.cement:
            for bs, bt, bu, r in self._blobs:
                cement = cement | (
                    (s - bs) ** 2 + (t - bt) ** 2 + (0.7 * (u - bu)) ** 2
                    < (r * (1 + 0.2 * self._edge.at(s, t, u))) ** 2
                )
        return cleft, cement & ~cleft

    def calibrate(self, places: list[tuple[Array, Array, float]], middle: int) -> None:
        """Set the limits so that edema and T2 area are as wanted.

        ``places`` are all pixels of the body, slice by slice; ``middle`` the slice of the T2 pattern. Cement and cleft
        stay in the whole and never count as edema, so edema reaches at most what they leave.
        """
        self.limits = {}
        free = [~np.logical_or(*self.voids(*p)) for p in places]
        edema = np.concatenate([self.scores(*p)["edema"][f] for p, f in zip(places, free, strict=True)])
        total = sum(len(p[0]) for p in places)
        self.limits["edema"] = _limit(edema, round(total * (self.recipe.edema_percent or 0) / 100))
        t2 = self.scores(*places[middle])["t2"]
        cleft, cement = self.voids(*places[middle])
        like = {"fluid": "high", "air": "low"}.get(self.recipe.cleft, "")
        pattern = self.recipe.t2_pattern or "none"
        taken = cleft.sum() * pattern.endswith(like or "-") + cement.sum() * pattern.endswith("low")
        self.limits["t2"] = _limit(t2[free[middle]], round(len(t2) * self.t2_share - taken))

    def tissues(self, s: Array, t: Array, u: float) -> NDArray[np.uint8]:
        """The tissue at every place, as if there were no cortex."""
        score = self.scores(s, t, u)
        edema, t2 = (score[name] <= self.limits[name] for name in ("edema", "t2"))
        high = (self.recipe.t2_pattern or "").endswith("high")
        changed = (Tissue.EDEMA_T2_HIGH, Tissue.MARROW_T2_HIGH) if high else (Tissue.EDEMA_T2_LOW, Tissue.MARROW_T2_LOW)
        out = np.where(edema, Tissue.EDEMA, Tissue.MARROW)
        out = np.where(t2, np.where(edema, *changed), out)
        cleft, cement = self.voids(s, t, u)
        out[cleft] = Tissue.CLEFT_AIR if self.recipe.cleft == "air" else Tissue.CLEFT_FLUID
        out[cement] = Tissue.CEMENT
        return np.asarray(out, np.uint8)


def _limit(scores: Array, count: int) -> float:
    """The score that exactly ``count`` of ``scores`` do not exceed (all different)."""
    if count <= 0 or not len(scores):
        return -np.inf
    return float(np.partition(scores, min(count, len(scores)) - 1)[min(count, len(scores)) - 1])
