"""The OF score of whole cohorts: the same rules as :mod:`ovcf.scores.of`, on columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ScoreInputError
from ovcf.scores.columns import flag_column, number_column, where_known
from ovcf.scores.of import version_rules
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray


def of_score_array(
    *,
    version: str,
    of: ArrayLike,
    t_score: ArrayLike = np.nan,
    qct_hu: ArrayLike = np.nan,
    deformity_progression: ArrayLike = np.nan,
    vas_under_analgesia: ArrayLike = np.nan,
    neurological_deficit: ArrayLike = np.nan,
    mobile_under_analgesia: ArrayLike = np.nan,
    health: Mapping[str, ArrayLike] | None = None,
) -> NDArray[np.float64]:
    """Totals ``(n,)``; NaN only where the OF class (1-5) is missing, other unknowns count 0 as published.

    ``neurological_deficit`` is 1 for N2-N4. ``health`` maps items of the version (``VERSIONS[version].health_items``)
    to columns of 0 and 1.

    Raises:
        ScoreInputError: an unknown version or health item.
        ClinicalDataError: a value that no patient can have; names the column and the first such row.
    """
    rules = version_rules(version)
    health = health or {}
    strangers = [name for name in health if name not in rules.health_items]
    if strangers:
        raise ScoreInputError(
            "OF score, health", f"{strangers[0]!r} is no item of {version}", f"Give: {', '.join(rules.health_items)}."
        )
    morphology = number_column(of, "OF class", 1, 5)
    t = number_column(t_score, "T-score", -8, 6)
    hu = number_column(qct_hu, "attenuation by quantitative CT (HU)", -200, 600)
    vas = number_column(vas_under_analgesia, "pain under analgesia (VAS)", 0, 10)
    progression = flag_column(deformity_progression, "deformity progression")
    mobile = flag_column(mobile_under_analgesia, "mobile under analgesia")
    unhealthy = sum((np.nan_to_num(flag_column(v, name)) for name, v in health.items()), np.zeros(1))
    total = (
        2.0 * morphology
        + ((t < -3.0 - TOLERANCE) | (hu <= 90.0 + TOLERANCE))
        + np.nan_to_num(2.0 * progression - 1)
        + np.nan_to_num(where_known(vas, 2.0 * (vas >= rules.pain_limit - TOLERANCE) - 1))
        + 2.0 * np.nan_to_num(flag_column(neurological_deficit, "neurological deficit"))
        + np.nan_to_num(1 - 2.0 * mobile)
        - np.minimum(2.0, unhealthy)
    )
    return np.asarray(total)
