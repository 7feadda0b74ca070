"""ROC curves: area, cut-offs with bootstrap intervals, comparison of scores in the same patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.groups.multiplicity import Correction, adjust, adjusted_by
from ovcf.cohort.prediction.delong import REFERENCES, AucDifference, auc, delong_paired
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

Rule = Literal["youden", "closest"]
RULES = {"youden": "largest Youden index", "closest": "closest to the upper left corner", "given": "given beforehand"}
"""How a cut-off was chosen, in print."""
FINEST = 5000
"""Distinct scores beyond which the bootstrap looks for cut-offs only at this many quantiles."""

_AREA_COLUMNS = (Column("score", "Score"), Column("auc", "AUC (interval)", ".3f"))


def _cut_off_columns(side: str) -> tuple[Column, ...]:
    return (
        Column("rule", "Cut-off"),
        Column("cut_off", f"Event if {side}", ".3f"),
        Column("sensitivity", "Sensitivity", ".3f"),
        Column("specificity", "Specificity", ".3f"),
        Column("ppv", "PPV", ".3f"),
        Column("npv", "NPV", ".3f"),
    )


def _turned(c: CutOff) -> CutOff:
    """The cut-off of a score that was searched with its sign turned."""
    v = c.value
    return replace(c, value=replace(v, value=-v.value, low=-v.high, high=-v.low))


@dataclass(frozen=True, slots=True)
class CutOff:
    """A way to split the score: above ``value`` (halfway between two observed scores) counts as the event, or below it
    where lower scores speak for the event.

    ``value`` of a chosen cut-off has a percentile bootstrap interval, and so have its sensitivity and specificity, for
    the choice itself is uncertain; at a given cut-off these are Wilson's.
    """

    rule: str
    value: Estimate
    sensitivity: Estimate
    specificity: Estimate
    ppv: float
    npv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RocResult(PlottedResult):
    """One ROC curve; ``curve`` is (threshold, sensitivity, specificity) from the strictest threshold to the laxest."""

    name: str
    auc: Estimate
    cut_offs: tuple[CutOff, ...]
    curve: tuple[tuple[float, float, float], ...]
    lower: bool = False

    def plot(self, ax: Any = None) -> Any:
        """Sensitivity against 1 - specificity, with the chosen cut-offs."""
        axes = new_axes(ax)
        _draw_curve(axes, self, COLOURS[0])
        for c in self.cut_offs:
            x, y = 1 - c.specificity.value, c.sensitivity.value
            axes.plot([x], [y], "o", color=COLOURS[1], markersize=5)
            axes.annotate(f"{c.value.value:.3g}", (x, y), xytext=(6, -10), textcoords="offset points", fontsize=8)
        return axes


@dataclass(frozen=True, slots=True, kw_only=True)
class RocComparison(PlottedResult):
    """Several scores in the same patients; ``pairs`` are (first, second, difference, adjusted P)."""

    curves: tuple[RocResult, ...]
    pairs: tuple[tuple[str, str, AucDifference, float], ...]

    def plot(self, ax: Any = None) -> Any:
        """All curves in one frame; colours and line styles both tell them apart."""
        axes = new_axes(ax)
        for i, curve in enumerate(self.curves):
            _draw_curve(axes, curve, COLOURS[i % 6], ("-", "--", "-.", ":")[i % 4])
        return axes


def roc(
    outcome: ArrayLike,
    score: ArrayLike,
    *,
    name: str = "score",
    rules: Sequence[Rule] = ("youden",),
    cut_offs: Sequence[float] = (),
    lower: bool = False,
    coverage: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> RocResult:
    """The ROC curve of one score.

    Args:
        outcome: 1 for the event, else 0.
        score: higher speaks for the event, unless ``lower``; the direction is never turned silently.
        name: of the score.
        rules: how to choose cut-offs: ``youden`` (largest sensitivity + specificity) or ``closest`` to the corner.
        cut_offs: further cut-offs that were fixed beforehand.
        lower: a lower score speaks for the event, as of a T-score.
        coverage: of all intervals.
        resamples: of the bootstrap, drawn within events and non-events separately.
        seed: of the bootstrap.

    Raises:
        CohortDataError: an outcome other than 0 and 1 or constant, fewer than two events or non-events, unknown rule.
    """
    y, x = binary(outcome), numbers(score, name)
    whole, missing = complete_rows(("outcome", y), (name, x))
    y, x = binary(y[whole]), (-x if lower else x)[whole]
    area = auc(y, x, coverage=coverage)
    values, at = np.unique(x, return_inverse=True)
    if len(values) < 2:
        raise CohortDataError(name, say("is always {values:g}", values=values[0]), "A constant score separates nobody.")
    events = np.bincount(at, weights=y).astype(float)
    others = np.bincount(at, weights=1 - y).astype(float)
    thresholds = np.concatenate([[-np.inf], (values[:-1] + values[1:]) / 2, [np.inf]])
    sensitivity, specificity = _rates(events[None], others[None])
    rng = np.random.default_rng(seed)
    chosen = [_chosen(rule, thresholds, events, others, rng, resamples, coverage) for rule in dict.fromkeys(rules)] + [
        _given(-cut if lower else cut, x, y, coverage) for cut in cut_offs
    ]
    if lower:
        thresholds, chosen = -thresholds, [_turned(c) for c in chosen]
    rows = tuple((RULES[c.rule], c.value, c.sensitivity, c.specificity, c.ppv, c.npv) for c in chosen)
    notes = [say("{events} events, {others} non-events", events=int(y.sum()), others=int(len(y) - y.sum()))]
    if area.value < 0.5:
        notes.append("AUC is below 0.5: the score may run the other way")
    if area.standard_error == 0:
        notes.append("the score separates the groups completely: DeLong's interval has no width")
    return RocResult(
        title=say("ROC of {name}", name=name),
        method=say(
            "Empirical ROC, DeLong {coverage:g}% interval of AUC; cut-offs chosen by a rule have percentile "
            "intervals of {resamples} stratified resamples (seed {seed}), given ones Wilson's",
            coverage=100 * coverage,
            resamples=resamples,
            seed=seed,
        ),
        references=(*REFERENCES, "Youden WJ. Cancer 1950;3:32-35"),
        n=len(y),
        missing=missing,
        notes=tuple(notes),
        tables=(
            Table("Area under the curve", _AREA_COLUMNS, ((name, area),)),
            Table("Cut-offs", _cut_off_columns("below" if lower else "above"), rows),
        ),
        name=name,
        auc=area,
        cut_offs=tuple(chosen),
        lower=lower,
        curve=tuple(
            zip(thresholds[::-1].tolist(), sensitivity[0, ::-1].tolist(), specificity[0, ::-1].tolist(), strict=True)
        ),
    )


def compare_roc(
    outcome: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    correction: Correction = "holm",
    lower: Collection[str] = (),
    coverage: float = 0.95,
) -> RocComparison:
    """Scores against each other in the patients who have them all, every pair by DeLong's paired test.

    Of those in ``lower`` a lower value speaks for the event.

    Raises:
        CohortDataError: as `roc`; fewer than two scores.
    """
    if len(scores) < 2:
        raise CohortDataError("scores", say("{scores} given", scores=len(scores)), "Name at least two.")
    y = binary(outcome)
    columns = {name: numbers(values, name) for name, values in scores.items()}
    whole, missing = complete_rows(("outcome", y), *columns.items())
    y = binary(y[whole])
    columns = {name: column[whole] for name, column in columns.items()}
    curves = tuple(
        roc(y, x, name=name, rules=(), lower=name in lower, coverage=coverage) for name, x in columns.items()
    )
    columns = {name: -x if name in lower else x for name, x in columns.items()}
    names = list(combinations(columns, 2))
    tests = [delong_paired(y, columns[a], columns[b], coverage=coverage) for a, b in names]
    adjusted = adjust([t.p for t in tests], correction)
    pairs = tuple((a, b, t, p) for (a, b), t, p in zip(names, tests, adjusted, strict=True))
    return RocComparison(
        title="ROC curves compared",
        method=say("DeLong's paired test, P {adjusted_by}", adjusted_by=adjusted_by(correction)),
        references=REFERENCES,
        n=len(y),
        missing=missing,
        notes=(say("{events} events, {others} non-events", events=int(y.sum()), others=int(len(y) - y.sum())),),
        tables=(
            Table("Areas", _AREA_COLUMNS, tuple((c.name, c.auc) for c in curves)),
            Table(
                "Differences of AUC",
                (
                    Column("first", "First"),
                    Column("second", "Second"),
                    Column("difference", "Difference", ".3f"),
                    Column("z", "Z", ".3f"),
                    Column("p", "P", "p"),
                    Column("p_adjusted", "Adjusted P", "p"),
                ),
                tuple((a, b, t.difference, t.statistic, t.p, p) for a, b, t, p in pairs),
            ),
        ),
        curves=curves,
        pairs=pairs,
    )


def _rates(events: NDArray[Any], others: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sensitivity and specificity at each threshold (last axis), from counts per distinct score, lowest first."""
    zero = np.zeros((len(events), 1))
    missed = np.concatenate([zero, np.cumsum(events, axis=1)], axis=1)
    spared = np.concatenate([zero, np.cumsum(others, axis=1)], axis=1)
    return 1 - missed / missed[:, -1:], spared / spared[:, -1:]


