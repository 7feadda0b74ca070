"""The marrow signal of one body as the page paints it: what counts at a threshold, and where that lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.assessment.measured.by_signal import edema_of, t2_of
from ovcf.errors import OvcfError
from ovcf.landmarks import Point
from ovcf.language.worded import capital, say
from ovcf.measures.signal.marrow import THRESHOLD_SD
from ovcf.reading.observing.counted import Counted, Threshold, counted
from ovcf.render.words.remedies import words as remedy_words
from ovcf.render.words.values import with_interval
from ovcf.render.words.wording import shares, typeset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.reading.editing.edited import Edited

    Mask = NDArray[np.bool_]

_BARS = 48
_LOWEST, _HIGHEST = (-20.0, -5.0), (10.0, 24.0)
"""Between which the ends of the bars lie (SD of sound marrow); what lies beyond counts in the outermost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """What counts on one slice: runs of voxels by what they count as, each (row, first column, column after the last).

    Voxel (row, column) has its centre at ``origin`` + column x ``right`` + row x ``down`` in the frame of the set.
    """

    slice: int
    origin: Point
    right: Point
    down: Point
    runs: dict[str, tuple[tuple[int, int, int], ...]]
    body: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """One threshold in one body. ``sd`` is that threshold, ``usual`` the automatic one, ``by`` who set it, if anybody.

    ``said`` is what is counted, in words, with its error; ``refused`` why nothing is. ``edges`` are those of the bars
    in SD of sound marrow, ``bars`` and ``healthy`` the share of voxels in each, of this body and of ``reference``.
    """

    name: str
    vertebra: str
    level: str
    series: str
    sd: float
    usual: float
    by: str
    said: str
    doubt: str
    refused: str
    edges: tuple[float, ...]
    bars: tuple[float, ...]
    healthy: tuple[float, ...]
    reference: tuple[str, ...]
    slices: tuple[Painted, ...]


def signal_view(now: Edited, vertebra: str, name: Threshold, sd: float | None = None) -> SignalView:
    """The signal of a body at a threshold, that of the reading where ``sd`` is None.

    Raises:
        ReadingError: its marrow is not read.
    """
    found = counted(now, vertebra, name, sd)
    said, doubt, refused = _said(found, name)
    edges = _edges(found.signal)
    return SignalView(
        name=name,
        vertebra=vertebra,
        level=found.level.value,
        series=found.series.uid,
        sd=found.series.threshold_sd,
        usual=THRESHOLD_SD,
        by=found.series.threshold_by if sd is None else "",
        said=said,
        doubt=doubt,
        refused=refused,
        edges=tuple(edges.tolist()),
        bars=_bars(found.signal, edges),
        healthy=_bars(found.healthy, edges),
        reference=tuple(level.value for level in found.reference),
        slices=tuple(_painted(found, at) for at in np.flatnonzero(found.body.any(axis=(1, 2))).tolist()),
    )


def _said(found: Counted, name: Threshold) -> tuple[str, str, str]:
    try:
        if found.refused is not None:
            raise found.refused
        if name == "edema":
            return (
                say("Edema {with_interval}", with_interval=with_interval(edema_of(found.series, found.level))),
                "",
                "",
            )
        pattern = t2_of(found.series, found.level)
    except OvcfError as error:
        return (
            "",
            "",
            typeset(
                say(
                    "{where}: {problem}. {remedy_words}",
                    where=error.where,
                    problem=error.problem,
                    remedy_words=remedy_words(error.remedy),
                )
            ),
        )
    told = say(
        "{pattern}: low {with_interval}, high {with_interval_2}",
        pattern=pattern.pattern.value,
        with_interval=with_interval(pattern.low),
        with_interval_2=with_interval(pattern.high),
    )
    return capital(told), shares(tuple((p.value, s) for p, s in pattern.probability)), ""


def _edges(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ends of the bars: as far as the signal of the body runs, within limits."""
    low, high = np.quantile(signal, (0.01, 0.99)) if signal.size else (0.0, 0.0)
    return np.linspace(np.clip(np.floor(low), *_LOWEST), np.clip(np.ceil(high), *_HIGHEST), _BARS + 1)


def _bars(signal: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    if not signal.size:
        return (0.0,) * _BARS
    counts, _ = np.histogram(np.clip(signal, edges[0], edges[-1]), edges)
    return tuple((counts / signal.size).tolist())


def _painted(found: Counted, at: int) -> Painted:
    corners = found.volume.to_patient(np.array([[at, 0, 0], [at, 0, 1], [at, 1, 0]], float))
    (x, y), right, down = found.plane.from_patient(corners).tolist()
    return Painted(
        slice=at,
        origin=(x, y),
        right=(right[0] - x, right[1] - y),
        down=(down[0] - x, down[1] - y),
        runs={name: _runs(mask[at]) for name, mask in found.areas.items()},
        body=_runs(found.body[at]),
    )


def _runs(mask: Mask) -> tuple[tuple[int, int, int], ...]:
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return tuple(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))
