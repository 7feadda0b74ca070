"""Do scores tell who will have the event, and which does it better?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.prediction.roc import RocResult, compare_roc, roc
from ovcf.cohort.questions.answer import Answer, answer, events
from ovcf.cohort.wording import said_p
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from ovcf.cohort.result import AnalysisResult


def discrimination(
    frame: pd.DataFrame,
    outcome: str,
    markers: Sequence[str],
    *,
    event: str | None = None,
    lower: Collection[str] = (),
    cut_offs: Sequence[float] = (),
) -> Answer:
    """ROC curves of ``markers`` for ``outcome``: areas, cut-offs, and every two of them compared in the same patients.

    ``lower`` are markers of which less speaks for the event, such as a T-score; ``cut_offs`` were fixed beforehand and
    are for a single marker.

    Raises:
        CohortDataError: an unknown column or value, no events, a marker that is no number.
    """
    happened, said = events(frame, outcome, event)
    given_frame = frame
    results: list[tuple[str, AnalysisResult]] = []
    headline = []
    if len(markers) > 1:
        compared = compare_roc(happened, {m: frame[m] for m in markers}, lower=lower)
        results.append(("roc-compared", compared))
        headline += [
            say(
                "{a} against {b}: difference of AUC {difference:.3f}, {said_p}",
                a=a,
                b=b,
                difference=t.difference,
                said_p=said_p(t.p),
            )
            for a, b, t, _ in compared.pairs
        ]
        whole = frame[list(markers)].notna().all(axis=1)  # the same patients for every figure
        frame, happened = frame[whole], happened[whole]
    single: list[RocResult] = []
    for i, marker in enumerate(markers, start=1):
        given = cut_offs if len(markers) == 1 else ()
        single.append(roc(happened, frame[marker], name=marker, cut_offs=given, lower=marker in lower))
        results.append((f"roc-{i}" if len(markers) > 1 else "roc", single[-1]))
    return answer(
        given_frame,
        kind="roc",
        title=say("ROC of {markers} for {outcome}", markers=", ".join(markers), outcome=outcome),
        design=say(
            "How well {markers} tell patients with the event ({said}) from those without.",
            markers=joined(" and ", markers),
            said=said,
        ),
        results=results,
        headline=[*(_headline(r) for r in single), *headline],
    )


def _headline(r: RocResult) -> str:
    best = r.cut_offs[0]
    cut = best.value.value
    beyond = say("below {cut:.4g}", cut=cut) if r.lower else say("above {cut:.4g}", cut=cut)
    return say(
        "{name}: AUC {value:.3f} (95% CI {low:.3f} to {high:.3f}); {beyond} "
        "sensitivity {sensitivity:.0%}, specificity {specificity:.0%}",
        name=r.name,
        value=r.auc.value,
        low=r.auc.low,
        high=r.auc.high,
        beyond=beyond,
        sensitivity=best.sensitivity.value,
        specificity=best.specificity.value,
    )
