"""The flow of patients for people: boxes of the chart, and the same figures as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import capital, say
from ovcf.render.flow_chart import Box, flow_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.study.conduct.flow import ArmFlow, Counted, Flow


def chart(flow: Flow) -> str:
    """The flow as SVG. With one arm it ends as STARD does, by the groups of the score; with several, by arm."""
    out = list(flow.not_eligible)
    if flow.pending:
        out.append(("Something is not known yet", flow.pending))
    if flow.not_enrolled:
        out.append(("Eligible, not enrolled", flow.not_enrolled))
    left = Box(say("Not enrolled: {sum}", sum=sum(n for _, n in out)), tuple(out)) if out else None
    planned = "" if flow.planned is None else say(" of {planned} planned", planned=flow.planned)
    top = [(Box(say("Screened: {screened}", screened=flow.screened)), left)]
    title = say("Flow of patients: {title}", title=flow.title)
    if len(flow.arms) > 1:
        top.append((Box(say("Enrolled: {enrolled}{planned}", enrolled=flow.enrolled, planned=planned)), None))
        return flow_chart(top, [_arm(arm, flow) for arm in flow.arms], title=title)
    (arm,) = flow.arms
    top += [
        (
            Box(
                say("Enrolled: {enrolled}{planned}", enrolled=flow.enrolled, planned=planned),
                ((arm.title, arm.enrolled),),
            ),
            _after(arm),
        ),
        (Box("Seen", arm.visits), None),
        (Box(say("NASOVCF before treatment: {known}", known=_known(arm.index_test)), arm.index_test), None),
        (Box(say("{outcome}: judged {known}", outcome=flow.outcome, known=_known(arm.outcome)), arm.outcome), None),
    ]
    groups = dict.fromkeys(group for group, _, _ in flow.crossed_table)
    columns = []
    for group in groups:
        lines = tuple((answer, n) for g, answer, n in flow.crossed_table if g == group)
        if group != "not known" or any(n for _, n in lines):
            heading = "Score not known" if group == "not known" else capital(say("{group} group", group=group))
            columns.append([Box(say("{heading}: {sum}", heading=heading, sum=sum(n for _, n in lines)), lines)])
    return flow_chart(top, columns, title=title)


def rows(flow: Flow) -> Iterator[tuple[str, str, int]]:
    """The same figures: part of the study, what, how many."""
    yield "Screening", "screened", flow.screened
    for text, n in flow.not_eligible:
        yield "Screening", say("not eligible: {what}", what=text), n
    yield "Screening", "something is not known yet", flow.pending
    yield "Screening", "eligible, not enrolled", flow.not_enrolled
    yield "Enrolment", "enrolled", flow.enrolled
    for arm in flow.arms:
        yield arm.title, "enrolled", arm.enrolled
        for kind, n in arm.crossed:
            yield arm.title, say("crossed over to {kind}", kind=kind), n
        for kind, n in arm.left:
            yield arm.title, say("left: {kind}", kind=kind), n
        for window, n in arm.visits:
            yield arm.title, say("seen at {window}", window=window), n
        for group, n in arm.index_test:
            yield arm.title, say("NASOVCF {group}", group=group), n
        for answer, n in arm.outcome:
            yield arm.title, say("outcome {answer}", answer=answer), n
    for group, answer, n in flow.crossed_table:
        yield "NASOVCF and outcome", say("{group}; outcome {answer}", group=group, answer=answer), n


def _arm(arm: ArmFlow, flow: Flow) -> list[Box]:
    after = _after(arm)
    return [
        Box(f"{arm.title}: {arm.enrolled}"),
        *([after] if after else []),
        Box("Seen", arm.visits),
        Box(say("NASOVCF before treatment: {known}", known=_known(arm.index_test)), arm.index_test),
        Box(say("{outcome}: judged {known}", outcome=flow.outcome, known=_known(arm.outcome)), arm.outcome),
    ]


def _after(arm: ArmFlow) -> Box | None:
    """Who left and who crossed over."""
    lines = [(say("Left: {kind}", kind=kind), n) for kind, n in arm.left]
    lines += [(say("Crossed over to {kind}, counted as enrolled", kind=kind), n) for kind, n in arm.crossed]
    return Box("After enrolment", tuple(lines), marked=True) if lines else None


def _known(counted: Counted) -> int:
    return sum(n for what, n in counted if what != "not known")
