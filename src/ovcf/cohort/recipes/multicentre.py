"""A validation of NASOVCF in several centres: each centre, all together, missing data, death, readers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.cohort.agreement.kappa import cohen_kappa
from ovcf.cohort.agreement.reliability import bland_altman, icc
from ovcf.cohort.centres.performance import performance_by_centre
from ovcf.cohort.data.nasovcf_column import ITEMS, nasovcf_of
from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.missing.imputation import impute
from ovcf.cohort.missing.patterns import missing_patterns
from ovcf.cohort.missing.pooled import pooled_auc, pooled_performance
from ovcf.cohort.prediction.at_horizon import risk_at_horizon
from ovcf.cohort.prediction.external_validation import published_risk, validate_nasovcf
from ovcf.cohort.prediction.updating import update_model
from ovcf.cohort.recipes.study_report import StudyReport, Workbench

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.missing.imputation import Imputed
    from ovcf.cohort.result import AnalysisResult

RISK = "HAN's rate of the score group"
THRESHOLD = 0.2
"""Of risk, between HAN's medium (9 %) and high group (62 %): acting on it is acting on the high group."""
HORIZON = 6
_ALSO = {"nasovcf": "NASOVCF", "risk": RISK}
_IMPUTED = (
    "Patients with a T-score above -1.0 are left out.",
    "The score cuts its items at limits that the imputation does not know: imputed AUC and slope are a little too low.",
)
_ELSEWHERE = {
    "11": "complete cases here; chained equations under Missing values imputed; patterns under Patients",
    "12d": "each centre by itself, pooled by random effects: under Centres",
    "12f": "recalibration and refitting: under Adapting the score's rates",
    "23b": "forest and prediction interval: under Centres",
    "24": "under Adapting the score's rates",
}
"""Items of TRIPOD+AI that other sections answer."""
_OBSERVED_ITEMS = [*ITEMS, "age_years", "sex", "centre", "non_union"]


def multicentre_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """NASOVCF against non-union in several centres, one patient per row; columns as its dictionary says."""
    data = frame.copy()
    if all(name in data for name in ITEMS):
        data["nasovcf"] = nasovcf_of(data)[0]
        data["risk"] = _risk(data)
    bench = Workbench(data, "multicentre", _ALSO)
    printed = bench.printed
    centre, outcome = printed("centre"), printed("non_union")
    bench.section = "Patients"
    known = [n for n in (*ITEMS, "age_years", "sex", "non_union") if n in data]
    bench.make(
        "missing-by-centre",
        lambda: missing_patterns(bench.frame, [printed(n) for n in known], group=centre),
        needs=["centre"],
    )
    bench.make(
        "baseline-by-centre",
        lambda: baseline(bench.frame, centre, bench.present(("age_years", "sex", *ITEMS, "nasovcf", "non_union"))),
        needs=["centre"],
    )
    bench.section = "All patients together"
    bench.make(
        "validation", lambda: validate_nasovcf(frame, "non_union", answers=_ELSEWHERE), needs=["non_union", *ITEMS]
    )
    bench.section = "Centres"
    bench.make(
        "performance-by-centre",
        lambda: performance_by_centre(bench.frame, outcome, RISK, centre, threshold=THRESHOLD),
        needs=["centre", "non_union", *ITEMS],
    )
    _with_missing_values(bench, data)
    bench.section = "Death before healing can be judged"
    bench.make(
        "risk-by-six-months",
        lambda: risk_at_horizon(
            bench.frame, printed("months"), printed("event"), RISK, HORIZON, happened="non-union", competing=["death"]
        ),
        needs=["months", "event", *ITEMS],
    )
    bench.section = "Adapting the score's rates"
    bench.make(
        "updating", lambda: update_model(bench.frame, outcome, RISK, [printed("nasovcf")]), needs=["non_union", *ITEMS]
    )
    _readers(bench)
    return bench.report(
        frame,
        title="NASOVCF and non-union in several centres",
        design="External validation in several centres: the score as HAN 2025 published it, its groups' rates as "
        "predictions; each centre by itself and pooled by random effects, missing values imputed, death as a competing "
        "event, two readers.",
        references=("Han W, Deng Z, Lin Z, Luo J, Xu J. Sci Rep 2025;15:16791", "Debray TPA et al. BMJ 2017;356:i6460"),
        notices=notices,
    )


def _risk(frame: pd.DataFrame) -> Any:
    return published_risk(nasovcf_of(frame)[0], "non_union")


def _with_missing_values(bench: Workbench, data: pd.DataFrame) -> None:
    bench.section = "Missing values imputed"
    needs = ["non_union", *ITEMS]
    made: list[Imputed] = []

    def completed() -> Imputed:
        if not made:
            # A T-score above -1.0 is outside the score's population, known or not to be imputed from.
            inside = data[~(data["t_score"] > -1.0)]
            made.append(impute(inside, [n for n in _OBSERVED_ITEMS if n in data], imputations=20, cycles=5))
        return made[0]

    def said(result: AnalysisResult) -> AnalysisResult:
        return replace(result, notes=(*result.notes, *_IMPUTED))

    bench.make(
        "auc-imputed", lambda: said(pooled_auc(completed(), "non_union", lambda f: nasovcf_of(f)[0])), needs=needs
    )
    bench.make(
        "performance-imputed",
        lambda: said(pooled_performance(completed(), "non_union", _risk, thresholds=[THRESHOLD])),
        needs=needs,
    )


def _readers(bench: Workbench) -> None:
    bench.section = "Two readers"
    data, printed = bench.frame, bench.printed
    for name in ("fracture_type", "t2_pattern"):
        first, second = name, f"{name}_reader2"

        def kappa(first: str = first, second: str = second) -> AnalysisResult:
            both = data[[printed(first), printed(second)]].dropna().astype(str)
            found = cohen_kappa(both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy())
            return replace(found, title=f"{printed(first)}: agreement of two readers")

        bench.make(f"agreement-{name.replace('_', '-')}", kappa, needs=[first, second])
    for name in ("vhl_percent_0mo", "ka_deg_0mo"):
        first, second = name, name.replace("_0mo", "_reader2")

        def limits(first: str = first, second: str = second) -> AnalysisResult:
            found = bland_altman(data[printed(first)], data[printed(second)])
            return replace(found, title=f"{printed(first)}: two readers")

        def coefficients(first: str = first, second: str = second) -> AnalysisResult:
            found = icc(data[[printed(first), printed(second)]].to_numpy(float))
            return replace(found, title=f"{printed(first)}: intraclass correlation of two readers")

        key = "height-loss" if name.startswith("vhl") else "kyphosis"
        bench.make(f"limits-of-agreement-{key}", limits, needs=[first, second])
        bench.make(f"icc-{key}", coefficients, needs=[first, second])
