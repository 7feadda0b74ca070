"""External validation of NASOVCF alone: both outcomes of HAN 2025, each with the checklist of TRIPOD+AI."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ovcf.cohort.prediction.external_validation import validate_nasovcf
from ovcf.cohort.published.han_published import HAN, PUBLISHED
from ovcf.cohort.recipes.nasovcf import with_score
from ovcf.cohort.recipes.study_report import StudyReport, Workbench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_FEATURES = (
    "age_years",
    "sex",
    "level",
    "fracture_type",
    "vhl_percent_0mo",
    "vhl_15_or_more",
    "ka_deg_0mo",
    "ka_15_or_more",
    "t2_pattern",
    "t2_diffuse_low",
    "t_score",
    "t_score_band",
)
"""Columns that are described beside the paper's patients."""


def validation_study(
    frame: pd.DataFrame, *, notices: Sequence[str] = (), answers: Mapping[str, Mapping[str, str]] | None = None
) -> StudyReport:
    """The validation for each outcome of HAN that is there; columns as ``columns_of("nasovcf")`` says.

    ``answers`` are, by outcome, what the source of the data says to items of the checklist.
    """
    data, said = with_score(frame)
    bench = Workbench(data, "nasovcf")
    for outcome, published in PUBLISHED.items():
        bench.section = published.label
        # Under the names of the columns, not as they are printed: the features beside the paper's are found by them.
        shown = frame[[name for name in _FEATURES if name in frame]].assign(
            **{name: data[name] for name in ("nasovcf", outcome) if name in data}
        )
        made = partial(validate_nasovcf, shown, outcome, score="nasovcf", answers=(answers or {}).get(outcome))
        bench.make(f"validation-{outcome.replace('_', '-')}", made, needs=[outcome, "nasovcf"])
    return bench.report(
        frame,
        title="External validation of NASOVCF",
        design="NASOVCF scored before treatment in patients who were not those of HAN 2025; non-union and progressive "
        "kyphosis at 6 months beside what HAN prints.",
        references=(HAN,),
        notices=(*notices, *said),
    )
