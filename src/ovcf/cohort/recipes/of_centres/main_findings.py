"""The main findings on one page: every figure in all patients, over centres, in a new centre, in complete cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.published.observed_expected import LABEL, LABEL_WITH_ERROR, what_both_say
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.cohort.centres.performance import CentrePerformance
    from ovcf.cohort.centres.pooling import PooledCentres
    from ovcf.cohort.missing.pooled import PooledAnalysis
    from ovcf.cohort.prediction.external_validation import ValidationResult
    from ovcf.cohort.recipes.of_centres.rates import GroupRates
    from ovcf.cohort.recipes.study_report import Workbench

_LABELS = {"AUC": "AUC of the total"}


def main_findings(bench: Workbench, threshold: float) -> AnalysisResult | None:
    """From the analyses made so far; None where none of them was."""
    imputed: PooledAnalysis | None = bench.made("performance-imputed")
    centres: CentrePerformance | None = bench.made("performance-by-centre")
    complete: ValidationResult | None = bench.made("validation")
    rates: GroupRates | None = bench.made("rates-by-group")
    if imputed is None and centres is None and complete is None:
        return None
    over = {f.figure: f for f in centres.figures} if centres else {}
    whole = {f.name: f.estimate for f in imputed.figures} if imputed else {}
    plain = _of_complete(complete) if complete else {}
    if rates is not None and rates.observed_expected.whole.with_error is not None:
        whole = _after(whole, LABEL, LABEL_WITH_ERROR, rates.observed_expected.whole.with_error)
    names = dict.fromkeys([*whole, *over, *plain])
    rows = []
    for name in names:
        f = over.get(name)
        new = Estimate(f.pooled.value, f.prediction.low, f.prediction.high) if f else None
        rows.append(
            (
                _LABELS.get(name, name),
                whole.get(name),
                f.pooled if f else None,
                say("{low:.2f} to {high:.2f}", low=new.low, high=new.high) if new else None,
                plain.get(name),
            )
        )
    sizes = [x.n for x in (imputed, centres, complete) if x is not None]
    return AnalysisResult(
        title="Performance at a glance",
        method="Figures of the sections below, side by side. AUC is of the total of points; the others take HAN's "
        "rates of the three groups as predicted risks, as printed where nothing else is said. Ideal: in the large 0, "
        "slope 1, observed / expected 1",
        n=max(sizes),
        notes=_in_words(whole, over, threshold),
        tables=(
            Table(
                "Performance of NASOVCF for non-union at 6 months",
                (
                    Column("figure", "Figure"),
                    Column("imputed", "All patients (interval)", ".2f", "–"),
                    Column("centres", "Mean of centres (interval)", ".2f", "–"),
                    Column("new", "New centre (prediction)", "", "–"),
                    Column("complete", "Complete cases (interval)", ".2f", "–"),
                ),
                tuple(rows),
            ),
        ),
    )


def _of_complete(found: ValidationResult) -> dict[str, Estimate]:
    c, decision = found.calibration, found.decision
    at = min(range(len(decision.thresholds)), key=lambda i: abs(decision.thresholds[i] - 0.2))
    return {
        "AUC": found.auc,
        "Calibration in the large": c.intercept,
        "Calibration slope": c.slope,
        LABEL: c.observed_to_expected,
        **({LABEL_WITH_ERROR: both} if (both := found.observed_expected.whole.with_error) else {}),
        "Brier score": c.brier,
        "Net benefit at 0.2": decision.intervals[0][1][at],
    }


def _after(figures: dict[str, Estimate], name: str, label: str, estimate: Estimate) -> dict[str, Estimate]:
    """With one more figure behind ``name``."""
    more = {}
    for key, value in figures.items():
        more[key] = value
        if key == name:
            more[label] = estimate
    return more


def _in_words(whole: dict[str, Estimate], over: dict[str, PooledCentres], threshold: float) -> tuple[str, ...]:
    """What the figures say, and no more."""
    said = []
    if ratio := whole.get(LABEL):
        more = "more" if ratio.value > 1 else "fewer"
        sure = "" if ratio.low > 1 or ratio.high < 1 else ", which chance could explain"
        said.append(
            say(
                "{value:.0f}% {more} non-unions than HAN's rates expect ({low:+.0f}% to {high:+.0f}%){sure}.",
                value=abs(100 * (ratio.value - 1)),
                more=more,
                low=100 * (ratio.low - 1),
                high=100 * (ratio.high - 1),
                sure=sure,
            )
        )
    if ratio and (both := whole.get(LABEL_WITH_ERROR)):
        said.append(
            say(
                "With the sampling error of HAN's own rates the difference is {low:+.0f}% to {high:+.0f}%.",
                low=100 * (both.low - 1),
                high=100 * (both.high - 1),
            )
        )
        if sure == "":
            said.append(what_both_say(ratio, both))
    area = over.get("AUC")
    if area:
        low = area.prediction.low
        said.append(
            say("A new centre may expect an AUC of {low:.2f} to {high:.2f}", low=low, high=area.prediction.high)
            + (": the score may tell patients apart no better than chance there." if low <= 0.5 else ".")
            + (
                say(" No spread between centres was found; tau up to {tau:.2f} is possible.", tau=area.tau_high)
                if area.tau == 0
                else ""
            )
        )
    gain = next((e for name, e in whole.items() if name.endswith("over acting on everyone")), None)
    if gain:
        said.append(
            say("At a threshold of {threshold:g}%, acting on the score ", threshold=100 * threshold)
            + (
                "does more good than acting on everyone."
                if gain.low > 0
                else "is not shown to do more good than acting on everyone."
            )
        )
    return tuple(said)
