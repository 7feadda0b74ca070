"""The OF score of whole cohorts: the declaration of :mod:`ovcf.scores.classification.of`, on columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ScoreInputError
from ovcf.scores.classification.of import HEALTH, OF_SCORE
from ovcf.scores.columns import either, evaluate_columns, flag_column, input_column, number_column
from ovcf.vocabulary import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

#: What stands for a health finding that is absent and present.
_STANDS_FOR = {
    "ASA > 3": ("asa_class", 1, 4),
    "mFI-5 > 2": ("mfi5", 0, 3),
    "anticoagulation": ("anticoagulation", 0, 1),
}


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

    ``neurological_deficit`` is 1 for N2-N4. ``health`` maps the findings of the version (``HEALTH[version]``) to
    columns of 0 and 1.

    Raises:
        ScoreInputError: an unknown version or health item.
        ClinicalDataError: a value that no patient can have; names the column and the first such row.
    """
    if version not in HEALTH:
        raise ScoreInputError("OF score, version", f"{version!r} is not known", one_of(HEALTH))
    known = [name for name, _ in HEALTH[version]]
    health = health or {}
    strangers = [name for name in health if name not in known]
    if strangers:
        raise ScoreInputError("OF score, health", f"{strangers[0]!r} is no item of {version}", one_of(known))
    measured = {"t_score": t_score, "qct_hu": qct_hu, "vas_under_analgesia": vas_under_analgesia}
    deficit = flag_column(neurological_deficit, "neurological deficit")
    columns = {
        "version": np.full(1, float(OF_SCORE.input("version").words.index(version))),
        "of": number_column(of, "OF class", 1, 5) - 1,
        "deformity_progression": flag_column(deformity_progression, "deformity progression"),
        "mobile_under_analgesia": flag_column(mobile_under_analgesia, "mobile under analgesia"),
        "neurology": either(OF_SCORE, "neurology", deficit, ("N0", "N2")),
        **{name: input_column(OF_SCORE, name, values) for name, values in measured.items()},
    }
    for name, values in health.items():
        input_, absent, present = _STANDS_FOR[name]
        there = flag_column(values, name)
        columns[input_] = np.where(np.isnan(there), np.nan, np.where(there == 1, float(present), float(absent)))
    return evaluate_columns(OF_SCORE, columns).total
