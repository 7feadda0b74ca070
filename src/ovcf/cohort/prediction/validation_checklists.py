"""PROBAST and TRIPOD+AI filled with what a validation of NASOVCF knows of their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ovcf.cohort.checklists import probast, tripod_ai
from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.cohort.prediction.calibration import CalibrationResult
    from ovcf.cohort.result import Estimate, Table

FEW_EVENTS = 100
"""Below this many events (or non-events) an external validation is imprecise (Collins et al., Stat Med 2016;35:214)."""


class Validated(Protocol):
    """What the checklists take of a validation."""

    @property
    def n(self) -> int:
        """Patients analysed."""

    @property
    def outcome(self) -> str:
        """Which outcome of HAN 2025."""

    @property
    def events(self) -> int:
        """Patients with it."""

    @property
    def flow(self) -> Sequence[tuple[str, int]]:
        """How many were in the table, and how many were analysed."""

    @property
    def auc(self) -> Estimate:
        """How well the score separates."""

    @property
    def calibration(self) -> CalibrationResult:
        """Observed against expected."""


def validation_checklists(
    result: Validated, tripod: Mapping[str, str] | None = None, bias: Mapping[str, str] | None = None
) -> tuple[Table, Table]:
    """PROBAST and TRIPOD+AI with what a validation says of their items.

    ``tripod`` and ``bias`` are the answers of further analyses, by item; they come first.
    """
    others = result.n - result.events
    answers = {**_risk_of_bias(result.outcome, result.flow, result.events, others), **(bias or {})}
    label = PUBLISHED[result.outcome].label
    filled = _filled(label, result.flow, result.events, result.auc, result.calibration)
    return probast(answers), tripod_ai({**filled, **(tripod or {})})


def _risk_of_bias(outcome: str, flow: Sequence[tuple[str, int]], events: int, others: int) -> dict[str, str]:
    """What this analysis knows of the questions of PROBAST."""
    counts = dict(flow)
    whole, analysed = counts["in the table"], counts["analysed"]
    few = min(events, others)
    same = "no: progressive kyphosis is a change of the local kyphosis, which is an item of the score"
    return {
        "2.3": "yes: every item is known before treatment",
        "3.2": "yes where judged as HAN 2025 defines it; whether it was is for the authors",
        **({"3.3": same} if outcome == "progressive_kyphosis" else {}),
        "4.1": say(
            "{value}: {events} with the outcome, {others} without",
            value="yes" if few >= FEW_EVENTS else "no",
            events=events,
            others=others,
        ),
        "4.2": "yes: the limits are those that the score is published with",
        "4.3": "yes"
        if analysed == whole
        else say("no: {analysed} of {whole} analysed; see the table Patients", analysed=analysed, whole=whole),
        "4.4": "yes: none is missing"
        if analysed == whole
        else "no: complete cases; multiple imputation is at hand (pooled_performance)",
        "4.7": "yes: AUC, calibration by group, observed over expected",
    }


def _filled(
    label: str, flow: Sequence[tuple[str, int]], events: int, area: Estimate, calibrated: CalibrationResult
) -> dict[str, str]:
    """What this validation says of the items of TRIPOD+AI, with its figures."""
    counts = dict(flow)
    n = counts["analysed"]
    return {
        "4": "evaluation of a published score",
        "8a": say("{label}; how and when it was assessed is for the authors", label=label),
        "11": say(
            "complete cases: {n} of {counts} analysed; counts under Missing and in Patients",
            n=n,
            counts=counts["in the table"],
        ),
        "12e": "AUC, odds ratio per point, calibration by group, observed / expected with and without the sampling "
        "error of the published rates, Brier score, net benefit; figure of observed and published rates",
        "12f": "local intercept with the published odds ratio",
        "12g": "total of the published points; HAN's rates of the score groups as predictions",
        "13": "none used",
        "16": "tables of features beside HAN 2025; setting and eligibility are for the authors",
        "18f": "this software; the command stands under Provenance of a report",
        "20a": say(
            "{n} analysed, {events} with the outcome and {events_2} without: table Patients",
            n=n,
            events=events,
            events_2=n - events,
        ),
        "20b": "tables of features; numbers missing under Missing",
        "20c": "tables of features and by group, beside HAN 2025",
        "21": say("{n} participants, {events} events", n=n, events=events),
        "23a": say(
            "AUC {area:.3f}; observed / expected {observed_to_expected:.2f}; tables by group, Performance "
            "and The limits of the groups; in key groups: for the authors",
            area=area,
            observed_to_expected=calibrated.observed_to_expected,
        ),
        "24": "local intercept, under Note",
    }
