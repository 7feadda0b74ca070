"""Which vertebra is which, as a probability over labellings, from what is seen.

Seen are the sacrum, the distances from body to body and the depths of the bodies. What is normal at each level comes
from the shape model (``model/level_sizes.csv``); one person's scale is free, single odd values (fractures) count
little. Whoever shows neither sacrum nor a telling pattern is asked for one anchor: nothing is guessed silently.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

CONFIDENT = 0.85
"""Below this probability of the whole labelling an anchor is asked for."""
_COLUMNS = {(12, 5): 0.91, (12, 6): 0.04, (12, 4): 0.03, (13, 5): 0.01, (11, 5): 0.01}
"""How often people have so many thoracic and lumbar vertebrae: numeric variants of the lumbar spine in some 3 to 8 % of
adults, varying with the definition (a rounded choice, to be verified)."""
_CERVICAL = ((2.83, 0.08), (2.76, 0.10))
"""Logarithms of pitch and depth of C3 to C7 in mm with their SD (a rounded choice)."""
_DRAWN_SD = 0.06
"""SD of the logarithm of a size that measuring it on a segmentation adds."""
_SCALE_SD = 0.10
_FREEDOM = 3.0
_TEMPER = 0.5
"""Neighbours err alike, so that their evidence is worth about half of what it were if independent."""
_WRONG_SACRUM = 0.004
"""How often what is taken for the sacrum below the last body is something else, per other level."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """Levels of the bodies, cranial to caudal, in a column, and the probability of these levels.

    ``column`` is the likeliest column with these levels.
    """

    levels: tuple[Level, ...]
    column: VertebralColumn
    probability: float


_COLUMNS_OF_TABLE = ("pitch", "pitch_sd", "depth", "depth_sd")


@cache
def _table() -> dict[Level, tuple[tuple[float, float], tuple[float, float]]]:
    lines = files("ovcf.segmentation").joinpath("model", "level_sizes.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    sizes = {}
    for row in rows:
        pitch, pitch_sd, depth, depth_sd = (float(row[f"log_{name}"]) for name in _COLUMNS_OF_TABLE)
        sizes[Level(row["level"])] = ((pitch, pitch_sd), (depth, depth_sd))
    sizes |= {Level.T13: sizes[Level.T12], Level.L6: sizes[Level.L5]}
    return sizes | {level: _CERVICAL for level in Level if level.region == "cervical"}


def labellings(centres: Array, depths: Sequence[float], *, sacrum_below: bool) -> tuple[Labelling, ...]:
    """Every labelling of bodies at these centres (patient LPS mm, cranial to caudal), the likeliest first.

    ``depths`` are the anteroposterior depths (mm; NaN where cut off or unknown); ``sacrum_below`` tells that the sacrum
    lies directly below the last body. Probabilities sum to 1 over all labellings, or there is none.
    """
    n = len(centres)
    if not n:
        return ()
    pitch = np.linalg.norm(np.diff(np.asarray(centres, float), axis=0), axis=1)
    sizes = np.log(np.concatenate([pitch, np.asarray(depths, float)]))
    weights: dict[tuple[Level, ...], list[tuple[float, VertebralColumn]]] = {}
    for (thoracic, lumbar), share in _COLUMNS.items():
        column = VertebralColumn(thoracic, lumbar)
        free = column.levels[2:-1]
        for start in range(len(free) - n + 1):
            levels = free[start : start + n]
            last = levels[-1] is free[-1]
            seen = (1.0 if last else _WRONG_SACRUM) if sacrum_below else 1.0 / len(free)
            weight = float(np.log(share * seen)) + _TEMPER * _log_likelihood(levels, sizes)
            weights.setdefault(levels, []).append((weight, column))
    if not weights:
        return ()
    top = max(w for found in weights.values() for w, _ in found)
    sums = {levels: sum(float(np.exp(w - top)) for w, _ in found) for levels, found in weights.items()}
    total = sum(sums.values())
    ranked = sorted(sums, key=lambda levels: -sums[levels])
    return tuple(
        Labelling(levels, max(weights[levels], key=lambda item: item[0])[1], sums[levels] / total) for levels in ranked
    )


def _log_likelihood(levels: tuple[Level, ...], sizes: Array) -> float:
    """Of the logarithms of n - 1 pitches and n depths, the person's scale left free."""
    known = [_table()[level] for level in levels]
    expected = np.array([p for p, _ in known[:-1]] + [d for _, d in known])
    residual = sizes - expected[:, 0]
    sd = np.hypot(expected[:, 1], _DRAWN_SD)[np.isfinite(residual)]
    residual = residual[np.isfinite(residual)]
    if not len(residual):
        return 0.0
    scale = float(np.median(residual))
    z = (residual - scale) / sd
    misfit = 0.5 * (_FREEDOM + 1) * np.log1p(z**2 / _FREEDOM)
    return -float(misfit.sum()) - 0.5 * (scale / _SCALE_SD) ** 2


def decided(
    found: Sequence[Labelling], name: str, *, confident: float = CONFIDENT
) -> tuple[dict[int, Level], VertebralColumn, tuple[str, ...]]:
    """The anchor (label of the last body and its level), the column and notes of a labelling that is sure enough.

    Labels count the bodies from 1, cranial to caudal.

    Raises:
        LabelSchemeError: no labelling is likely enough; it names the likeliest and asks for one anchor.
    """
    if not found:
        raise LabelSchemeError(name, "shows no column of vertebrae that could be labelled", "Give a label map.")
    best, n = found[0], len(found[0].levels)
    if best.probability < confident:
        likely = ", ".join(f"{x.levels[0]}-{x.levels[-1]} {x.probability:.0%}" for x in found[:3])
        raise LabelSchemeError(
            name, f"shows {n} vertebral bodies whose levels are uncertain ({likely}; {confident:.0%} is asked for)",
            f"State the level of one, --level {n}=...: bodies are counted 1 to {n} from cranial to caudal.",
        )  # fmt: skip
    notes = [f"levels {best.levels[0]} to {best.levels[-1]} by sacrum and sizes, probability {best.probability:.0%}"]
    if best.column != STANDARD_COLUMN:
        notes.append(f"transitional anatomy: {best.column} are likelier than the usual 12 and 5; please confirm")
    others = [x for x in found[1:] if x.probability >= 0.02]
    notes += [f"could also be {x.levels[0]} to {x.levels[-1]} ({x.column}): {x.probability:.0%}" for x in others[:3]]
    return {n: best.levels[-1]}, best.column, tuple(notes)
