"""The flow of patients for people: boxes of the chart, and the same figures as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.render.flow_chart import Box, flow_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.study.conduct.flow import ArmFlow, Flow


def chart(flow: Flow) -> str:
    """The flow as SVG."""
    out = [(text, n) for text, n in flow.not_eligible]
    if flow.pending:
        out.append(("Something is not known yet", flow.pending))
    if flow.not_enrolled:
        out.append(("Eligible, not enrolled", flow.not_enrolled))
    left = Box(f"Not enrolled: {sum(n for _, n in out)}", tuple(out)) if out else None
    planned = "" if flow.planned is None else f" of {flow.planned} planned"
    top = [(Box(f"Screened: {flow.screened}"), left), (Box(f"Enrolled: {flow.enrolled}{planned}"), None)]
    return flow_chart(top, [_boxes(arm, flow) for arm in flow.arms], title=f"Flow of patients: {flow.title}")


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


def _boxes(arm: ArmFlow, flow: Flow) -> list[Box]:
    found = [Box(f"{arm.title}: {arm.enrolled}")]
    if arm.crossed:
        total = sum(n for _, n in arm.crossed)
        found.append(Box(f"Crossed over, stay in this arm: {total}",
                         tuple((f"to {kind}", n) for kind, n in arm.crossed), marked=True))  # fmt: skip
    if arm.left:
        found.append(Box(f"Left: {sum(n for _, n in arm.left)}", arm.left, marked=True))
    found.append(Box("Seen", arm.visits))
    known = sum(n for group, n in arm.index_test if group != "not known")
    found.append(Box(f"NASOVCF before treatment: {known}", arm.index_test))
    judged = sum(n for answer, n in arm.outcome if answer != "not known")
    found.append(Box(f"{flow.outcome}: judged {judged}", arm.outcome))
    return found