def _best(rule: str, sensitivity: NDArray[np.float64], specificity: NDArray[np.float64]) -> Any:
    """The threshold that a rule chooses; of equally good ones the most sensitive."""
    if rule == "youden":
        return np.argmax(np.round(sensitivity + specificity, 12), axis=1)
    if rule == "closest":
        return np.argmin(np.round((1 - sensitivity) ** 2 + (1 - specificity) ** 2, 12), axis=1)
    raise CohortDataError(
        "rule", say("{rule!r} is unknown", rule=rule), "Give 'youden' or 'closest', or a cut-off of your own."
    )


def _chosen(
    rule: Rule,
    thresholds: NDArray[np.float64],
    events: NDArray[np.float64],
    others: NDArray[np.float64],
    rng: np.random.Generator,
    resamples: int,
    coverage: float,
) -> CutOff:
    """A cut-off by a rule. Resampling patients is drawing how often each distinct score occurs."""
    sensitivity, specificity = _rates(events[None], others[None])
    best = int(_best(rule, sensitivity, specificity)[0])
    n_events, n_others = int(events.sum()), int(others.sum())
    cuts, events, others = _coarse(thresholds, events, others)
    drawn = []
    block = max(1, 2_000_000 // len(cuts))  # keeps the arrays of one block under about 50 MB
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        sens, spec = _rates(
            rng.multinomial(n_events, events / n_events, size), rng.multinomial(n_others, others / n_others, size)
        )
        i = _best(rule, sens, spec)
        row = np.arange(size)
        drawn.append(np.stack([cuts[i], sens[row, i], spec[row, i]]))
    ends = np.quantile(
        np.concatenate(drawn, axis=1), [0.5 - coverage / 2, 0.5 + coverage / 2], axis=1, method="nearest"
    )
    value, sens_at, spec_at = (
        Estimate(float(point), float(low), float(high), None, coverage)
        for point, low, high in zip(
            (thresholds[best], sensitivity[0, best], specificity[0, best]), ends[0], ends[1], strict=True
        )
    )
    return CutOff(
        rule,
        value,
        sens_at,
        spec_at,
        *_predictive(sens_at.value * n_events, spec_at.value * n_others, n_events, n_others),
    )


def _coarse(
    thresholds: NDArray[np.float64], events: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The same counts in at most FINEST groups of neighbouring scores, for the bootstrap of very large cohorts."""
    if len(events) <= FINEST:
        return thresholds, events, others
    cumulative = np.cumsum(events + others)
    ends = np.unique(np.searchsorted(cumulative, cumulative[-1] * np.arange(1, FINEST) / FINEST)) + 1
    first = np.concatenate([[0], ends[ends < len(events)]])
    return thresholds[np.append(first, len(events))], np.add.reduceat(events, first), np.add.reduceat(others, first)


def _given(cut: float, x: NDArray[np.float64], y: NDArray[np.float64], coverage: float) -> CutOff:
    n_events, n_others = int(y.sum()), int(len(y) - y.sum())
    hits, spared = int((x[y == 1] > cut).sum()), int((x[y == 0] <= cut).sum())
    sensitivity, specificity = (proportion(k, n, coverage=coverage) for k, n in ((hits, n_events), (spared, n_others)))
    exact = Estimate(float(cut), float(cut), float(cut), None, coverage)
    return CutOff("given", exact, sensitivity, specificity, *_predictive(hits, spared, n_events, n_others))


def _predictive(hits: float, spared: float, n_events: int, n_others: int) -> tuple[float, float]:
    """PPV and NPV in this cohort; not a number where nobody is on that side."""
    above, below = hits + n_others - spared, spared + n_events - hits
    return (hits / above if above else np.nan), (spared / below if below else np.nan)


def _draw_curve(axes: Any, result: RocResult, colour: str, style: str = "-") -> None:
    _, sensitivity, specificity = np.array(result.curve).T
    a = result.auc
    label = say(
        "{name}: AUC {value:.3f} ({low:.3f} to {high:.3f})", name=result.name, value=a.value, low=a.low, high=a.high
    )
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=(0, (2, 3)))
    axes.plot(1 - specificity, sensitivity, color=colour, linestyle=style, linewidth=1.6, label=tr(label))
    axes.set(
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=tr("1 − specificity"), ylabel=tr("Sensitivity"), aspect="equal"
    )
    axes.legend(loc="lower right", frameon=False, fontsize=8)
