"""Repeated visits: two-way mixed analysis of variance (groups between, visits within patients)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import levels_of
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.follow_up import complete
from ovcf.cohort.survival.kaplan_meier import COLOURS
from ovcf.cohort.visits.sphericity import Sphericity, describe, orthonormal_contrasts, sphericity
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VisitMean:
    """Mean of an outcome in a group at a visit; ``n`` is None where it is a model's."""

    group: str
    visit: float
    mean: Estimate
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of the analysis of variance; corrected P only where sphericity matters."""

    name: str
    sum_of_squares: float
    degrees: int
    error_degrees: int
    f: float
    p: float
    p_greenhouse_geisser: float | None
    p_huynh_feldt: float | None
    partial_eta_squared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult(PlottedResult):
    """An analysis with the mean of each group at each visit."""

    means: tuple[VisitMean, ...]
    outcome: str
    unit: str

    def plot(self, ax: Any = None) -> Any:
        """Means with their intervals over the visits, one line per group, set apart a little."""
        ax = new_axes(ax, size=(5.2, 4.0))
        groups = list(dict.fromkeys(m.group for m in self.means))
        visits = sorted({m.visit for m in self.means})
        shift = 0.012 * (visits[-1] - visits[0] or 1)
        for i, (group, colour) in enumerate(zip(groups, COLOURS, strict=False)):
            own = [m for m in self.means if m.group == group]
            x = [m.visit + shift * (i - (len(groups) - 1) / 2) for m in own]
            y = [m.mean.value for m in own]
            error = [[m.mean.value - m.mean.low for m in own], [m.mean.high - m.mean.value for m in own]]
            ax.errorbar(x, y, error, marker="osD^v<>"[i % 7], ms=4.5, capsize=3, color=colour, label=tr(group))
        ax.set(
            xlabel=tr(self.unit.capitalize()),
            ylabel=tr(say("{outcome}, mean (95% CI)", outcome=self.outcome)),
            xticks=visits,
        )
        if len(groups) > 1:
            ax.legend(frameon=False)
        return ax


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedAnovaResult(VisitResult):
    """Effects of group, visit and their interaction; ``sphericity`` is None for two visits, which always have it."""

    effects: tuple[Effect, ...]
    sphericity: Sphericity | None


def visits_as_rows(frame: pd.DataFrame, visits: Mapping[str, float], outcome: str, *keep: str) -> pd.DataFrame:
    """One row per patient and visit, from one column per visit (``{"vas_0": 0, "vas_1": 1}``); ``keep`` is repeated."""
    long = frame.melt(id_vars=list(keep), value_vars=list(visits), var_name="visit", value_name=outcome)
    return long.assign(visit=long["visit"].map(visits))


def mixed_anova(
    frame: pd.DataFrame, outcome: str, *, subject: str, visit: str, group: str, unit: str = "months"
) -> MixedAnovaResult:
    """Two-way mixed analysis of variance of an outcome over visits.

    Groups of unequal size: the effect of visit is that of the unweighted mean of the groups (type III, as in SPSS).

    Args:
        frame: one row per patient and visit.
        outcome, subject, visit, group: columns; patients without a value at every visit are counted and left out.
        unit: of the visits, for print.

    Raises:
        CohortDataError: a column is absent, a visit repeated, fewer than two visits or groups, or a group of one.
    """
    y, groups, names, visits, missing, incomplete = _wide(frame, outcome, subject, visit, group)
    n, k = y.shape
    sizes = np.bincount(groups)
    g = len(sizes)
    if sizes.min() < 2:
        raise CohortDataError(
            say("column {group!r}", group=group),
            say("group {names} has fewer than 2 complete patients", names=names[int(sizes.argmin())]),
            "Pool groups.",
        )
    mean_of_group = np.stack([y[groups == j].mean(axis=0) for j in range(g)])

    level, level_of_group = y.mean(axis=1), mean_of_group.mean(axis=1)
    between = k * sizes @ (level_of_group - level.mean()) ** 2
    between_error = k * ((level - level_of_group[groups]) ** 2).sum()

    contrasts = orthonormal_contrasts(k)
    z, z_of_group = y @ contrasts, mean_of_group @ contrasts
    residual = z - z_of_group[groups]
    error = (residual**2).sum()
    if error <= 1e-12 * max((y**2).sum(), 1e-300):
        raise CohortDataError(
            say("column {outcome!r}", outcome=outcome), "does not vary within patients", "There is nothing to compare."
        )
    of_visit = (z_of_group.mean(axis=0) ** 2).sum() / ((1 / sizes).sum() / g**2)
    of_both = float(sizes @ ((z_of_group - z.mean(axis=0)) ** 2).sum(axis=1))
    shape = sphericity(residual.T @ residual / (n - g), n - g) if k > 2 else None
    effects = (
        _effect(group, between, g - 1, between_error, n - g, None),
        _effect(visit, of_visit, k - 1, error, (n - g) * (k - 1), shape),
        _effect(
            say("{group} x {visit}", group=group, visit=visit),
            of_both,
            (g - 1) * (k - 1),
            error,
            (n - g) * (k - 1),
            shape,
        ),
    )
    means = tuple(
        VisitMean(names[j], visits[v], _mean(y[groups == j, v]), int(sizes[j])) for j in range(g) for v in range(k)
    )
    return MixedAnovaResult(
        title=say("{outcome} over visits by {group}", outcome=outcome, group=group),
        method="Two-way mixed analysis of variance, type III; P also after Greenhouse-Geisser and Huynh-Feldt",
        references=(
            "Winer BJ. Statistical Principles in Experimental Design. McGraw-Hill 1971",
            "Mauchly JW. Ann Math Stat 1940;11:204-209",
            "Greenhouse SW, Geisser S. Psychometrika 1959;24:95-112",
            "Lecoutre B. J Educ Stat 1991;16:371-372 (Huynh-Feldt)",
        ),
        n=n,
        missing=missing,
        assumptions=(*((describe(shape),) if shape else ()), _checked_spread(y, groups, visits)),
        notes=(
            (say("{incomplete} patients without a value at every visit were left out.", incomplete=incomplete),)
            if incomplete
            else ()
        ),
        tables=(_effects(effects), mean_table(means, visit)),
        means=means,
        outcome=outcome,
        unit=unit,
        effects=effects,
        sphericity=shape,
    )


def mean_table(means: Sequence[VisitMean], visit: str) -> Table:
    """Means of groups at visits, with intervals; their sizes where known."""
    columns: tuple[Column, ...] = (
        Column("group", "Group"),
        Column("visit", visit.capitalize(), "g"),
        Column("mean", "Mean (95% CI)", ".2f"),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple((m.group, m.visit, m.mean) for m in means)
    if all(m.n is not None for m in means):
        columns, rows = (*columns, Column("n", "n", "d")), tuple((*r, m.n) for r, m in zip(rows, means, strict=True))
    return Table("Means", columns, rows)


def _wide(
    frame: pd.DataFrame, outcome: str, subject: str, visit: str, group: str
) -> tuple[Array, NDArray[np.int64], list[str], list[float], tuple[tuple[str, int], ...], int]:
    """Outcomes ``(patients, visits)`` of those with every visit, their groups, names, visits, and who is left out."""
    kept, missing = visit_rows(frame, outcome, subject, visit, group)
    wide = kept.pivot(index=subject, columns=visit, values=outcome)
    full = wide.dropna()
    order = levels_of(kept[group]) or sorted(kept[group].unique())
    of_subject = kept.drop_duplicates(subject).set_index(subject)[group].loc[full.index]
    names = [value for value in order if (of_subject == value).any()]
    if len(names) < 2 or wide.shape[1] < 2:
        raise CohortDataError("table", "has fewer than two groups or visits", "Mixed ANOVA compares two or more.")
    groups = of_subject.map({value: j for j, value in enumerate(names)}).to_numpy(np.int64)
    visits = [float(v) for v in wide.columns]
    return full.to_numpy(float), groups, [str(v) for v in names], visits, missing, len(wide) - len(full)


def visit_rows(
    frame: pd.DataFrame, outcome: str, subject: str, visit: str, group: str | None, *more: str
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """Rows without a missing value and how many each column misses; outcome and visit as numbers.

    Raises:
        CohortDataError: an absent column, text for a number, a visit that a patient has twice, a patient in two groups.
    """
    kept, missing = complete(frame, [outcome, subject, visit, *([group] if group else []), *more])
    kept = kept.assign(**{name: numbers(kept[name], name) for name in (outcome, visit, *more)})
    twice = kept[kept.duplicated([subject, visit])]
    if len(twice):
        first = twice.iloc[0]
        raise CohortDataError(
            say("patient {first}", first=first[subject]),
            say("has visit {first:g} more than once", first=first[visit]),
            "Keep one row per visit.",
        )
    if group is not None and (moved := kept.groupby(subject)[group].nunique().gt(1)).any():
        raise CohortDataError(
            say("patient {idxmax}", idxmax=moved.idxmax()), "is in more than one group", "A patient has one group."
        )
    return kept, missing


def _effect(name: str, ss: float, df: int, ss_error: float, df_error: int, shape: Sphericity | None) -> Effect:
    f = float(ss / df / (ss_error / df_error))
    sf = optional_import("scipy.stats").f.sf

    def corrected(epsilon: float) -> float:
        return float(sf(f, df * epsilon, df_error * epsilon))

    return Effect(
        name,
        float(ss),
        df,
        df_error,
        f,
        float(sf(f, df, df_error)),
        corrected(shape.greenhouse_geisser) if shape else None,
        corrected(shape.huynh_feldt) if shape else None,
        float(ss / (ss + ss_error)),
    )


def _effects(effects: Sequence[Effect]) -> Table:
    columns = (
        Column("effect", "Effect"),
        Column("sum_of_squares", "SS", ".2f"),
        Column("degrees", "df", "d"),
        Column("error_degrees", "df, error", "d"),
        Column("f", "F", ".3f"),
        Column("p", "P", "p"),
        Column("p_gg", "P, GG", "p"),
        Column("p_hf", "P, HF", "p"),
        Column("eta", "Partial eta²", ".3f"),
    )
    rows = tuple(
        (
            e.name,
            e.sum_of_squares,
            e.degrees,
            e.error_degrees,
            e.f,
            e.p,
            e.p_greenhouse_geisser,
            e.p_huynh_feldt,
            e.partial_eta_squared,
        )
        for e in effects
    )
    return Table("Effects", columns, rows)


def _mean(values: Array) -> Estimate:
    """Mean with the interval of Student's t of this group at this visit."""
    n = len(values)
    error = float(values.std(ddof=1) / np.sqrt(n))
    half = error * float(optional_import("scipy.stats").t.ppf(0.975, n - 1))
    return Estimate(float(values.mean()), float(values.mean()) - half, float(values.mean()) + half, error)


def _checked_spread(y: Array, groups: NDArray[np.int64], visits: Sequence[float]) -> str:
    said = []
    for i, v in enumerate(visits):
        values = [y[groups == j, i] for j in np.unique(groups)]
        if any(np.ptp(g) > 0 for g in values):
            said.append(
                say(
                    "visit {v:g} {said_p}",
                    v=v,
                    said_p=said_p(float(optional_import("scipy.stats").levene(*values).pvalue)),
                )
            )
        else:
            said.append(say("visit {v:g} no spread", v=v))
    return say("Equal variance of groups (Levene): {visits}", visits=joined(", ", said))
