"""The report over visits: what changed beyond error, which outcomes there are, every value with how it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf import __version__
from ovcf.follow_up.outcomes import days_between
from ovcf.guidance.evidence import evidence
from ovcf.language.spoken import tag
from ovcf.language.worded import capital, joined, say
from ovcf.plain_text import clean
from ovcf.render.blocks import band, bold, chart, column, heading, in_words, keep, paragraph, said, soft, split, table
from ovcf.render.words.course_words import (
    DUE,
    OUTCOMES,
    alert_title,
    answer_words,
    change_words,
    held_words,
    names_of,
    question_words,
    site_words,
    summary,
    timer_name,
    timer_state,
    title_of,
    value_words,
)
from ovcf.render.words.wording import day, sentence
from ovcf.report.visits.charts import CHARTS, chart_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.follow_up.timeline import Timeline
    from ovcf.render.blocks import Block, Text

_NOTICE = (
    "Research software, not a medical device. A draft for a qualified reader. A change is judged against the errors of "
    "both measurements; images of different or unknown posture, or of different kind, are not compared."
)


def follow_up_content(timeline: Timeline, *, patient: str = "") -> dict[str, Any]:
    """Everything that the page and the PDF show, as blocks in reading order; ``patient`` instead of the file's id."""
    last = timeline.visits[-1]
    case = last.assessment.case
    patient = clean(patient or case.patient_id) or "patient not named"
    signed = all(v.signed for v in timeline.visits)
    status = "every reading signed" if signed else "draft: not every reading is signed"
    return {
        "lang": tag(),
        "title": in_words(say("Follow-up of {level}", level=timeline.level)),
        "status": in_words(capital(status)),
        "who": [
            {"label": in_words("Patient"), "value": patient, "wide": False},
            {"label": in_words("Visits"), "value": in_words(_visits(timeline)), "wide": True},
        ],
        "footer": in_words(
            say(
                "{patient} · ovcf {version} · research software, not a medical device · {status}",
                patient=patient,
                version=__version__,
                status=status,
            )
        ),
        "notice": in_words(_NOTICE),
        "front": [*_first(timeline), *_outcomes(timeline)],
        "inside": [*_charts(timeline), *_values(timeline), *_plan(timeline), *_prevention(timeline)],
        "appendix": _sources(timeline),
        "figures": [],
        "summary": in_words(joined(" ", summary(timeline))),
        "created": last.on.isoformat() if last.on else "",
    }


def _visits(timeline: Timeline) -> str:
    names = []
    for visit in timeline.visits:
        days = days_between(timeline.visits[0], visit)
        names.append(
            say("{visit} (day {days})", visit=clean(visit.name), days=days)
            if days
            else say("{visit}", visit=clean(visit.name))
        )
    return joined(", ", names)


def _alerts(timeline: Timeline) -> list[Block]:
    """One red band for each visit that recorded something nobody may miss, the last visit first."""
    blocks = []
    for visit in dict.fromkeys(a.visit for a in timeline.alerts):
        own = [a for a in timeline.alerts if a.visit == visit]
        blocks.append(band("urgent", alert_title(own), *(said(clean(a.text)) for a in own)))
    return blocks


def _first(timeline: Timeline) -> list[Block]:
    blocks: list[Block] = [*_alerts(timeline)]
    if timeline.questions:
        lines = [said(clean(question_words(q)) + ".") for q in timeline.questions]
        ask = said("Check the levels of these visits. Then correct the reading, or confirm that the names are right.")
        blocks.append(band("hold", "Do the visits mean the same vertebrae?", *lines, ask))
    blocks.append({"kind": "impression", "sentences": [said(s) for s in summary(timeline)]})
    if timeline.warnings:
        blocks.append(band("hold", "Note", *(said(sentence(clean(w))) for w in timeline.warnings)))
    return blocks


def _outcomes(timeline: Timeline) -> list[Block]:
    if not timeline.outcomes:
        return []
    columns = [
        column("Outcome", width=3),
        column("Visit", width=1.2),
        column("Answer", width=1.2),
        column("Why", width=3),
    ]
    rows = []
    for o in timeline.outcomes:
        level = "" if o.level in (None, timeline.level) else say(", {level}", level=o.level)
        answer = said(bold(answer_words(o)) if o.answer else answer_words(o))
        rows.append([said(OUTCOMES[o.kind] + level), said(clean(o.visit)), answer, said(soft(clean(o.because)))])
    return [heading("Outcomes"), table(columns, rows)]


