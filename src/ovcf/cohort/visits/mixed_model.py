"""Linear mixed models of repeated visits, which use every patient's visits, also of those who missed some."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.design import levels_of
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.result import Column, Estimate, Table
from ovcf.cohort.visits.kenward_roger import KenwardRoger
from ovcf.cohort.visits.longitudinal import VisitMean, VisitResult, mean_table, visit_rows
from ovcf.cohort.visits.reml import RemlFit, fit_reml
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FixedEffect:
    """A coefficient of the mean; ``degrees`` of freedom of its t are infinite where Wald's test was asked for."""

    term: str
    estimate: Estimate
    p: float
    degrees: float


@dataclass(frozen=True, slots=True)
class JointTest:
    """That all coefficients of an effect are zero: F with ``degrees`` and ``denominator`` degrees of freedom.

    ``chi_square`` is Wald's, which takes the variances as known; its P is that of an infinite ``denominator``.
    """

    effect: str
    f: float
    degrees: int
    denominator: float
    p: float
    chi_square: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModelResult(VisitResult):
    """Fixed effects, their joint tests, variances (between patients, of slopes, residual) and marginal means."""

    effects: tuple[FixedEffect, ...]
    tests: tuple[JointTest, ...]
    variances: tuple[tuple[str, float], ...]
    log_likelihood: float


