"""How often the event came in each group of the score by 3, 6 and 12 months, death competing, over imputations.

HAN prints union at 6 months alone. At other times this is what happened, beside nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.missing.pooled_shares import REFERENCE, pooled_proportion
from ovcf.cohort.prediction.external_validation import group_of_total
from ovcf.cohort.published.han_published import HAN, PRINTED_AT_MONTHS, PUBLISHED
from ovcf.cohort.recipes.of_centres.over_time import EARLY, HORIZONS, ONE_TIME
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.competing_risks import incidence_as_share
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.missing.imputation import Imputed

REFERENCES = (
    "Aalen OO, Johansen S. Scand J Stat 1978;5:141-150",
    "Dorey FJ, Korn EL. Stat Med 1987;6:679-687 (intervals by the effective number of patients)",
    REFERENCE,
    HAN,
)


@dataclass(frozen=True, slots=True)
class GroupIncidence:
    """One group by one time: patients, events and deaths by then, followed so far (means over imputations), and the
    incidence; HAN's rate where it is printed."""

    months: float
    group: str
    n: float
    events: float
    died: float
    followed: float
    here: Estimate | None
    published: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsOverTime(PlottedResult):
    """Of every group by every time that can be judged."""

    rows: tuple[GroupIncidence, ...]
    outcome: str

    def plot(self, ax: Any = None) -> Any:
        """Incidence by time, a line for each group; HAN's rates in grey where they are printed."""
        axes = new_axes(ax, size=(5.4, 3.6))
        months = sorted({r.months for r in self.rows})
        for i, (name, marker) in enumerate(zip(GROUPS, ("o", "s", "^"), strict=True)):
            found = [(months.index(r.months) + 0.2 * (i - 1), r.here) for r in self.rows if r.group == name and r.here]
            at, shares = [x for x, _ in found], [e.value for _, e in found]
            look: dict[str, Any] = {"color": COLOURS[i], "label": tr(name)}
            axes.plot(at, shares, color=COLOURS[i], linewidth=0.8, alpha=0.4)
            axes.plot(at, shares, marker, markersize=5, **look)
            for x, e in found:
                axes.plot([x, x], [e.low, e.high], color=COLOURS[i], linewidth=1.4)
        printed = [r for r in self.rows if r.published is not None]
        for r in printed:
            x = months.index(r.months) + 0.2 * (GROUPS.index(r.group) - 1) + 0.07
            label = tr(say("HAN 2025, {months:g} months", months=r.months)) if r is printed[-1] else None
            if (share := r.published) is not None:
                axes.plot([x, x], [share.low, share.high], color="#888888", linewidth=1)
                axes.plot(x, share.value, "D", color="#888888", markersize=4, label=label)
        axes.set(
            xlim=(-0.5, len(months) - 0.5), ylim=(-0.02, None), ylabel=tr("Cumulative incidence of non-union (95% CI)")
        )
        axes.set_xticks(range(len(months)), [tr(say("{months:g} months", months=m)) for m in months])
        axes.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f}%")
        axes.legend(frameon=False, fontsize=8, loc="upper left")
        return axes


def groups_over_time(
    imputed: Imputed,
    time: str,
    event: str,
    total: Callable[[pd.DataFrame], ArrayLike],
    horizons: Sequence[float] = HORIZONS,
    *,
    happened: Any,
    competing: Sequence[Any] = (),
    outcome: str = "non_union",
) -> GroupsOverTime:
    """Incidence in each group of NASOVCF by each of ``horizons`` (months); what cannot be judged is named.

    Args:
        imputed: completed data sets; time and event known in everyone.
        time, event, happened, competing: as in :func:`ovcf.cohort.prediction.at_horizon.risk_at_horizon`.
        total: of a completed table.
        horizons: in months.
        outcome: of HAN 2025.

    Raises:
        CohortDataError: none of the horizons can be judged.
    """
    data = FollowUp.of(imputed.frames[0], time, event, happened=happened, competing=competing)
    places = [group_of_total(np.asarray(total(frame), float)) for frame in imputed.frames]
    rows, said = [], []
    for months in horizons:
        for i, name in enumerate(GROUPS):
            parts = [data[at == i] for at in places]
            if min(part.time.max(initial=0) for part in parts) <= months:
                said.append(say("{months:g} months, {group}: nobody is followed beyond it.", months=months, group=name))
                continue
            shares = [incidence_as_share(part, months) for part in parts]
            k, m = PUBLISHED[outcome].groups[i]
            rows.append(
                GroupIncidence(
                    months,
                    name,
                    n=_mean(len(part.time) for part in parts),
                    events=_mean(((part.status == 1) & (part.time <= months)).sum() for part in parts),
                    died=_mean(((part.status == 2) & (part.time <= months)).sum() for part in parts),
                    followed=_mean((part.time > months).sum() for part in parts),
                    here=pooled_proportion([e for e, _ in shares], [n for _, n in shares]),
                    published=proportion(k, m) if months == PRINTED_AT_MONTHS else None,
                )
            )
    if not rows:
        raise CohortDataError("horizons", "can none be judged", joined(" ", said))
    return GroupsOverTime(
        title="Non-union by group of the score and time",
        method="Incidence by Aalen-Johansen, the dead without the event; Wilson's interval of the effective number of "
        "patients (Dorey and Korn), over imputations by Lott and Reiter, as of the rates by group. Counts are means "
        "over imputations",
        references=REFERENCES,
        n=len(imputed.frames[0]),
        missing=imputed.missing,
        notes=(*said, ONE_TIME, EARLY),
        tables=(
            Table(
                "By time and group",
                (
                    Column("months", "Months", "g"),
                    Column("group", "Group"),
                    Column("n", "n", ".0f"),
                    Column("events", "Non-unions by then", ".0f"),
                    Column("died", "Died before", ".0f"),
                    Column("followed", "Followed beyond", ".0f"),
                    Column("incidence", "Incidence (interval)", ".1%", "–"),
                    Column("published", "HAN 2025 (Wilson)", ".1%", "not printed"),
                ),
                tuple((r.months, r.group, r.n, r.events, r.died, r.followed, r.here, r.published) for r in rows),
            ),
        ),
        rows=tuple(rows),
        outcome=outcome,
    )


def _mean(counts: Iterable[float]) -> float:
    return float(np.mean([float(count) for count in counts]))
