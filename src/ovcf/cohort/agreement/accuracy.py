"""Diagnostic accuracy against a reference reader, where several vertebrae of a patient are read.

Vertebrae of one patient are alike. Their readings are summed by patient and errors come from how patients differ
(a ratio of sums; Zhou XH, Obuchowski NA, McClish DK. Statistical Methods in Diagnostic Medicine, 2nd ed. Wiley 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.checklists import STARD_REFERENCE, stard
from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.scale import from_scale, to_scale
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

REFERENCES = (
    "Zhou XH, Obuchowski NA, McClish DK. Statistical Methods in Diagnostic Medicine, 2nd ed. Wiley 2011 (clusters)",
    STARD_REFERENCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyResult(AnalysisResult):
    """A test against a reference; ``counts`` are true and false positives, false and true negatives.

    ``design_effect`` is by how much clustering multiplies the variance of the sensitivity (None without clusters).
    """

    counts: tuple[int, int, int, int]
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate | None
    npv: Estimate | None
    accuracy: Estimate
    design_effect: float | None


def diagnostic_accuracy(
    reference: ArrayLike, test: ArrayLike, *, patient: ArrayLike | None = None, coverage: float = 0.95
) -> AccuracyResult:
    """Sensitivity, specificity and predictive values of a reading (0 and 1) against a reference reading.

    Args:
        reference: 1 where the reference reader sees the finding.
        test: 1 where the test does.
        patient: who the vertebra belongs to, where several of a patient are read; intervals then allow for it.
        coverage: of all intervals.

    Raises:
        CohortDataError: values other than 0 and 1, a constant reference, fewer than two patients.
    """
    y = binary(reference, "reference")
    x = numbers(test, "test")
    if not np.isin(x[~np.isnan(x)], (0, 1)).all():
        raise CohortDataError("test", "holds a value that is not 0 or 1", "Cut a score at a fixed limit first.")
    columns = {"reference": y, "test": x}
    pandas = optional_import("pandas")
    who = None if patient is None else pandas.Series(np.asarray(patient, object))
    if who is not None:
        columns["patient"] = np.where(who.isna(), np.nan, 0.0)
    whole, missing = complete_rows(**columns)
    y, x = binary(y[whole], "reference"), x[whole]
    cluster = None if who is None else pandas.factorize(who[whole])[0]
    if cluster is not None and cluster.max() < 1:
        raise CohortDataError("patient", "is the same in every row", "Leave it out if rows are patients.")
    shares = (
        ("Sensitivity", x * y, y),
        ("Specificity", (1 - x) * (1 - y), 1 - y),
        ("Positive predictive value", x * y, x),
        ("Negative predictive value", (1 - x) * (1 - y), 1 - x),
        ("Accuracy", x * y + (1 - x) * (1 - y), np.ones_like(y)),
    )
    found: dict[str, Estimate | None] = {}
    for name, hits, of in shares:
        found[name] = _share(hits, of, cluster, coverage) if of.any() else None
    sensitivity, specificity, ppv, npv, accuracy = found.values()
    assert sensitivity is not None
    assert specificity is not None
    assert accuracy is not None, "the reference is not constant"
    effect = None
    spread = sensitivity.value * (1 - sensitivity.value)
    if cluster is not None and sensitivity.standard_error is not None and spread > 0:
        effect = sensitivity.standard_error**2 / (spread / y.sum())
    counts = tuple(int(v.sum()) for v in (x * y, x * (1 - y), (1 - x) * y, (1 - x) * (1 - y)))
    tp, fp, fn, tn = counts
    return AccuracyResult(
        title="Diagnostic accuracy",
        method="Shares of readings; "
        + (
            "Wilson intervals"
            if cluster is None
            else say(
                "{max} patients as clusters: linearised variance, intervals on the logit scale by t",
                max=cluster.max() + 1,
            )
        ),
        references=REFERENCES,
        n=len(y),
        missing=missing,
        assumptions=("the reference reading is taken as the truth",),
        notes=tuple(
            said
            for said, holds in (
                (
                    say("Clustering multiplies the variance of the sensitivity by {value:.2f}.", value=effect or 0),
                    effect is not None,
                ),
                ("Predictive values hold where the finding is as frequent as here.", True),
                ("Rows are taken as independent: name the patient where one has several.", cluster is None),
            )
            if holds
        ),
        tables=(
            Table(
                "Readings",
                (
                    Column("test", "Test"),
                    Column("positive", "Reference positive", "d"),
                    Column("negative", "Reference negative", "d"),
                ),
                (("positive", tp, fp), ("negative", fn, tn)),
            ),
            Table(
                "Accuracy",
                (
                    Column("figure", "Figure"),
                    Column("value", say("Value ({coverage:g}% CI)", coverage=100 * coverage), ".3f"),
                ),
                tuple(found.items()),
            ),
            stard(_filled((tp, fp, fn, tn), sensitivity, specificity, missing, clustered=cluster is not None)),
        ),
        counts=(tp, fp, fn, tn),
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=ppv,
        npv=npv,
        accuracy=accuracy,
        design_effect=effect,
    )


def _filled(
    counts: tuple[int, int, int, int],
    sensitivity: Estimate,
    specificity: Estimate,
    missing: tuple[tuple[str, int], ...],
    *,
    clustered: bool,
) -> dict[str, str]:
    """What this analysis says of the items of STARD, with its figures."""
    tp, fp, fn, tn = counts
    absent = joined(", ", (say("{name} {count}", name=name, count=count) for name, count in missing if count))
    return {
        "14": "shares with " + ("intervals that allow for patients as clusters" if clustered else "Wilson's intervals"),
        "16": say("rows without both results are left out ({value})", value=absent or "none"),
        "19": say("{tn} readings analysed; the diagram is for the authors", tn=tp + fp + fn + tn),
        "23": say(
            "table Readings: {tp} true and {fp} false positive, {fn} false and {tn} true negative",
            tp=tp,
            fp=fp,
            fn=fn,
            tn=tn,
        ),
        "24": say(
            "sensitivity {sensitivity:.3f}, specificity {specificity:.3f}: table Accuracy",
            sensitivity=sensitivity,
            specificity=specificity,
        ),
    }


def _share(hits: Array, of: Array, cluster: NDArray[np.int64] | None, coverage: float) -> Estimate:
    value = float(hits.sum() / of.sum())
    if cluster is None:
        return proportion(int(hits.sum()), int(of.sum()), coverage=coverage)
    counted = np.bincount(cluster, of)
    rest = np.bincount(cluster, hits) - value * counted
    m = len(counted)
    error = float(np.sqrt(m / (m - 1) * (rest**2).sum())) / float(of.sum())
    if error == 0:  # all or none: the number of patients, not of vertebrae, says how sure that is
        patients = int((counted > 0).sum())
        return proportion(round(value * patients), patients, coverage=coverage)
    degrees = int((counted > 0).sum()) - 1
    half = float(optional_import("scipy.stats").t.ppf(0.5 + coverage / 2, degrees)) * error / (value * (1 - value))
    middle = float(to_scale("logit", value))
    low, high = (float(v) for v in from_scale("logit", [middle - half, middle + half]))
    return Estimate(value, low, high, error, coverage)
