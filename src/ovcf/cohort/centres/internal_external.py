"""Internal-external cross-validation: each centre in turn tests the model that the others make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.centres.performance import CentrePerformance, by_centre
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.regression.logistic import logistic
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def internal_external(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    centre: str,
    *,
    threshold: float | None = None,
    coverage: float = 0.95,
    **options: Any,
) -> CentrePerformance:
    """Fit a logistic model in all centres but one, predict that one, for every centre; pool what was found.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        predictors: columns of the model.
        centre: column that names the centre.
        threshold: of risk at which one would act; gives net benefit by centre.
        coverage: of all intervals.
        options: of the model, as in :func:`ovcf.cohort.regression.logistic.logistic`.

    Raises:
        CohortDataError: an absent column, fewer than two centres, or a model that cannot be fitted without a centre.
    """
    need_columns(frame, [outcome, *predictors, centre])
    columns = [outcome, *predictors, centre]
    known = frame[columns].dropna()
    missing = tuple((name, int(frame[name].isna().sum())) for name in columns)
    names = known[centre].astype(str)
    if names.nunique() < 2:
        raise CohortDataError(centre, "names fewer than two centres", "Use the bootstrap (optimism) in one centre.")
    risk = np.full(len(known), np.nan)
    said = []
    for name in sorted(names.unique()):
        here = (names == name).to_numpy()
        try:
            model = logistic(known[~here], outcome, predictors, coverage=coverage, **options)
            risk[here] = model.predict(known[here])
        except CohortDataError as error:
            raise CohortDataError(
                say("without centre {name}", name=name),
                say("{where} {problem}", where=error.where, problem=error.problem),
                "Merge rare levels or small centres.",
            ) from error
        if model.estimator == "Firth":
            said.append(say("Without {name} the model is Firth's.", name=name))
    return by_centre(
        known[outcome].to_numpy(float),
        risk,
        names.to_numpy(str),
        missing,
        threshold,
        coverage,
        title=say(
            "Internal-external cross-validation of {outcome} on {predictors}",
            outcome=outcome,
            predictors=joined(", ", predictors),
        ),
        method=say(
            "Logistic model fitted without the centre that it is tested in, for each of {nunique} centres; "
            "complete cases. ",
            nunique=names.nunique(),
        ),
        notes=said,
    )
