"""NASOVCF of whole cohorts: the same rules as :mod:`ovcf.scores.nasovcf`, on columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.scores.columns import flag_column, number_column, where_known
from ovcf.scores.nasovcf import GROUPS, KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.result import Status
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STATUSES = tuple(Status)
_COMPLETE, _INCOMPLETE, _NOT_APPLICABLE, _OUTSIDE = (STATUSES.index(s) for s in Status)


@dataclass(frozen=True, slots=True, eq=False)
class NasovcfColumns:
    """One entry per patient, in the order given.

    ``total`` is NaN and ``group`` -1 unless ``status`` is complete; ``low`` and ``high`` bound the attainable total
    (NaN where the score does not apply). ``status`` and ``group`` are codes into ``statuses`` and ``groups``.
    """

    total: NDArray[np.float64]
    group: NDArray[np.int8]
    status: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    statuses: tuple[Status, ...] = STATUSES
    groups: tuple[str, ...] = GROUPS


def nasovcf_array(
    *,
    burst: ArrayLike,
    vhl_percent: ArrayLike,
    local_kyphosis_deg: ArrayLike,
    t2_diffuse_low: ArrayLike,
    t_score: ArrayLike,
    applicable: ArrayLike = True,
    extrapolate: bool = False,
) -> NasovcfColumns:
    """Score ``(n,)`` patients at once; None or NaN is missing. A million take well under a second.

    ``burst`` and ``t2_diffuse_low`` are 0/1 or booleans. ``applicable`` is False for patients unlike those of the
    paper (level, age, several fractures, neurology, malignancy...), as the scalar score checks one by one.

    Raises:
        ClinicalDataError: a value that no patient can have; the message names the column and the first such row.
    """
    columns = (
        flag_column(burst, "burst"),
        number_column(vhl_percent, "VHL (percent)", -100, 100),
        number_column(local_kyphosis_deg, "local kyphosis angle (degrees)", -90, 120),
        flag_column(t2_diffuse_low, "T2 diffuse low"),
        number_column(t_score, "T-score", -8, 6),
    )
    kind, vhl, kyphosis, diffuse, t, fits = np.broadcast_arrays(*columns, np.atleast_1d(np.asarray(applicable, bool)))
    points = (
        (2.0 * kind, 2.0),
        (where_known(vhl, 2.0 * (vhl >= VHL_LIMIT_PERCENT - TOLERANCE)), 2.0),
        (where_known(kyphosis, 2.0 * (kyphosis >= KYPHOSIS_LIMIT_DEG - TOLERANCE)), 2.0),
        (2.0 * diffuse, 2.0),
        (where_known(t, 2.0 * (t <= -2.5 + TOLERANCE) + 2.0 * (t <= -3.5 + TOLERANCE)), 4.0),
    )
    low = sum(np.nan_to_num(p, nan=0.0) for p, _ in points) + np.zeros(len(kind))
    high = low + sum(np.where(np.isnan(p), most, 0.0) for p, most in points)
    outside = (t > -1.0 + TOLERANCE) & (not extrapolate)
    known = ~np.isnan(sum(p for p, _ in points))

    status = np.where(known, _COMPLETE, _INCOMPLETE)
    status = np.where(outside, _OUTSIDE, status)
    status = np.where(fits, status, _NOT_APPLICABLE).astype(np.int8)
    scored = (status == _COMPLETE) | (status == _INCOMPLETE)
    total = np.where(status == _COMPLETE, low, np.nan)
    group = np.where(status == _COMPLETE, (low >= 2).astype(np.int8) + (low > 4), -1).astype(np.int8)
    return NasovcfColumns(total, group, status, np.where(scored, low, np.nan), np.where(scored, high, np.nan))
