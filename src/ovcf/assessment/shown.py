"""How an assessment shows itself in Python and in a notebook; the whole of it is the report."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Protocol

from ovcf.guidance.statement import Urgency

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.errors import Remedy
    from ovcf.guidance.statement import Statement
    from ovcf.measures.measurement import Measurement
    from ovcf.scores.result import ScoreResult

_CELL = "text-align:left;vertical-align:top"
_URGENT = (Urgency.EMERGENCY, Urgency.URGENT)


class NotMeasured(Protocol):
    """What was withheld, and why."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def level(self) -> Level | None:
        """Of which vertebra; None of the whole spine."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def remedy(self) -> Remedy:
        """What to do about it."""


class Question(Protocol):
    """What is asked about an image."""

    @property
    def image(self) -> str:
        """Which image."""

    @property
    def how(self) -> Remedy:
        """How it is answered."""


class Shown(Protocol):
    """What is shown of an assessment (:class:`ovcf.assessment.result.Assessment`)."""

    @property
    def index_level(self) -> Level | None:
        """The vertebra that is assessed."""

    @property
    def measurements(self) -> Sequence[Measurement]:
        """What was measured."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was seen."""

    @property
    def scores(self) -> Sequence[ScoreResult]:
        """What follows from it."""

    @property
    def guidance(self) -> Sequence[Statement]:
        """What the sources say."""

    @property
    def warnings(self) -> Sequence[str]:
        """What may be wrong with the input."""

    @property
    def questions(self) -> Sequence[Question]:
        """What must be answered first."""

    @property
    def withheld(self) -> Sequence[NotMeasured]:
        """What was not measured."""


def short(assessment: Shown) -> str:
    """One line: the vertebra, the scores, and how much there is."""
    said = [str(assessment.index_level or "no index vertebra"), *(_outcome(s) for s in assessment.scores)]
    counts = {
        "measurement": assessment.measurements,
        "finding": assessment.findings,
        "withheld": assessment.withheld,
        "open question": assessment.questions,
        "warning": assessment.warnings,
    }
    for name, found in counts.items():
        if found or name == "measurement":
            plural = "s" if len(found) != 1 and name != "withheld" else ""
            said.append(f"{len(found)} {name}{plural}")
    return f"<Assessment: {'; '.join(said)}>"


def rows(assessment: Shown) -> list[dict[str, object]]:
    """Every measurement as a flat row: level, name, value, standard uncertainty, unit, method, image, posture."""
    return [
        {
            "level": None if m.index_level is None else str(m.index_level),
            "measurement": m.method.name,
            "value": m.value,
            "standard_uncertainty": m.standard_uncertainty,
            "unit": m.unit.symbol.strip(),
            "method": m.method.id,
            "image": m.source.image,
            "posture": m.source.posture.value,
        }
        for m in assessment.measurements
    ]


def as_html(assessment: Shown) -> str:
    """What to check, what is urgent, the scores, and the measurements of the index vertebra (of all without one)."""
    index = assessment.index_level
    parts = [f"<p><b>{escape(str(index or 'No index vertebra chosen'))}</b></p>"]
    first = [("Check the input", text) for text in assessment.warnings]
    first += [(s.urgency.value.capitalize(), s.text) for s in assessment.guidance if s.urgency in _URGENT]
    first += [("Question", f"Which vertebra is which on {q.image}? {q.how}") for q in assessment.questions]
    parts += [f"<p><b>{escape(name)}</b>: {escape(text)}</p>" for name, text in first]
    parts.append(_table(("Score", "Result"), ((s.score, _outcome(s, named=False)) for s in assessment.scores)))
    shown = [m for m in assessment.measurements if index is None or m.index_level == index]
    values = ((m.index_level or "", m.method.name, m.text, m.source.image) for m in shown)
    parts.append(_table(("Level", "Measurement", "Value", "Image"), values))
    found = [f for f in assessment.findings if index is None or f.level == index]
    parts.append(
        _table(("Level", "Finding", "Value", "Image"), ((f.level or "", f.name, f.value, f.image) for f in found))
    )
    missing = ((w.level or "", w.name, w.reason, w.remedy) for w in assessment.withheld)
    parts.append(_table(("Level", "Not measured", "Why", "What to do"), missing))
    parts.append("<p><small>Research software, not a medical device. A draft until a reader confirms it.</small></p>")
    return "".join(parts)


def _outcome(score: ScoreResult, *, named: bool = True) -> str:
    name = f"{score.score} " if named else ""
    if score.total is not None:
        return f"{name}{score.total:g}" + (f" ({score.group})" if score.group else "")
    if score.attainable is not None:
        return f"{name}{score.attainable[0]:g} to {score.attainable[1]:g}, incomplete"
    return f"{name}{score.status.value}"


def _table(heads: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(str(cell))}</td>' for cell in line) + "</tr>" for line in lines
    )
    if not body:
        return ""
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
