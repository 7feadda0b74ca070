"""Who is analysed in a validation over centres, and what each section estimates, in whom (its estimand)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.nasovcf_column import ITEMS
from ovcf.cohort.published.han_published import PRINTED_AT_MONTHS
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

HORIZON = PRINTED_AT_MONTHS
"""Months after which HAN judged union."""
ESTIMANDS_REFERENCE = "ICH E9(R1) addendum on estimands, 2019"


@dataclass(frozen=True, slots=True, eq=False)
class Patients:
    """Masks ``(n,)`` over the table: outside the score's population (T-score above -1.0), dead before union could be
    judged, outcome not known though not known to have died, and complete in items and outcome.

    ``deaths_known`` says whether the table has columns that tell of death.
    """

    outside: NDArray[np.bool_]
    died: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    complete: NDArray[np.bool_]
    deaths_known: bool

    @classmethod
    def of(cls, data: pd.DataFrame) -> Patients:
        """From the columns of the design, as far as they are there."""
        n = len(data)
        unknown = _column(data, "non_union").isna().to_numpy(bool) if "non_union" in data else np.ones(n, bool)
        outside = (data["t_score"] > -1.0).to_numpy(bool, na_value=False) if "t_score" in data else np.zeros(n, bool)
        deaths_known = {"months", "event"} <= set(data)
        died = np.zeros(n, bool)
        if deaths_known:
            early = (data["months"] < HORIZON).to_numpy(bool, na_value=False)
            died = ~outside & unknown & early & (data["event"].astype(object) == "death").to_numpy(bool)
        items = data[[c for c in ITEMS if c in data]].notna().all(axis=1).to_numpy(bool)
        return cls(outside, died, ~outside & ~died & unknown, ~outside & ~unknown & items, deaths_known)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """In whom union at the horizon is asked for: imputed where it is not known."""
        return ~self.outside & ~self.died


def _column(data: pd.DataFrame, name: str) -> Any:
    return data[name]


def estimands(who: Patients, imputations: int) -> AnalysisResult:
    """The flow of patients, and of each section what it estimates: in whom, what death means, what is done of gaps."""
    n, judged, died = len(who.outside), int(who.judged.sum()), int(who.died.sum())
    left_out = (
        say("{died} left out: union cannot be judged", died=died)
        if who.deaths_known
        else "not known: no column tells of it"
    )
    imputed = say("imputed {imputations} times, at random given what is known", imputations=imputations)
    rows = (
        (
            "All patients",
            say("{judged}, alive at {horizon} months or not known to be dead", judged=judged, horizon=HORIZON),
            left_out,
            imputed,
        ),
        ("Centres", "the same, each centre by itself", left_out, "the same"),
        (
            "Death as a competing event",
            say("{outside}, the dead included", outside=n - int(who.outside.sum())),
            "counts as without non-union",
            "items imputed; follow-up cut short is weighted for",
        ),
        ("Complete cases", say("{complete} of them", complete=int(who.complete.sum())), left_out, "left out"),
        (
            "Missing not at random",
            "as All patients",
            left_out,
            say("as above, the odds of non-union of the {lost} without an outcome changed", lost=int(who.lost.sum())),
        ),
    )
    flow = (
        ("In the table", n),
        ("T-score above -1.0: outside the score's population", int(who.outside.sum())),
        (say("Died before {horizon} months, union not judged", horizon=HORIZON), died),
        (say("Analysed (primary): union at {horizon} months known or imputed", horizon=HORIZON), judged),
        (say("    of them, union at {horizon} months not known", horizon=HORIZON), int(who.lost.sum())),
        ("    of them, complete in items and outcome", int(who.complete.sum())),
    )
    return AnalysisResult(
        title="What is estimated, and in whom",
        method="HAN's rates are of patients whose union was judged at 6 months; so the primary question is asked of "
        "those alive then. Death is an intercurrent event that precludes the outcome",
        references=(ESTIMANDS_REFERENCE,),
        n=n,
        tables=(
            Table("Patients", (Column("patients", "Patients"), Column("n", "n", "d")), flow),
            Table(
                "Estimands",
                (
                    Column("section", "Section"),
                    Column("who", "Patients"),
                    Column("death", "Death before 6 months"),
                    Column("missing", "Missing values"),
                ),
                rows,
            ),
        ),
    )
