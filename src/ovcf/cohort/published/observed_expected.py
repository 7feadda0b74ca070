"""Observed over expected events where the expected rates were published, and came from few patients themselves.

Two questions, two intervals. Taken as printed, the rates are a prediction: are these numbers right here? With their own
sampling error they are an estimate: do patients here fare otherwise than those whom the published sample stands for?
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ovcf.cohort.groups.contingency import jeffreys
from ovcf.cohort.groups.mover import OF_RATIO, ratio, weighted_sum
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.cohort.result import COLOURS, AnalysisResult, Column, Estimate, Table, new_axes
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

R = TypeVar("R", bound=AnalysisResult)
REFERENCES = (OF_RATIO, "Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133 (Jeffreys' interval)")
METHOD = (
    "Observed / expected twice: with HAN's rates as printed (Wilson's interval; in all patients on the logarithmic "
    "scale), and with their sampling error (Donner and Zou's interval of a ratio, Jeffreys' limits of HAN's rates)"
)
TWO_QUESTIONS = (
    "HAN's rates as printed ask whether these numbers predict right here. With HAN's sampling error the question is "
    "whether patients here fare otherwise than those whom HAN's sample stands for."
)
NOT_ALL = (
    "The sampling error of HAN's rates is not all of their error: they are of the patients from whom the score was "
    "made, at one centre."
)
OTHERS_AS_PRINTED = (
    "Calibration in the large, calibration slope, Brier score and net benefit take HAN's rates as printed: chance in "
    "HAN's few patients moves them, and their intervals do not tell by how much."
)
LABEL = "Observed / expected"
LABEL_WITH_ERROR = "Observed / expected, with HAN's sampling error"
_COLUMN = "O / E, rates as printed (interval)"
_COLUMN_WITH_ERROR = "O / E, with HAN's sampling error (interval)"


@dataclass(frozen=True, slots=True)
class GroupRatio:
    """Of one group, or of all: patients, events, those that HAN's rates expect, and both intervals of their ratio.

    Counts are means over imputations where there are several. None where nobody belongs to the group.
    """

    group: str
    n: float
    observed: float
    expected: float
    as_printed: Estimate | None
    with_error: Estimate | None


@dataclass(frozen=True, slots=True)
class ObservedExpected:
    """Of every group of the score, low risk first, and of all patients."""

    groups: tuple[GroupRatio, ...]
    whole: GroupRatio

    def table(self) -> Table:
        """Both intervals side by side."""
        return Table(
            "Observed / expected events",
            (
                Column("group", "Group"),
                Column("n", "n", ".0f"),
                Column("observed", "Observed", ".0f"),
                Column("expected", "Expected", ".1f"),
                Column("as_printed", _COLUMN, ".2f", "–"),
                Column("with_error", _COLUMN_WITH_ERROR, ".2f", "–"),
            ),
            tuple(
                (r.group, r.n, r.observed, r.expected, r.as_printed, r.with_error) for r in (*self.groups, self.whole)
            ),
        )

    def notes(self) -> tuple[str, ...]:
        """What the two intervals say, and what neither says."""
        said = (what_both_say(self.whole.as_printed, self.whole.with_error), self._of_groups())
        return (*(text for text in said if text), TWO_QUESTIONS, OTHERS_AS_PRINTED, NOT_ALL)

    def _of_groups(self) -> str:
        """Which groups do not fit, though all together may; empty where each does."""
        off = [g.group for g in self.groups if _beside_one(g.as_printed)]
        differ = [g.group for g in self.groups if _beside_one(g.with_error)]
        if not off:
            return ""
        return say("By group, HAN's printed rate does not fit here in: {groups}.", groups=joined(", ", off)) + (
            say(" With its sampling error a difference remains in: {groups}.", groups=joined(", ", differ))
            if differ
            else say(" With its sampling error no group is shown to differ.")
        )

    def beside(self) -> Any:
        """Empty axes at the left of a figure that has :meth:`draw` at its right."""
        figure = optional_import("matplotlib.figure").Figure(figsize=(7.6, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        for panel in (left, right):
            panel.spines[["top", "right"]].set_visible(False)
        self.draw(right)
        return left

    def draw(self, ax: Any = None) -> Any:
        """A forest on a logarithmic axis: each group and all patients, with both intervals."""
        axes = new_axes(ax, size=(4.4, 3.4))
        lines = (*self.groups, self.whole)
        ends = [v for r in lines for e in (r.as_printed, r.with_error) if e for v in (e.value, e.low, e.high)]
        shown = [v for v in ends if 0 < v < math.inf] or [1.0]
        left, right = min(0.5, *shown) / 1.25, max(2.0, *shown) * 1.25
        kinds = (
            (-0.13, COLOURS[0], "o", "HAN's rates as printed"),
            (0.13, COLOURS[1], "s", "with HAN's sampling error"),
        )
        for shift, colour, marker, label in kinds:
            for y, r in enumerate(lines):
                e = r.as_printed if marker == "o" else r.with_error
                named = tr(label) if r is self.whole else None
                if e is None:
                    continue
                axes.plot([max(e.low, left), min(e.high, right)], [y + shift] * 2, color=colour, linewidth=1.4)
                axes.plot(e.value or left, y + shift, marker, color=colour, markersize=5, label=named)
        axes.axvline(1.0, color="#999999", linewidth=0.8, linestyle="--")
        axes.axhline(len(self.groups) - 0.5, color="#cccccc", linewidth=0.8)
        ticker = optional_import("matplotlib.ticker")
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if right / left < 300 else (1,)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(ticker.NullLocator())
        axes.set(xlim=(left, right), ylim=(len(lines) - 0.5, -0.5), xlabel=tr("Observed / expected events (95% CI)"))
        axes.set_yticks(range(len(lines)), [tr(say("{group}\nn = {n}", group=r.group, n=f"{r.n:.0f}")) for r in lines])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1)
        return axes


def observed_expected(
    outcome: str, n: Sequence[float], events: Sequence[float], here: Sequence[Estimate | None], whole: Estimate
) -> ObservedExpected:
    """Both intervals, in each group of the score and in all patients.

    Args:
        outcome: of HAN 2025.
        n: patients in each group here, low risk first.
        events: of them, with the outcome.
        here: their share, with the interval that it has by itself.
        whole: observed over expected events in all patients, HAN's rates as printed.
    """
    groups = []
    for name, size, count, share, (k, m) in zip(GROUPS, n, events, here, PUBLISHED[outcome].groups, strict=True):
        rate = jeffreys(k, m)
        printed = None
        if share is not None:
            value, low, high = (v / rate.value for v in (share.value, share.low, share.high))
            printed = Estimate(value, low, high, None, share.coverage)
        groups.append(GroupRatio(name, size, count, size * rate.value, printed, ratio(share, rate) if share else None))
    expected = math.fsum(g.expected for g in groups)
    with_error = with_sampling_error(whole, n, PUBLISHED[outcome].groups)
    return ObservedExpected(
        tuple(groups), GroupRatio("all", math.fsum(n), math.fsum(events), expected, whole, with_error)
    )


def with_sampling_error(printed: Estimate, sizes: Sequence[float], published: Sequence[tuple[int, int]]) -> Estimate:
    """Observed over expected with the error that published rates of groups have themselves.

    Args:
        printed: the same with the rates taken as printed; any interval that it has, over imputations or with death as a
            competing event, is carried on.
        sizes: patients here in each group of the score: they say which of the rates counts how much.
        published: events and patients that the rate of each group was published from.
    """
    rates = [jeffreys(k, m, coverage=printed.coverage) for k, m in published]
    expected = math.fsum(w * e.value for w, e in zip(sizes, rates, strict=True))
    return ratio(printed, weighted_sum([w / expected for w in sizes], rates))


def with_row(found: R, row: str, with_error: Estimate, label: str = LABEL_WITH_ERROR) -> R:
    """The result with a further row, of the ratio with HAN's own error, below that which is named ``row``."""
    tables = []
    for table in found.tables:
        rows: list[tuple[Any, ...]] = []
        for cells in table.rows:
            rows.append(cells)
            if cells[0] == row:
                rows.append((label, with_error, *(None for _ in cells[2:])))
        tables.append(replace(table, rows=tuple(rows)))
    return replace(found, tables=tuple(tables))


def what_both_say(printed: Estimate | None, with_error: Estimate | None) -> str:
    """In plain words what follows from both intervals; empty without them."""
    if printed is None or with_error is None:
        return ""
    if not _beside_one(printed):
        return (
            "In all patients together it is not shown that HAN's printed rates are wrong here: chance could explain "
            "the difference."
        )
    more = printed.value > 1
    first = (
        "More patients here had the event than HAN's printed rates predict, beyond chance in this cohort."
        if more
        else "Fewer patients here had the event than HAN's printed rates predict, beyond chance in this cohort."
    )
    if not _beside_one(with_error):
        second = (
            " But HAN's rates came from few patients, and chance among those could explain it: the printed numbers do "
            "not fit here, and it is not shown that patients here fare otherwise than HAN's."
        )
    else:
        second = " Nor does the sampling error of HAN's rates explain it: patients here fare otherwise than HAN's."
    return say(first) + say(second)


def _beside_one(e: Estimate | None) -> bool:
    """Whether the interval leaves 1 out."""
    return e is not None and not e.low <= 1 <= e.high
