"""Everything a report prints, as plain words in reading order: the HTML page and the PDF show the same content."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

from ovcf.assessment.by_outline import CHOICE, NOT_SEEN
from ovcf.assessment.finding import Endplates, OfSuggestion, PosteriorWall, SqGrade, T2Signal
from ovcf.guidance.statement import Urgency
from ovcf.measures.registry import in_summary
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.plain_text import clean
from ovcf.report.tables import (
    by_source,
    finding_row,
    measurement_row,
    of_whole_spine,
    other_levels,
    outcome,
    score_probability,
    score_section,
)
from ovcf.report.wording import decimal, moment, of_source, quantity, share, shares, size_of, typeset, with_spread
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.assessment.finding import Finding
    from ovcf.assessment.result import Assessment, LevelQuestion
    from ovcf.guidance.statement import Statement
    from ovcf.measures.measurement import Measurement
    from ovcf.report.figure import Figure
    from ovcf.report.tables import Cite, Row

TITLE = "Osteoporotic vertebral fracture: assessment"
NOTICE = (
    "Research software, not a medical device. A draft for a qualified reader: every landmark, measurement and "
    "statement must be confirmed by that reader before it is used in the care of a patient."
)
LEGEND = (
    "A anterior, P posterior. Orange: the index vertebra. White: its anterior and posterior height. Yellow: the local "
    "kyphosis angle. ? behind a level: not measured. × behind a level: not fit to serve as a reference."
)
_URGENCY = list(Urgency)
_SAID_ABOVE = (NOT_SEEN, CHOICE)
_FROM_RULES = ("urgent", "summary", "findings", "scores", "withheld", "guidance")


def content(assessment: Assessment, figures: Sequence[Figure]) -> Row:
    """The whole report as nested dicts, lists and strings."""
    numbers = {reference.id: str(reference.number) for reference in assessment.references}

    def cite(ids: Iterable[str]) -> list[str]:
        return [numbers[id_] for id_ in dict.fromkeys(ids) if id_ in numbers]

    index = assessment.index_level
    of_index = [m for m in assessment.measurements if m.index_level == index and index and not of_whole_spine(m)]
    # A radiograph before MRI, as the score takes them.
    first = [one.id for one in in_summary()]
    of_index.sort(key=lambda m: (m.method.id not in first, m.source.modality is not Modality.RADIOGRAPH))
    whole = [m for m in assessment.measurements if of_whole_spine(m)]
    emergencies = [s for s in assessment.guidance if s.urgency in (Urgency.EMERGENCY, Urgency.URGENT)]
    report = {
        "title": TITLE,
        "notice": NOTICE,
        "warnings": list(assessment.warnings),
        "index": "" if index is None else index.value,
        "patient": assessment.case.patient_id or "patient not named",
        "header": _header(assessment),
        "questions": [_question(q) for q in assessment.questions],
        "urgent": [_statement(s, cite) for s in emergencies],
        "summary": _summary(assessment, of_index, cite),
        "legend": LEGEND,
        "figures": [
            {"title": f.title, "caption": f.caption, "svg": f.svg, "share": f.share, "asks": f.asks} for f in figures
        ],
        "measurements": by_source(of_index, cite),
        "whole": [measurement_row(m, cite) | {"source": of_source(m.source)} for m in whole],
        "findings": [finding_row(f, cite) for f in assessment.findings if f.level in (index, None)],
        "suggested_note": f"OF class: {CHOICE}. {NOT_SEEN}.",
        "suggested": [_suggested(f, assessment, cite) for f in _unnamed(assessment)],
        "other_levels": other_levels(assessment.measurements, assessment.findings, index),
        "scores": [score_section(s, cite) for s in assessment.scores],
        "withheld": _withheld(assessment),
        "guidance": _topics([s for s in assessment.guidance if s not in emergencies], cite),
        "references": [
            {"number": str(r.number), "citation": r.citation, "doi": r.doi, "mark": r.mark}
            for r in assessment.references
        ],
        "series": [
            {
                "role": s.role + (" (named by a person)" if s.overridden else ""),
                "description": s.description,
                "size": size_of(s.size, s.spacing_mm),
                "reasons": list(s.reasons),
            }
            for s in assessment.series
        ],
        "clinical": _facts(assessment.case),
        "notes": [*assessment.case.notes, *assessment.notes],
        "provenance": _provenance(assessment),
    }
    return cast("Row", {name: _printable(part, typeset_too=name in _FROM_RULES) for name, part in report.items()})


def _printable(part: object, *, typeset_too: bool) -> object:
    """The same content without control characters and text-direction overrides, which could disguise words."""
    if isinstance(part, str):
        return typeset(clean(part)) if typeset_too else clean(part)
    if isinstance(part, dict):
        return {key: _printable(value, typeset_too=typeset_too) for key, value in part.items()}
    return [_printable(value, typeset_too=typeset_too) for value in part] if isinstance(part, list) else part


def _unnamed(assessment: Assessment) -> list[Finding]:
    """Suggested fractures that the case does not name: all of them while no index vertebra is chosen."""
    case = assessment.case
    named = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.focal_lesions}
    return [f for f in assessment.suggested_fractures if f.level not in named]


def _question(question: LevelQuestion) -> Row:
    """Which vertebra is which: the likeliest answers, and the numbered bodies with what needs no name."""
    names = list(dict.fromkeys(m.method.name for body in question.bodies for m in body.measurements))
    rows = []
    for body in question.bodies:
        values = {m.method.name: with_spread(m) for m in body.measurements}
        rows.append({"number": str(body.number), "cells": [values.get(n, "–") for n in names], "why": body.withheld})
    likely = "; ".join(f"{first} to {last} {share(p)}" for first, last, p in question.likely)
    return {
        "text": (
            f"Which vertebra is which on {question.image}? {len(question.bodies)} bodies were found and numbered from "
            f"the head down; which they are is not sure ({likely}; {share(question.asked)} is required). Name one of "
            "them. Until then nothing that needs a level is said: no grade, no score, no advice on a level."
        ),
        "columns": names,
        "rows": rows,
    }


def _suggested(finding: Finding, assessment: Assessment, cite: Cite) -> Row:
    """A suggested fracture with what its outline suggests in columns of their own."""
    here = [f for f in assessment.findings if f.level == finding.level]
    columns = [
        next((f for f in here if isinstance(f.data, kind)), None) for kind in (OfSuggestion, Endplates, PosteriorWall)
    ]
    said = [
        {"value": f.value if f else "-", "reasons": [r for r in f.reasons if r not in _SAID_ABOVE] if f else []}
        for f in columns
    ]
    return finding_row(finding, cite) | {"level": finding.level or "", "outline": said}


def _header(assessment: Assessment) -> list[Row]:
    case = assessment.case
    person = [f"{case.age_years:g} years" if case.age_years is not None else "age unknown", case.sex or "sex unknown"]
    rows = {
        "Patient": case.patient_id or "not named",
        "Visit": case.visit_date or "date unknown",
        "Age, sex": ", ".join(person),
        "Index vertebra": assessment.index_level or "not chosen",
        "Made": moment(assessment.provenance.created_at),
        "Software": assessment.provenance.software,
    }
    return [{"label": label, "value": value} for label, value in rows.items()]


def _summary(assessment: Assessment, of_index: list[Measurement], cite: Cite) -> list[Row]:
    """The figures a surgeon asks for first; what is not there is said, not left out."""
    case = assessment.case
    named = {type(f.data): f for f in reversed(assessment.findings) if f.level == assessment.index_level}
    rows: list[Row] = []

    def add(label: str, value: str | None, detail: str = "", refs: Iterable[str] = ()) -> None:
        rows.append({"label": label, "value": value or "not available", "detail": detail, "refs": cite(refs)})

    def measured(label: str, method: str, by_hand: str | None = None) -> None:
        m = next((m for m in of_index if m.method.id == method), None)
        if m is not None:
            source = m.source
            posture = "posture unknown" if source.posture is Posture.UNKNOWN else source.posture.value
            detail = f"{source.modality.value}, {posture}, {source.placed_by}"
            add(label, with_spread(m), detail, m.method.evidence)
        else:
            add(label, by_hand, "entered by hand" if by_hand else "not measured")

    for result in assessment.scores:
        if result.score.upper() == "NASOVCF":
            missing = f"missing: {', '.join(result.missing)}" if result.missing else ""
            why = score_probability(result) or "; ".join(result.reasons) or missing
            add("NASOVCF", outcome(result), why, result.evidence)
    by_hand = {
        VERTEBRAL_HEIGHT_LOSS.id: (case.vhl_percent, Unit.PERCENT),
        LOCAL_KYPHOSIS_ANGLE.id: (case.local_kyphosis_deg, Unit.DEGREE),
    }
    for one in in_summary():
        value, unit = by_hand.get(one.id, (None, Unit.RATIO))
        measured(one.method.name, one.id, None if value is None else quantity(value, unit))
    t = case.used_t_score
    by_level = "mean by level, without fractured levels" if t != case.t_score else case.t_score_site or ""
    add("T-score", None if t is None else decimal(t, 1) + " SD", by_level)
    if (pattern := named.get(T2Signal)) is not None:
        add("T2 signal pattern", pattern.value, shares(pattern.probability), pattern.evidence)
    else:
        add("T2 signal pattern", case.t2_pattern, "entered by hand" if case.t2_pattern else "")
    if (grade := named.get(SqGrade)) is not None:
        add("Genant grade, from measurement", grade.value, shares(grade.probability), grade.evidence)
    return rows


def _withheld(assessment: Assessment) -> list[Row]:
    """What was not measured, the index vertebra first; what has the same reason and remedy stands together."""
    names: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for w in sorted(assessment.withheld, key=lambda w: w.level != assessment.index_level):
        names[w.level.value if w.level else "", w.reason, w.remedy].append(w.name)
    return [
        {"name": "; ".join(dict.fromkeys(same)), "level": level, "reason": reason, "remedy": remedy}
        for (level, reason, remedy), same in names.items()
    ]


def _topics(statements: list[Statement], cite: Cite) -> list[Row]:
    """Statements by topic, the most urgent topic first; positions of several sources stand side by side."""
    topics: dict[str, list[Statement]] = defaultdict(list)
    for s in statements:
        topics[s.topic].append(s)
    ordered = sorted(topics.items(), key=lambda item: min(_URGENCY.index(s.urgency) for s in item[1]))
    return [
        {
            "topic": topic,
            "side_by_side": "side by side" in topic or sum(bool(s.criteria) for s in group) > 1,
            "statements": [_statement(s, cite) for s in sorted(group, key=lambda s: _URGENCY.index(s.urgency))],
        }
        for topic, group in ordered
    ]


def _statement(s: Statement, cite: Cite) -> Row:
    return {
        "topic": s.topic,
        "urgency": s.urgency.value,
        "text": s.text,
        "refs": cite(s.evidence),
        "criteria": [{"text": c.text, "answer": c.answer.value, "because": c.because} for c in s.criteria],
    }


_SUFFIXES = {
    "_years": " years", "_percent": "%", "_deg": "°", "_hu": " HU", "_mg_per_day": " mg per day", "t_score": " SD",
    "weeks_since_onset": " weeks",
}  # fmt: skip
_ACRONYMS = {"vhl", "vas", "odi", "qct", "asa", "frax", "mof", "mfi5", "t2"}
_SHOWN_ELSEWHERE = {"patient_id", "notes"}


def _facts(case: object) -> list[Row]:
    """Every clinical fact that was given, under the name of its field."""
    rows = []
    for f in fields(case):  # type: ignore[arg-type]  # the case and its parts are dataclasses
        value = getattr(case, f.name)
        if is_dataclass(value):
            rows += _facts(value)
        elif value not in (None, "", ()) and f.name not in _SHOWN_ELSEWHERE:
            unit = next((unit for end, unit in _SUFFIXES.items() if f.name.endswith(end)), "")
            rows.append({"label": _label(f.name), "value": _said(value) + unit})
    return rows


def _label(field: str) -> str:
    """``vhl_percent`` as ``VHL``, ``age_years`` as ``Age``: the unit stands behind the value."""
    name = re.sub("_(years|percent|deg|hu|mg_per_day)$", "", field).replace("t_score", "T-score")
    words = [word.upper() if word in _ACRONYMS else word for word in name.split("_")]
    return words[0][0].upper() + " ".join(words)[1:]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_said(v) for v in value)
    if isinstance(value, float):
        return f"{value:g}".replace("-", "−")
    return str(value.value if isinstance(value, Enum) else value)


def _provenance(assessment: Assessment) -> Row:
    p = assessment.provenance
    return {
        "software": p.software,
        "created": moment(p.created_at),
        "command": p.command,
        "schema": assessment.schema_version,
        "column": str(assessment.column),
        "inputs": [{"path": path, "sha256": digest} for path, digest in p.inputs],
        "parameters": [{"name": name, "value": value} for name, value in p.parameters],
    }
