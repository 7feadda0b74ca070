"""The methods paragraph of a paper, from what was done: sentences one may paste, with software and versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ovcf.cohort.groups.baseline import BaselineResult
from ovcf.cohort.groups.group_tests import label
from ovcf.cohort.groups.multiplicity import adjusted_by
from ovcf.cohort.prediction.roc import RocComparison, RocResult
from ovcf.cohort.regression.linear import LinearResult
from ovcf.cohort.regression.logistic import CrudeAndAdjusted, LogisticResult, UnivariableResult
from ovcf.cohort.survival.cox import HazardResult
from ovcf.cohort.survival.kaplan_meier import SurvivalResult
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed

if TYPE_CHECKING:
    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.cohort.result import AnalysisResult

_LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "firthmodels")


def methods_paragraph(study: StudyReport, software: str) -> str:
    """One paragraph: what was compared and how, what was done about missing values, by which software."""
    if study.methods:
        return joined(" ", [study.methods, _software(software)])
    results = [item.result for item in study.items]
    said = dict.fromkeys(sentence for r in results if (sentence := _sentence(r)))
    incomplete = sorted({name for r in results for name, count in r.missing if count})
    gaps = (
        "Each analysis used the patients in whom its variables were known."
        if incomplete
        else "No value was missing in the variables analysed."
    )
    return joined(" ", [*said, gaps, "P values are two-sided.", _software(software)])


def methods_references(study: StudyReport) -> tuple[str, ...]:
    """The references of the methods used, each once."""
    return tuple(dict.fromkeys(text for item in study.items for text in item.result.references))


def _sentence(result: AnalysisResult) -> str:
    """What was done, in the past tense; of an analysis without a sentence of its own its title and method."""
    if isinstance(result, BaselineResult):
        return _baseline(result)
    if isinstance(result, RocResult):
        return (
            "Discrimination was measured by the area under the empirical ROC curve with DeLong's confidence interval; "
            "cut-offs were those of the largest Youden index, with percentile intervals of a stratified bootstrap."
        )
    if isinstance(result, RocComparison):
        return "Areas under the ROC curve were compared in the same patients by DeLong's test for paired curves."
    if isinstance(result, SurvivalResult):
        compared = " Groups were compared by the log-rank test." if result.log_rank else ""
        return say(
            "Freedom from the event was estimated by Kaplan and Meier's method with log(-log) intervals.{compared}",
            compared=compared,
        )
    if isinstance(result, HazardResult) and result.title == "Cox regression":
        return (
            "Hazard ratios were estimated by Cox's proportional hazards regression with Efron's method for ties; "
            "proportionality was tested on scaled Schoenfeld residuals."
            + (" Numbers with a bent effect entered by restricted cubic splines." if result.smooth else "")
        )
    if isinstance(result, LogisticResult):
        by = "Firth's penalised likelihood" if result.estimator == "Firth" else "maximum likelihood"
        names = joined(", ", (c.variable for c in result.codings))
        bent = " Numbers with a bent effect entered by restricted cubic splines." if result.smooth else ""
        return say(
            "Odds ratios of {outcome} were estimated by logistic regression ({by}) on {names}.{bent}",
            outcome=result.outcome,
            by=by,
            names=names,
            bent=bent,
        )
    if isinstance(result, UnivariableResult | CrudeAndAdjusted):
        return "Each predictor was also examined by itself by logistic regression."
    if isinstance(result, LinearResult):
        names = joined(", ", (c.variable for c in result.codings))
        return say(
            "{outcome} was explained by linear regression (ordinary least squares) on {names}.",
            outcome=result.outcome,
            names=names,
        )
    method = result.method.rstrip(".")
    return say("{title}: {method}.", title=result.title, method=method) if method else ""


def _baseline(result: BaselineResult) -> str:
    numbers = [x for x in result.lines if x.kind == "number"]
    ranks = [x for x in numbers if x.comparison.test == "kruskal"]
    shown = [
        *(["mean ± standard deviation"] if len(ranks) < len(numbers) else []),
        *(["median (quartiles)"] if ranks else []),
        *(["number (percentage)"] if len(numbers) < len(result.lines) else []),
    ]
    tests = list(dict.fromkeys(label(x.comparison.test, len(result.groups)) for x in result.lines))
    chosen = (
        ", chosen for each variable by Shapiro-Wilk's and Levene's tests and by Cochran's rule for expected counts"
        if any(x.comparison.reason.startswith(("Shapiro", "smallest")) for x in result.lines)
        else ""
    )
    pairs = (
        say("; pairs of groups were {adjusted_by}", adjusted_by=adjusted_by(result.correction))
        if len(result.groups) > 2
        else ""
    )
    compared = say(
        "compared between the groups by {tests}{chosen}{pairs}", tests=listed(tests), chosen=chosen, pairs=pairs
    )
    return say("Variables are given as {shown} and were {compared}.", shown=listed(shown), compared=compared)


def _software(software: str) -> str:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return say(
        "Analyses were made with {software} (Python {python_version}, {found}).",
        software=software,
        python_version=platform.python_version(),
        found=joined(", ", found),
    )
