"""On what a finding is based, in the figures that were measured and the limits they were held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings import kinds
from ovcf.language.worded import joined, say
from ovcf.measures.outline.endplates_and_wall import BULGE_LIMIT_MM, SINK, SINK_LIMIT_PERCENT, WALL_BULGE
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.measures.signal.edema_level import LIMIT_OF_BLANK_PERCENT
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.measures.signal.t2_pattern import LOW_T2_AREA
from ovcf.plain_text import listed
from ovcf.render.seen import SURELY_SOUND
from ovcf.render.words.values import limits_of, near, value_text
from ovcf.render.words.wording import spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.assessment.findings.finding import Finding
    from ovcf.render.seen import Seen

_LIMIT_OF_RECENT = 10.0
"""Share of the body, percent, from which a sign of a recent fracture is present."""


def based_on(f: Finding, seen: Seen) -> str:
    """The figures behind a finding; empty where its own reasons say more, or a reader said it."""
    made = None if f.by_reader else _BASIS.get(type(f.data))
    words = "" if made is None else made(seen)
    own = f.reasons if words and isinstance(f.data, kinds.T2Signal | kinds.EdemaLevel) else ()
    return joined("; ", filter(None, (words, *own)))


def _recency(seen: Seen) -> str:
    parts = [
        say("{series} in {m}", series=series, m=value_text(m))
        for method, series in ((T1_LOW, "T1 low"), (FLUID_HIGH, "STIR or fat-suppressed T2 high"))
        if (m := seen.measured(method.id)) is not None
    ]
    return (
        say(
            "{parts} of the body; limit {limit_of_recent:g}% each",
            parts=listed(parts),
            limit_of_recent=_LIMIT_OF_RECENT,
        )
        if parts
        else ""
    )


def _edema(seen: Seen) -> str:
    m = seen.measured(BONE_MARROW_EDEMA.id)
    if m is None:
        return ""
    limits = say(
        "none below {limit_of_blank_percent:g}%, minor below 25%, severe from 75%",
        limit_of_blank_percent=LIMIT_OF_BLANK_PERCENT,
    )
    return say("Edema in {m} of the body; {limits}", m=value_text(m), limits=limits)


def _t2(seen: Seen) -> str:
    m = seen.measured(LOW_T2_AREA.id)
    return (
        ""
        if m is None
        else say("Low signal in {m} of the mid-sagittal area; diffuse low: more than half", m=value_text(m))
    )


def _wall(seen: Seen) -> str:
    m = seen.measured(WALL_BULGE.id)
    if m is None:
        return ""
    look = ". Near the limit: look yourself" if near(limits_of(m), BULGE_LIMIT_MM) else ""
    return say(
        "{m} behind its corners; limit {bulge_limit_mm:g}\u00a0mm{look}",
        m=value_text(m),
        bulge_limit_mm=BULGE_LIMIT_MM,
        look=look,
    )


def _endplates(seen: Seen) -> str:
    found = [m for side in ("superior", "inferior") if (m := seen.measured(SINK[side].id)) is not None]
    if not found:
        return ""
    look = any(near(limits_of(m), SINK_LIMIT_PERCENT) for m in found)
    depths = listed([value_text(m) for m in found])
    words = say(
        "Upper and lower endplate depressed by {depths} of the neighbours' height; limit {sink_limit_percent:g}%",
        depths=depths,
        sink_limit_percent=SINK_LIMIT_PERCENT,
    )
    return words + (". Near the limit: look yourself" if look else "")


def _readers(seen: Seen) -> str:
    del seen
    return (
        "How the readers of a population survey would likely have graded such heights on lateral DXA; the error of the "
        "landmarks is not in it"
    )


def _all_levels(seen: Seen) -> str:
    ungraded = () if seen.grades is None else seen.grades.ungraded
    named = [u.level for u in ungraded if u.level is not None]
    open_ = say("Not graded: {named}. ", named=spans(named)) if named else ""
    if mild := () if seen.grades is None else seen.mild_not_excluded:
        rest = say(
            "Not excluded: a mild fracture of {mild} (grade 0 in less than {sure:.0%}), one outside the levels graded, "
            "or a recent one that has not lost height",
            mild=spans(mild),
            sure=SURELY_SOUND,
        )
    else:
        rest = "Not excluded: a fracture outside the levels graded, or a recent one that has not lost height"
    return open_ + rest


_BASIS: dict[type, Callable[[Seen], str]] = {
    kinds.RecencySign: _recency,
    kinds.EdemaLevel: _edema,
    kinds.T2Signal: _t2,
    kinds.PosteriorWall: _wall,
    kinds.Endplates: _endplates,
    kinds.ReadersGrade: _readers,
    kinds.SpineGrades: _all_levels,
}
