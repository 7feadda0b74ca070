"""The NASOVCF total of every patient of a table, from the measured items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import need_columns
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say
from ovcf.scores.prognosis.nasovcf_array import nasovcf_array
from ovcf.scores.result import Status
from ovcf.vocabulary import FractureType, T2Pattern

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ITEMS = ("fracture_type", "vhl_percent_0mo", "ka_deg_0mo", "t2_pattern", "t_score")


def nasovcf_of(frame: pd.DataFrame) -> tuple[NDArray[np.float64], int]:
    """Totals ``(n,)``, NaN where an item is missing or T is above -1.0, and how many of the latter there are.

    Raises:
        CohortDataError: an item's column is absent, or holds a word that the score does not know.
        ClinicalDataError: a value that no patient can have.
    """
    need_columns(frame, ITEMS)
    found = nasovcf_array(
        burst=_flags(frame, "fracture_type", {kind: float(kind is FractureType.BURST) for kind in FractureType}),
        vhl_percent=numbers(frame["vhl_percent_0mo"], "vhl_percent_0mo"),
        local_kyphosis_deg=numbers(frame["ka_deg_0mo"], "ka_deg_0mo"),
        t2_diffuse_low=_flags(frame, "t2_pattern", {p: float(p is T2Pattern.DIFFUSE_LOW) for p in T2Pattern}),
        t_score=numbers(frame["t_score"], "t_score"),
    )
    outside = found.statuses.index(Status.OUT_OF_DERIVATION_POPULATION)
    return found.total, int((found.status == outside).sum())


def _flags(frame: pd.DataFrame, name: str, known: dict[str, float]) -> NDArray[np.float64]:
    column = frame[name]
    for row, word in column[column.notna()].items():
        if word not in known:
            raise CohortDataError(
                say("column {name!r}, row {row}", name=name, row=row),
                say("{word!r} is unknown", word=word),
                say("Use {known}.", known=joined(", ", known)),
            )
    return np.asarray(column.astype(object).map(known).to_numpy(float), float)
