"""What tells vertebrae apart in the column that an engine sees, as log-likelihoods of a labelling.

Everything numeric comes from ``model/level_evidence.json``, which ``training/evidence/level_evidence.py`` derives from
digital patients: sizes, wedging and curvature by level from the shape model, how the built-in model errs in them, and
what it says of the sacrum below the last lumbar vertebra, above it and far from it. How a first sacral vertebra looks
that is taken for a body comes from real patients (``model/sacral_evidence.json``,
``training/evidence/sacral_evidence.py``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.segmentation.network.model_files import model_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn
    from ovcf.imaging.field_of_view import FieldOfView
    from ovcf.segmentation.network.fusion import SpineMap

    Array = NDArray[np.float64]

FEATURES = ("log_pitch", "log_depth", "wedge", "bend_deg")
"""By body: logarithm of the distance to the next centre and of the depth (mm), logarithm of posterior over anterior
height, and the turn of the line of centres at the body (degrees, kyphosis positive)."""
BELOW_CLASSES = ("last lumbar", "one above", "farther", "sacral")
"""What the last body found may be."""
_CERVICAL = np.array([[2.83, 0.08], [2.76, 0.10], [0.0, 0.10], [-1.0, 6.0]])
"""Mean and SD of the features at C3 to C7 (a rounded choice)."""
_SCALE_SD = 0.10
_FREEDOM = 3.0
ROOMY_PITCHES = 1.2
"""Where the image goes on for longer than this below the last centre, the sacrum below a last lumbar body is in it."""
_MISTAKEN = 0.01
"""Share of images in which what is seen of the sacrum tells nothing: real images are not digital ones (a choice)."""
_LESS_SURE, _IF_LESS_SURE = -0.012, (0.3, 5.0)
"""Where the model is so much less sure of the last body than of the usual one, above a sacrum, S1 is so many times as
likely (the second number), else the first. A rounded choice, made of few S1 (docs/decisions/007)."""
_FIELDS = {"lumbar": (13.0, 1.5), "thoracolumbar": (10.5, 3.0), "thoracic": (6.0, 2.5), "cervical": (-3.5, 2.0)}
"""Where the middle of the bodies in a field so named lies, and its SD; T1 is 0, L5 16 (a rounded choice)."""
_MISNAMED = 0.03
_NOT_IN_FIELD = 0.1


class Below(NamedTuple):
    """What is seen at the lower end: the sacrum's distance from the last centre and the room that the image leaves
    below it (both in pitches of the last bodies; the distance None where no sacrum is seen), the mean probability of
    sacrum there, and that of the last body less that of the usual one.
    """

    sacrum_pitches: float | None
    sacrum_certainty: float
    body_certainty: float
    room_pitches: float

    @property
    def doubts(self) -> Array:
        """The regressors of how far to trust the distance: a constant, the certainty of sacrum and of the last body."""
        return np.array([1.0, 10 * (self.sacrum_certainty - 0.8), 10 * max(min(self.body_certainty, 0.0), -0.4)])


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSeen:
    """Bodies cranial to caudal: ``centres`` ``(n, 3)`` patient LPS mm, ``depths`` mm and ``wedges`` (log of posterior
    over anterior height) ``(n,)``, NaN where cut off; ``below`` None where nobody looked for a sacrum.
    """

    centres: Array
    depths: Array
    wedges: Array
    below: Below | None = None

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def features(self) -> Array:
        """``(n, 4)`` in the order of :data:`FEATURES`, NaN where unknown."""
        out = np.full((len(self), len(FEATURES)), np.nan)
        steps = np.diff(self.centres, axis=0)
        lean = np.degrees(np.arctan2(steps[:, 1], -steps[:, 2]))
        out[:-1, 0] = np.log(np.linalg.norm(steps, axis=1))
        out[:, 1], out[:, 2] = np.log(self.depths), self.wedges
        out[1:-1, 3] = -np.diff(lean)
        return out


def column_seen(spine: SpineMap) -> ColumnSeen:
    """The evidence in the bodies that an engine found."""
    shapes = np.array([_shape(spine, k) for k in range(1, len(spine) + 1)]).reshape(-1, 2)
    pitch = np.linalg.norm(np.diff(spine.centres, axis=0), axis=1)
    usual = float(np.median(pitch[-3:])) if len(pitch) else 35.0
    last, middle = (spine.certainty[-1], float(np.median(spine.certainty))) if len(spine) else (1.0, 1.0)
    rows = np.flatnonzero((spine.instances == len(spine)).any(axis=(0, 2)))
    pixel = float(np.linalg.norm(spine.maps.affine[:3, 1]))
    room = (spine.instances.shape[1] - float(rows.mean())) * pixel if len(rows) else 0.0
    below = Below(
        None if spine.sacrum_mm is None else spine.sacrum_mm / usual,
        spine.sacrum_certainty,
        float(last - middle),
        room / usual,
    )
    return ColumnSeen(spine.centres, shapes[:, 0], shapes[:, 1], below)


def _shape(spine: SpineMap, number: int) -> tuple[float, float]:
    """Depth (mm) over the middle rows and the log of posterior over anterior height, in the middle slice of a body."""
    voxels = np.argwhere(spine.instances == number)
    middle = spine.instances[round(float(np.median(voxels[:, 0])))] == number
    rows = np.flatnonzero(middle.any(axis=1))
    if len(rows) < 4 or rows.min() == 0 or rows.max() == middle.shape[0] - 1:
        return float("nan"), float("nan")
    pixel = float(np.linalg.norm(spine.maps.affine[:3, 2]))
    across = middle.sum(axis=1)[rows.min() : rows.max() + 1]
    depth = float(np.median(across[len(across) // 4 : -(len(across) // 4) or None])) * pixel
    # Along the axes of the body itself, which leans; outside its outermost tenth on either side, where it is rounded.
    r, c = np.nonzero(middle)
    down = _down(spine, number)
    v = (r - r.mean()) * down[0] + (c - c.mean()) * down[1]
    u = (c - c.mean()) * down[0] - (r - r.mean()) * down[1]
    ends = [np.quantile(u, (a, b)) for a, b in ((0.08, 0.3), (0.7, 0.92))]
    front, back = (np.ptp(v[(u >= a) & (u <= b)]) + 1 for a, b in ends)
    return depth, float(np.log(back / front))


def _down(spine: SpineMap, number: int) -> Array:
    """Direction of the spine at a body as (rows, columns)."""
    a, b = max(number - 2, 0), min(number, len(spine) - 1)
    step = spine.centres[b] - spine.centres[a] if b > a else np.array([0.0, 0.0, -1.0])
    down = np.array([-step[2], step[1]])
    return np.asarray(down / np.linalg.norm(down))


@cache
def tables() -> dict[str, Any]:
    """``model/level_evidence.json`` as it was fitted."""
    return dict(json.loads(model_file("level_evidence.json")))


@cache
def sacral() -> dict[str, Any]:
    """``model/sacral_evidence.json`` as it was fitted."""
    return dict(json.loads(model_file("sacral_evidence.json")))


@cache
def expected(column: VertebralColumn) -> dict[Level, tuple[Array, Array]]:
    """Mean and SD of the features of every vertebra; variant regions are spread over the normal scale T1 to L5."""
    mean, sd = (np.array([row[k] for row in tables()["levels"].values()]) for k in ("mean", "sd"))
    places = np.arange(len(mean))
    found = {level: (_CERVICAL[:, 0], _CERVICAL[:, 1]) for level in column.levels if level.region == "cervical"}
    for level, at in place_of(column).items():
        if at >= 0:
            columns = range(len(FEATURES))
            found[level] = (
                np.array([np.interp(at, places, mean[:, k]) for k in columns]),
                np.array([np.interp(at, places, sd[:, k]) for k in columns]),
            )
    return found


@cache
def place_of(column: VertebralColumn) -> dict[Level, float]:
    """Where each vertebra stands on the scale T1 = 0, L1 = 12, L5 = 16, S1 = 17; cervical ones below zero."""
    at = {level: level.rank - Level.T1.rank for level in column.levels if level.region == "cervical"}
    thoracic, lumbar = ([v for v in column.levels if v.region == r] for r in ("thoracic", "lumbar"))
    at |= dict(zip(thoracic, np.linspace(0, 11, len(thoracic)), strict=True))
    at |= dict(zip(lumbar, np.linspace(12, 16, len(lumbar)), strict=True))
    return {**at, Level.S1: 17.0}


def by_shape(levels: tuple[Level, ...], column: VertebralColumn, seen: Array, temper: float | None = None) -> float:
    """Log-likelihood of features ``(n, 4)``; the person's scale is left free, single odd values count little.

    Neighbours err alike, so their evidence is worth a share ``temper`` of what it were if independent.
    """
    drawn = tables()["drawn"]
    normal = expected(column)
    mean = np.array([normal[level][0] for level in levels]) + np.array(drawn["bias"])
    sd = np.hypot(np.array([normal[level][1] for level in levels]), np.array(drawn["sd"]))
    if len(levels) > 1 and levels[-1] is Level.S1:  # the step to S1 is short, and the spine turns there
        step, bend = sacral()["pitch_step"], sacral()["bend_deg"]
        mean[-2, 0], sd[-2, 0] = mean[-2, 0] + step[0], np.hypot(sd[-2, 0], step[1])
        mean[-2, 3], sd[-2, 3] = bend
    residual = seen - mean
    known = np.isfinite(residual)
    scale = float(np.median(residual[:, :2][known[:, :2]])) if known[:, :2].any() else 0.0
    residual[:, :2] -= scale
    z = residual[known] / sd[known]
    density = -0.5 * (_FREEDOM + 1) * np.log1p(z**2 / _FREEDOM) - np.log(sd[known])
    share = tables()["temper"] if temper is None else temper
    return float(share * (density.sum() - 0.5 * (scale / _SCALE_SD) ** 2))


def by_sacrum(last: Level, column: VertebralColumn, below: Below | None) -> float:
    """Log-likelihood of what is seen below the last body, up to a constant."""
    if below is None:
        return 0.0
    fit = tables()["below"]
    kind, roomy = class_of(last, column), int(below.room_pitches >= ROOMY_PITCHES)
    seen, gap = {**fit["seen"], "sacral": sacral()["seen"]}, {**fit["gap"], "sacral": sacral()["gap"]}
    share = np.array([seen[name][roomy] for name in BELOW_CLASSES])
    if below.sacrum_pitches is None:
        ratio, trust = 1 - share, 1.0
    else:
        mean, sd = np.array([gap[name] for name in BELOW_CLASSES]).T
        ratio = share * np.exp(-0.5 * ((below.sacrum_pitches - mean) / sd) ** 2) / sd
        # Part of L5 taken for sacrum, or of S1 for a body, shows in both being unsure.
        trust = float(1 / (1 + np.exp(-below.doubts @ np.array(fit["trust"]))))
    trust *= 1 - _MISTAKEN
    # With a sacrum below it S1 is seldom taken for a body; where none is seen it is as likely as any vertebra.
    share_of_s1 = 1.0
    if below.sacrum_pitches is not None:
        share_of_s1 = sacral()["share_with_sacrum"] * _IF_LESS_SURE[below.body_certainty < _LESS_SURE]
    rare = np.array([1.0, 1.0, 1.0, share_of_s1])
    ratio = rare * ratio / max(float(rare @ ratio), 1e-12)
    return float(np.log(trust * ratio[kind] + (1 - trust) * rare[kind] / len(ratio)))


def class_of(last: Level, column: VertebralColumn) -> int:
    """Index into :data:`BELOW_CLASSES` of a last body."""
    return {0: 3, 1: 0, 2: 1}.get(column.levels.index(Level.S1) - column.levels.index(last), 2)


def by_field(levels: tuple[Level, ...], column: VertebralColumn, field: FieldOfView) -> float:
    """Logarithm of how likely an image that is said to show this field shows these levels, up to a constant."""
    out = 0.0
    if field.region in _FIELDS:
        mean, sd = _FIELDS[field.region]
        places = place_of(column)
        z = ((places[levels[0]] + places[levels[-1]]) / 2 - mean) / sd
        out += float(np.log((1 - _MISNAMED) * np.exp(-0.5 * z**2) + _MISNAMED))
    for level in field.levels:
        out += 0.0 if levels[0].rank <= level.rank <= levels[-1].rank else float(np.log(_NOT_IN_FIELD))
    return out
