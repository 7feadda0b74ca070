"""A question asked on a page, as one would type it on the command line."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ovcf.cohort.questions.asked import Question

if TYPE_CHECKING:
    from ovcf.cohort.questions.asked import Asked


def command(asked: Asked, data: str) -> str:
    """The same question as it is typed."""
    words = ["ovcf", "cohort", asked.question.value, data]
    pairs = {
        "--time": [asked.time],
        "--outcome": [asked.outcome],
        "--event": [asked.event or ""],
        "--readings" if asked.question is Question.AGREEMENT else "--by": asked.by,
        "--columns": asked.columns,
        "--lower": asked.lower,
        "--cut-off": [f"{x:g}" for x in asked.cut_offs],
        "--at": [f"{x:g}" for x in asked.at],
        "--reference": [f"{k}={v}" for k, v in asked.reference.items()],
        "--spline": [f"{k}={v}" for k, v in asked.splines.items()],
        "--cluster": [asked.cluster],
        "--strata": asked.strata,
        "--category": asked.category,
        "--number": asked.number,
    }
    for option, values in pairs.items():
        if given := [v for v in values if v]:
            words += [option, *given]
    return shlex.join(words)
