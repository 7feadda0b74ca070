"""NASOVCF of whole cohorts: the declaration of :mod:`ovcf.scores.prognosis.nasovcf`, on columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.scores.columns import ScoreColumns, either, evaluate_columns, flag_column, input_column
from ovcf.scores.prognosis.nasovcf import EXTRAPOLATED, NASOVCF, NOT_DIFFUSE_LOW

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def nasovcf_array(
    *,
    burst: ArrayLike,
    vhl_percent: ArrayLike,
    local_kyphosis_deg: ArrayLike,
    t2_diffuse_low: ArrayLike,
    t_score: ArrayLike,
    applicable: ArrayLike = True,
    extrapolate: bool = False,
) -> ScoreColumns:
    """Score ``(n,)`` patients at once; None or NaN is missing. A million take under a second.

    ``burst`` and ``t2_diffuse_low`` are 0/1 or booleans. ``applicable`` is False for patients unlike those of the
    paper (level, age, several fractures, neurology, malignancy...), as the scalar score checks one by one.

    Raises:
        ClinicalDataError: a value that no patient can have; the message names the column and the first such row.
    """
    kind = flag_column(burst, "burst")
    low = flag_column(t2_diffuse_low, "T2 diffuse low")
    measured = {"vhl_percent": vhl_percent, "local_kyphosis_deg": local_kyphosis_deg, "t_score": t_score}
    columns = {
        "fracture_type": either(NASOVCF, "fracture_type", kind, ("compression", "burst")),
        "t2_diffuse_low": either(NASOVCF, "t2_diffuse_low", low, (NOT_DIFFUSE_LOW, "diffuse low")),
        **{name: input_column(NASOVCF, name, values) for name, values in measured.items()},
    }
    return evaluate_columns(EXTRAPOLATED if extrapolate else NASOVCF, columns, applicable=applicable)
