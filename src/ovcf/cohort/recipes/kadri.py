"""The design of KADRI 2025: does vertebral bone quality tell who fractures again after vertebroplasty?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ovcf.cohort.agreement.reliability import bland_altman
from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.prediction.roc import roc
from ovcf.cohort.recipes.by_group import outcome_by_group
from ovcf.cohort.recipes.study_report import StudyReport, Workbench, two_words
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.errors import CohortDataError
from ovcf.language.worded import and_then, joined, say, small_letter
from ovcf.measures.signal.bone_quality import HIGH_FROM
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.agreement.reliability import BlandAltmanResult
    from ovcf.cohort.survival.cox import HazardResult

GROUPS = ("VBQ < 3.0", "VBQ ≥ 3.0")
_AT = (2, 6, 12, 24)
EARLY_DAYS = 60
_DAYS_OF_A_MONTH = 365.25 / 12
_FOLLOW_UP = "Follow-up differs between patients: the curves take that into account, these shares do not."


def kadri_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """Time to a secondary fracture by bone quality, on your patients, one per row."""
    data = frame.copy()
    if "vbq" in data:
        high = (data["vbq"] >= HIGH_FROM - TOLERANCE).where(data["vbq"].notna())
        data["bone_quality"] = two_words(high, *GROUPS)
    if "event" in data:
        data["secondary_fracture"] = (data["event"] == "fracture").astype("boolean").where(data["event"].notna())
    bench = Workbench(data, "kadri", {"bone_quality": "bone quality", "secondary_fracture": "secondary fracture"})
    bench.section = "Patients"
    known = bench.present(("age_years", "sex", "bmi_kg_m2", "vbq", "vbq_including"))
    bench.make(
        "baseline-by-bone-quality",
        lambda: baseline(bench.frame, bench.printed("bone_quality"), known),
        needs=["bone_quality"],
    )
    bench.make("vbq-with-and-without", lambda: _with_and_without(data), needs=["vbq", "vbq_including"])
    _time_to_fracture(bench)
    return bench.report(
        frame,
        title="Vertebral bone quality and fracture after vertebroplasty",
        design="The design of KADRI 2025: VBQ on T1 before vertebroplasty, without the fractured level, high from 3.0; "
        "a secondary fracture is any later one, at any site.",
        references=("Kadri A, Liu D, Sorensen A, et al. J Neurosurg Spine 2025, doi:10.3171/2025.1.SPINE24976",),
        notices=notices,
    )


def _time_to_fracture(bench: Workbench) -> None:
    bench.section = "Secondary fracture"
    data, printed = bench.frame, bench.printed
    time, end, quality, fracture = map(printed, ("months", "event", "bone_quality", "secondary_fracture"))
    needs = ["months", "event", "bone_quality"]
    bench.make(
        "fracture-by-bone-quality",
        lambda: replace(outcome_by_group(data, fracture, quality, label="Secondary fracture"), notes=(_FOLLOW_UP,)),
        needs=["secondary_fracture", "bone_quality"],
    )
    bench.make(
        "kaplan-meier", lambda: kaplan_meier(data, time, end, group=quality, at=_AT, happened="fracture"), needs=needs
    )
    bench.make(
        "cumulative-incidence",
        lambda: cumulative_incidence(data, time, end, group=quality, at=_AT, happened="fracture", competing=["death"]),
        needs=needs,
    )
    bench.make("later-than-60-days", lambda: _late(data, time, end), needs=["months", "event"])
    adjusted = [quality, *bench.present(("age_years", "sex", "bmi_kg_m2"))]
    for key, covariates in {"bone-quality": [quality], "vbq": [printed("vbq")], "adjusted": adjusted}.items():
        bench.make(f"cox-{key}", partial(_cox, data, time, end, covariates), needs=needs)
    bench.make(
        "fine-gray",
        lambda: fine_gray(data, time, end, [quality], happened="fracture", competing=["death"]),
        needs=needs,
    )
    bench.make(
        "roc-of-vbq",
        # A score "above" the cut-off counts, and 3.0 itself is high.
        lambda: replace(
            roc(data[fracture], data[printed("vbq")], name="VBQ", cut_offs=(HIGH_FROM - TOLERANCE,)),
            assumptions=("Takes everyone without a fracture as never to have one, however short the follow-up.",),
        ),
        needs=["secondary_fracture", "vbq"],
    )


def _late(data: pd.DataFrame, time: str, end: str) -> AnalysisResult:
    """Share of the secondary fractures that came later than 60 days; day 60 itself is not later."""
    months = data.loc[data[end] == "fracture", time].dropna()
    if months.empty:
        raise CohortDataError("secondary fracture", "none is recorded with its time", "There is nothing to count.")
    late = int((months * _DAYS_OF_A_MONTH > EARLY_DAYS + TOLERANCE).sum())
    return AnalysisResult(
        title=say("Secondary fractures later than {early_days} days", early_days=EARLY_DAYS),
        method="Of the secondary fractures with a time; Wilson's 95% interval",
        n=len(months),
        tables=(
            Table(
                say("Secondary fractures later than {early_days} days", early_days=EARLY_DAYS),
                (
                    Column("fractures", "Secondary fractures", "d"),
                    Column("late", "Later", "d"),
                    Column("share", "Share (95% CI)", ".1%"),
                ),
                ((len(months), late, proportion(late, len(months))),),
            ),
        ),
        notes=("Fractures after the end of follow-up are not counted: the share grows with its length.",),
    )


def _cox(data: pd.DataFrame, time: str, end: str, covariates: Sequence[str]) -> HazardResult:
    fitted = cox(data, time, end, covariates, happened="fracture")
    return replace(fitted, title=say("Cox regression: {covariates}", covariates=joined(", ", covariates)))


def _with_and_without(data: pd.DataFrame) -> BlandAltmanResult:
    """Paired t-test and limits of agreement of VBQ without and with the fractured level."""
    from scipy.stats import ttest_rel, wilcoxon

    both = data[["vbq", "vbq_including"]].dropna().to_numpy(float)
    agreement = bland_altman(data["vbq"], data["vbq_including"])
    t, ranks = ttest_rel(both[:, 0], both[:, 1]), wilcoxon(both[:, 0], both[:, 1])
    mean, sd = both.mean(axis=0), both.std(axis=0, ddof=1)
    table = Table(
        "Without against with the fractured level",
        (
            Column("without", "Without, mean", ".2f"),
            Column("sd_without", "SD", ".2f"),
            Column("with", "With, mean", ".2f"),
            Column("sd_with", "SD", ".2f"),
            Column("difference", "Difference (95% CI)", ".3f"),
            Column("p", "P, paired t", "p"),
            Column("p_ranks", "P, Wilcoxon", "p"),
        ),
        (
            (
                float(mean[0]),
                float(sd[0]),
                float(mean[1]),
                float(sd[1]),
                Estimate(*(agreement.bias.value, agreement.bias.low, agreement.bias.high)),
                float(t.pvalue),
                float(ranks.pvalue),
            ),
        ),
    )
    return replace(
        agreement,
        title="VBQ without and with the fractured level",
        tables=(table, *agreement.tables),
        method=say(
            "Paired t-test and Wilcoxon's signed ranks; {method}", method=and_then(agreement.method, small_letter)
        ),
    )