def _charts(timeline: Timeline) -> list[Block]:
    drawn: list[Block] = []
    for course in timeline.courses:
        if course.quantity in CHARTS and sum(v is not None for v in course.values) > 1:
            title = title_of(course)
            unit = next(v.unit.symbol.strip() for v in course.values if v is not None)
            svg = chart_of(course, timeline)
            words = joined(", ", (value_words(v) for v in course.values))
            picture = paragraph(chart(svg, 84.0, say("{title}: {words}", title=title, words=words)))
            drawn.append(keep(heading(title, soft(unit), level=3), picture))
    pairs = [drawn[i : i + 2] for i in range(0, len(drawn), 2)]
    blocks: list[Block] = [heading("Course")] if drawn else []
    blocks += [split(pair[:1], pair[1:]) for pair in pairs]
    if drawn:
        blocks.append(
            paragraph(
                soft(
                    "Dot and 95% interval; an open dot must not be compared with the first. "
                    "Broken line: a limit of a source."
                ),
                small=True,
            )
        )
    return blocks


def _values(timeline: Timeline) -> list[Block]:
    columns = [column("", width=1.7), *(column(clean(n), width=2, align="left") for n in names_of(timeline.visits))]
    rows: list[Sequence[Text]] = []
    for course in timeline.courses:
        label = title_of(course)
        cells = [
            said(
                value_words(value),
                *(soft(say("; {words}", words=words)) for words in (held_words(value), change_words(change)) if words),
            )
            for value, change in zip(course.values, course.changes, strict=True)
        ]
        rows.append([said(label), *cells])
    patterns = [v.t2_pattern(timeline.level) for v in timeline.visits]
    if any(patterns):
        rows.append([said("T2 signal pattern"), *(said(p.value if p else "–") for p in patterns)])
    own = [
        paragraph(soft(say("Error of your own readers: {site_words}.", site_words=clean(site_words(s)))), small=True)
        for s in timeline.reliability
    ]
    return [
        heading("Values", soft("with 95% intervals; changes are since the first value")),
        table(columns, rows),
        *own,
    ]


def _plan(timeline: Timeline) -> list[Block]:
    if not timeline.plan:
        return []
    columns = [column("Planned", width=1), column("Counts between", width=2), column("", width=2)]
    rows = [
        [
            said(say("{months} month{value}", months=p.months, value="s" if p.months > 1 else "")),
            said(joined(" and ", (day(d.isoformat()) for d in (p.first_day, p.last_day)))),
            said(say("{due}{value}", due=DUE[p.due], value=say(": {visit}", visit=clean(p.visit)) if p.visit else "")),
        ]
        for p in timeline.plan
    ]
    note = "Han saw patients at 1, 3 and 6 months, Nagao and Voormolen at 12. The days are this project's choice."
    return [heading("Visits planned"), table(columns, rows), paragraph(soft(note), small=True)]


def _prevention(timeline: Timeline) -> list[Block]:
    if not timeline.prevention:
        return []
    columns = [column("Against the next fracture", width=2), column("", width=2)]
    rows = [[said(timer_name(t)), said(timer_state(t))] for t in timeline.prevention]
    note = (
        "Indicators of the IOF for services after a fracture (2020, abstract), with weeks since the fracture. They "
        "measure services; what this patient needs is for the reader to judge."
    )
    return [heading("Secondary prevention"), table(columns, rows), paragraph(soft(note), small=True)]


def _sources(timeline: Timeline) -> list[Block]:
    alerts = [id_ for one in timeline.alerts for id_ in one.evidence]
    outcomes = [id_ for one in timeline.outcomes for id_ in one.evidence]
    ids = dict.fromkeys([*alerts, *outcomes, *(["iof-kpi-2020"] if timeline.prevention else [])])
    entries = [
        {"number": str(n), "citation": e.citation, "doi": e.doi, "mark": e.mark}
        for n, e in enumerate((evidence(id_) for id_ in ids), 1)
    ]
    return [heading("References"), {"kind": "references", "entries": entries}] if entries else []
