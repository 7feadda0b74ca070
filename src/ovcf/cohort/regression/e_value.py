"""How strong an unmeasured confounder would have to be to explain a ratio away (VanderWeele and Ding)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

Kind = Literal["risk ratio", "odds ratio", "hazard ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EValueResult(AnalysisResult):
    """``value`` for the ratio itself, ``limit`` for the end of its interval next to one (1 if it holds one)."""

    value: float
    limit: float


def e_value(ratio: Estimate, kind: Kind, *, rare: bool) -> EValueResult:
    """The risk ratio that a confounder needs with both exposure and outcome to move ``ratio`` to one.

    Args:
        ratio: with its interval.
        kind: of ratio.
        rare: whether fewer than 15 % have the outcome at the end of follow-up; odds and hazard ratios are then nearly
            risk ratios, else VanderWeele's approximations stand in.

    Raises:
        CohortDataError: a ratio or limit that is not above 0.
    """
    if min(ratio.value, ratio.low) <= 0 or not math.isfinite(ratio.high):
        raise CohortDataError("ratio", "or its interval is not above 0 and finite", "Give an estimable ratio.")

    def risk_ratio(x: float) -> float:
        if rare or kind == "risk ratio":
            return x
        if kind == "odds ratio":
            return math.sqrt(x)
        return float((1 - 0.5 ** math.sqrt(x)) / (1 - 0.5 ** math.sqrt(1 / x)))

    def needed(x: float) -> float:
        rr = risk_ratio(x)
        rr = max(rr, 1 / rr)
        return rr + math.sqrt(rr * (rr - 1))

    near = ratio.low if ratio.value > 1 else ratio.high
    crosses = ratio.low <= 1 <= ratio.high
    value, limit = needed(ratio.value), 1.0 if crosses else needed(near)
    return EValueResult(
        title="E-value",
        method=say("Of a {kind}", kind=kind) + (", the outcome being rare" if rare else ""),
        references=("VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268-274",),
        n=1,
        notes=(
            say(
                "To explain the ratio away a confounder needs risk ratios of {value:.2f} with exposure and "
                "outcome alike,",
                value=value,
            ),
            say("to move its interval to one {limit:.2f}, each beyond what is in the model.", limit=limit),
            "It says nothing of whether there is such a confounder, nor of selection or wrong measurements.",
        ),
        tables=(
            Table(
                "E-value",
                (
                    Column("ratio", kind.capitalize(), ".2f"),
                    Column("value", "E-value", ".2f"),
                    Column("limit", "E-value of the limit", ".2f"),
                ),
                ((ratio, value, limit),),
            ),
        ),
        value=value,
        limit=limit,
    )