def linear_mixed_model(
    frame: pd.DataFrame,
    outcome: str,
    *,
    subject: str,
    visit: str,
    group: str | None = None,
    covariates: Sequence[str] = (),
    time: Literal["categorical", "linear"] = "categorical",
    random_slope: bool = False,
    inference: Literal["kenward-roger", "wald"] = "kenward-roger",
    unit: str = "months",
) -> MixedModelResult:
    """Fit a linear mixed model by restricted maximum likelihood: visit, group, their interaction, covariates.

    Args:
        frame: one row per patient and visit; rows without a value are counted and left out, the patient stays.
        outcome, subject, visit, group: columns.
        covariates: further columns of numbers; marginal means are at their means.
        time: a mean of its own for every visit, or a straight line over the visits' times.
        random_slope: every patient has a slope over time of his own beside his level.
        inference: ``kenward-roger`` allows for the variances being estimated, which matters in few patients; ``wald``
            takes them as known.
        unit: of the visits, for print.

    Raises:
        CohortDataError: a column is absent, a visit repeated, or the model cannot be estimated from these data.
    """
    kept, missing = visit_rows(frame, outcome, subject, visit, group, *covariates)
    design = _Design.of(kept, visit, group, covariates, time)
    slope = np.column_stack([np.ones(len(kept)), *([kept[visit].to_numpy(float)] if random_slope else [])])
    number, patients = optional_import("pandas").factorize(kept[subject])
    fit = fit_reml(kept[outcome].to_numpy(float), design.matrix, slope, number)
    random, tests_of = fit.random, _Inference.of(fit, inference)
    names = ["patients", "slopes of patients"] if random_slope else ["patients"]
    variances = [(name, float(v)) for name, v in zip(names, np.diag(random), strict=True)]
    if random_slope:
        variances.append(("covariance of level and slope", float(random[0, 1])))
    variances.append(("residual", fit.residual))
    unity = np.eye(len(design.terms))
    effects = tuple(tests_of.fixed(term, row) for term, row in zip(design.terms, unity, strict=True))
    tests = tuple(tests_of.joint(name, unity[at]) for name, at in design.blocks.items())
    means = tuple(VisitMean(group, at, tests_of.estimate(x)[0]) for group, at, x in design.cells)
    boundary = min(np.linalg.eigvalsh(random)) < 1e-6 * fit.residual
    return MixedModelResult(
        title=say("{outcome} over visits: linear mixed model", outcome=outcome),
        method="Linear mixed model, restricted maximum likelihood, random "
        + ("intercept and slope" if random_slope else "intercept")
        + " of patient; "
        + ("Wald" if inference == "wald" else "Kenward-Roger")
        + " intervals and tests",
        references=(
            "Laird NM, Ware JH. Biometrics 1982;38:963-974",
            *(() if inference == "wald" else ("Kenward MG, Roger JH. Biometrics 1997;53:983-997",)),
        ),
        n=len(patients),
        missing=missing,
        assumptions=(
            "Missed visits are taken to depend on nothing but what was observed (missing at random).",
            _residuals(fit.residuals),
        ),
        notes=(
            (say("{kept} visits of {patients} patients.", kept=len(kept), patients=len(patients)),)
            + (
                (
                    "A variance between patients is estimated as zero"
                    + (", or level and slope as inseparable." if random_slope else "."),
                )
                if boundary
                else ()
            )
        ),
        tables=(
            Table(
                "Fixed effects",
                (
                    Column("term", "Term"),
                    Column("estimate", "Estimate (95% CI)", ".3f"),
                    Column("degrees", "df", ".1f"),
                    Column("p", "P", "p"),
                ),
                tuple((e.term, e.estimate, e.degrees, e.p) for e in effects),
            ),
            Table(
                "Joint tests",
                (
                    Column("effect", "Effect"),
                    Column("f", "F", ".2f"),
                    Column("degrees", "df", "d"),
                    Column("denominator", "Denominator df", ".1f"),
                    Column("p", "P", "p"),
                ),
                tuple((t.effect, t.f, t.degrees, t.denominator, t.p) for t in tests),
            ),
            mean_table(means, visit),
            Table("Variances", (Column("part", "Part"), Column("variance", "Variance", ".3f")), tuple(variances)),
        ),
        means=means,
        outcome=outcome,
        unit=unit,
        effects=effects,
        tests=tests,
        variances=tuple(variances),
        log_likelihood=fit.log_likelihood,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Design:
    """Columns of the mean: groups and visits are coded as deviations from their unweighted mean, so that the joint test
    of an effect is that of its average over the others. ``cells`` are the model's mean of each group at each visit, at
    the mean of the covariates."""

    matrix: Array
    terms: list[str]
    blocks: dict[str, list[int]]
    cells: list[tuple[str, float, Array]]

    @classmethod
    def of(cls, kept: pd.DataFrame, visit: str, group: str | None, covariates: Sequence[str], time: str) -> _Design:
        visits = sorted(float(v) for v in kept[visit].unique())
        column = kept[group] if group else None
        groups = [] if column is None else list(levels_of(column) or sorted(column.unique()))
        if len(visits) < 2 or (group and len(groups) < 2):
            raise CohortDataError("table", "has fewer than two visits or groups", "There is nothing to compare.")
        center = kept[list(covariates)].to_numpy(float).mean(axis=0) if covariates else np.zeros(0)

        def row(g: Any, v: float) -> Array:
            of_visit = np.array([v]) if time == "linear" else _deviation(visits.index(v), len(visits))
            of_group = _deviation(groups.index(g), len(groups)) if group else np.zeros(0)
            return np.concatenate([[1.0], of_visit, of_group, np.outer(of_group, of_visit).ravel()])

        rows = {(g, v): row(g, v) for g, v in product(groups or [None], visits)}
        keys = zip(kept[group] if group else [None] * len(kept), kept[visit].astype(float), strict=True)
        matrix = np.stack([rows[key] for key in keys])
        matrix = np.column_stack([matrix, kept[list(covariates)].to_numpy(float) - center]) if covariates else matrix
        over = [visit] if time == "linear" else [say("{visit} {v:g}", visit=visit, v=v) for v in visits[:-1]]
        between = [say("{group} {g}", group=group, g=g) for g in groups[:-1]]
        both = [say("{a} x {b}", a=a, b=b) for a in between for b in over]
        terms = ["mean", *over, *between, *both, *covariates]
        starts = np.cumsum([1, len(over), len(between), len(both), *[1] * len(covariates)])
        labels = [visit, str(group), say("{group} x {visit}", group=group, visit=visit), *covariates]
        blocks = {
            label: list(range(a, b)) for label, a, b in zip(labels, starts[:-1], starts[1:], strict=True) if b > a
        }
        zeros = np.zeros(len(covariates))
        cells = [("all" if g is None else str(g), v, np.concatenate([r, zeros])) for (g, v), r in rows.items()]
        return cls(matrix, terms, blocks, cells)


def _deviation(i: int, n: int) -> Array:
    return np.full(n - 1, -1.0) if i == n - 1 else np.eye(n - 1)[i]


@dataclass(frozen=True, slots=True, eq=False)
class _Inference:
    """Intervals and tests of contrasts of the coefficients, in few patients or by Wald."""

    fit: RemlFit
    small: KenwardRoger | None

    @classmethod
    def of(cls, fit: RemlFit, inference: str) -> _Inference:
        return cls(fit, None if inference == "wald" else KenwardRoger.of(fit))

    def estimate(self, contrast: Array) -> tuple[Estimate, float]:
        """Value and interval of one contrast ``(p,)``, and the degrees of freedom of its t."""
        degrees = self.small.test(contrast[None])[1] if self.small else np.inf
        covariance = self.small.covariance if self.small else self.fit.covariance
        value, error = float(contrast @ self.fit.beta), float(contrast @ covariance @ contrast) ** 0.5
        half = float(optional_import("scipy.stats").t.ppf(0.975, degrees)) * error
        return Estimate(value, value - half, value + half, error), degrees

    def fixed(self, term: str, contrast: Array) -> FixedEffect:
        estimate, degrees = self.estimate(contrast)
        t = abs(estimate.value) / (estimate.standard_error or np.inf)
        p = two_sided_p(t) if np.isinf(degrees) else float(2 * optional_import("scipy.stats").t.sf(t, degrees))
        return FixedEffect(term, estimate, p, degrees)

    def joint(self, effect: str, contrast: Array) -> JointTest:
        stats, size = optional_import("scipy.stats"), len(contrast)
        value = contrast @ self.fit.beta
        chi_square = float(value @ np.linalg.solve(contrast @ self.fit.covariance @ contrast.T, value))
        if self.small is None:
            p = float(stats.chi2.sf(chi_square, size))
            return JointTest(effect, chi_square / size, size, np.inf, p, chi_square)
        f, denominator = self.small.test(contrast)
        return JointTest(effect, f, size, denominator, float(stats.f.sf(f, size, denominator)), chi_square)


def _residuals(residuals: Array) -> str:
    if np.ptp(residuals) <= 1e-12 * max(np.abs(residuals).max(), 1.0):
        return "Residuals: none, the patients' own means say it all."
    stats = optional_import("scipy.stats")
    return say(
        "Residuals: skewness {skew:.2f}, excess kurtosis {kurtosis:.2f} (0 and 0 if normal).",
        skew=stats.skew(residuals),
        kurtosis=stats.kurtosis(residuals),
    )
