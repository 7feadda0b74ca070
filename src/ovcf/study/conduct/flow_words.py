"""The flow of patients for people: boxes of the chart, and the same figures as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    left = Box(f"Not enrolled: {sum(n for _, n in out)}", tuple(out)) if out else None
    planned = "" if flow.planned is None else f" of {flow.planned} planned"
    top = [(Box(f"Screened: {flow.screened}"), left)]
    title = f"Flow of patients: {flow.title}"
    if len(flow.arms) > 1:
        top.append((Box(f"Enrolled: {flow.enrolled}{planned}"), None))
        return flow_chart(top, [_arm(arm, flow) for arm in flow.arms], title=title)
    (arm,) = flow.arms
    top += [
        (Box(f"Enrolled: {flow.enrolled}{planned}", ((arm.title, arm.enrolled),)), _after(arm)),
        (Box("Seen", arm.visits), None),
        (Box(f"NASOVCF before treatment: {_known(arm.index_test)}", arm.index_test), None),
        (Box(f"{flow.outcome}: judged {_known(arm.outcome)}", arm.outcome), None),
    ]
    groups = dict.fromkeys(group for group, _, _ in flow.crossed_table)
    columns = []
    for group in groups:
        lines = tuple((answer, n) for g, answer, n in flow.crossed_table if g == group)
        if group != "not known" or any(n for _, n in lines):
            heading = "Score not known" if group == "not known" else f"{group.capitalize()} group"
            columns.append([Box(f"{heading}: {sum(n for _, n in lines)}", lines)])
    return flow_chart(top, columns, title=title)


def rows(flow: Flow) -> Iterator[tuple[str, str, int]]:
    """The same figures: part of the study, what, how many."""
    yield "Screening", "screened", flow.screened
    for text, n in flow.not_eligible:
        yield "Screening", f"not eligible: {text}", n
    yield "Screening", "something is not known yet", flow.pending
    yield "Screening", "eligible, not enrolled", flow.not_enrolled
    yield "Enrolment", "enrolled", flow.enrolled
    for arm in flow.arms:
        yield arm.title, "enrolled", arm.enrolled
        for kind, n in arm.crossed:
            yield arm.title, f"crossed over to {kind}", n
        for kind, n in arm.left:
            yield arm.title, f"left: {kind}", n
        for window, n in arm.visits:
            yield arm.title, f"seen at {window}", n
        for group, n in arm.index_test:
            yield arm.title, f"NASOVCF {group}", n
        for answer, n in arm.outcome:
            yield arm.title, f"outcome {answer}", n
    for group, answer, n in flow.crossed_table:
        yield "NASOVCF and outcome", f"{group}; outcome {answer}", n


def _arm(arm: ArmFlow, flow: Flow) -> list[Box]:
    after = _after(arm)
    return [
        Box(f"{arm.title}: {arm.enrolled}"),
        *([after] if after else []),
        Box("Seen", arm.visits),
        Box(f"NASOVCF before treatment: {_known(arm.index_test)}", arm.index_test),
        Box(f"{flow.outcome}: judged {_known(arm.outcome)}", arm.outcome),
    ]


def _after(arm: ArmFlow) -> Box | None:
    """Who left and who crossed over."""
    lines = [(f"Left: {kind}", n) for kind, n in arm.left]
    lines += [(f"Crossed over to {kind}, counted as enrolled", n) for kind, n in arm.crossed]
    return Box("After enrolment", tuple(lines), marked=True) if lines else None


def _known(counted: Counted) -> int:
    return sum(n for what, n in counted if what != "not known")
