"""Reading a protocol: TOML in, a checked :class:`Protocol` out, or an error that says what to write."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ovcf.errors import StudyError
from ovcf.language.worded import joined, say
from ovcf.measures.registry import measurements
from ovcf.registry.words import EventKind, Instrument, TreatmentKind, Window
from ovcf.scores.registry import scores
from ovcf.study.protocol.model import (
    Arm,
    Criterion,
    Field,
    FieldKind,
    Form,
    Pins,
    Protocol,
    ReaderPlan,
    StudyOutcome,
    StudyVisit,
    Test,
)
from ovcf.study.protocol.toml_table import Table, advice, unique
from ovcf.text_files import parse_toml, read_text

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "ovcf protocol 1"
RATINGS = ("fracture_type", "t2_pattern", "sq_grade", "cleft", "of_class")
"""What readers say in words or grades of the index vertebra."""
SHIPPED = ("han-validation",)


def shipped(name: str) -> str:
    """The text of a protocol that comes with ovcf.

    Raises:
        StudyError: there is none of that name.
    """
    if name not in SHIPPED:
        raise StudyError(
            name, "is no protocol that comes with ovcf", say("There is: {shipped}.", shipped=joined(", ", SHIPPED))
        )
    return files("ovcf.study.protocol").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def read_protocol(path: Path) -> Protocol:
    """A protocol from its file.

    Raises:
        OvcfError: the file cannot be read, or something in it cannot be; says what and where.
    """
    return parse_protocol(read_text(path, remedy="Give the TOML file of a protocol."), str(path))


def parse_protocol(text: str, where: str) -> Protocol:
    """A protocol from its text; see :func:`read_protocol`."""
    given = parse_toml(text, where)
    top = Table(given, where)
    if top.raw("format") != FORMAT:
        raise StudyError(
            where,
            "is no protocol",
            say('Begin it with format = "{format}"; `ovcf study example` writes one.', format=FORMAT),
        )
    forms = tuple(_form(t) for t in top.tables("form", required=True))
    unique((f.id for f in forms), where, "forms")
    visits = tuple(_visit(t, [f.id for f in forms]) for t in top.tables("visit", required=True))
    unique((v.window.value for v in visits), where, "visits")
    _in_order(visits, where)
    arms = tuple(_arm(t) for t in top.tables("arm", required=True))
    unique((a.id for a in arms), where, "arms")
    criteria = tuple(
        _criterion(t, exclusion=kind == "exclusion")
        for kind in ("inclusion", "exclusion")
        for t in top.tables(kind, required=kind == "inclusion")
    )
    unique((c.id for c in criteria), where, "criteria")
    planned = [v.window for v in visits]
    outcomes = tuple(_outcome(t, planned) for t in top.tables("outcome", required=True))
    unique((o.id for o in outcomes), where, "outcomes")
    if sum(o.primary for o in outcomes) != 1:
        raise StudyError(
            where,
            say("has {primary} primary outcomes", primary=sum(o.primary for o in outcomes)),
            "Write primary = true under exactly one [[outcome]].",
        )
    readers, pins, size = top.table("readers"), top.table("pins"), top.table("sample_size")
    made = Protocol(
        id=top.name("id"),
        version=top.text("version"),
        title=top.text("title"),
        consent_required=top.flag("consent_required", default=True),
        arms=arms,
        criteria=criteria,
        visits=visits,
        forms=forms,
        outcomes=outcomes,
        readers=None if readers is None else _readers(readers, planned),
        pins=Pins() if pins is None else _pins(pins),
        sample_size=None if size is None else size.whole("patients", low=1),
        sample_size_reason="" if size is None else size.text("reason"),
        digest=digest_of(given),
        text=text,
    )
    for table in (top, size):
        if table is not None:
            table.done()
    return made


def digest_of(given: dict[str, Any]) -> str:
    """SHA-256 of what a protocol says; spaces, comments and the order of keys do not count."""
    return hashlib.sha256(json.dumps(given, sort_keys=True, ensure_ascii=False, default=_plain).encode()).hexdigest()


def _plain(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


def _form(table: Table) -> Form:
    fields = tuple(_field(t) for t in table.tables("field", required=True))
    made = Form(id=table.name("id"), title=table.text("title"), fields=fields)
    unique((f.id for f in fields), table.where, "fields")
    table.done()
    return made


def _field(table: Table) -> Field:
    kind = table.word("type", FieldKind)
    low, high = (table.number(end) for end in ("low", "high"))
    choices = table.texts("choices", required=kind is FieldKind.CHOICE)
    made = Field(
        id=table.name("id"),
        label=table.text("label"),
        kind=kind,
        unit=table.text("unit", ""),
        low=low,
        high=high,
        choices=choices,
        required=table.flag("required", default=True),
        source=table.text("from", ""),
    )
    numeric = kind in (FieldKind.NUMBER, FieldKind.WHOLE)
    if not numeric and (low is not None or high is not None):
        raise StudyError(
            table.where, say("has a range, but is a {kind}", kind=kind), "Take low and high out, or make it a number."
        )
    if low is not None and high is not None and low >= high:
        raise StudyError(
            table.where,
            say("low = {low:g} is not below high = {high:g}", low=low, high=high),
            "Exchange or correct them.",
        )
    if choices and kind is not FieldKind.CHOICE:
        raise StudyError(
            table.where, say("has choices, but is a {kind}", kind=kind), 'Write type = "choice", or take them out.'
        )
    _source(table, made)
    table.done()
    return made


def _source(table: Table, field: Field) -> None:
    if not field.source or field.instrument is not None:
        return
    known = {"measure": list(measurements()), "score": list(scores())}
    kind, name = field.of_reading or ("", "")
    if kind not in known:
        raise table.wrong(
            "from", field.source, f"an instrument ({', '.join(i.value for i in Instrument)}), measure:ID or score:ID"
        )
    if name not in known[kind]:
        raise StudyError(
            table.where, say("no {kind} is called {name!r}", kind=kind, name=name), advice(name, known[kind])
        )


def _visit(table: Table, forms: list[str]) -> StudyVisit:
    made = StudyVisit(
        window=table.word("window", Window),
        from_day=table.whole("from_day", low=-3650, high=3650),
        to_day=table.whole("to_day", low=-3650, high=3650),
        forms=table.texts("forms"),
    )
    if made.from_day > made.to_day:
        raise StudyError(
            table.where,
            say("begins on day {from_day}, after its end on day {to_day}", from_day=made.from_day, to_day=made.to_day),
            "Exchange or correct them.",
        )
    if missing := [f for f in made.forms if f not in forms]:
        raise StudyError(
            table.where,
            say("asks for the form {missing!r}, which is not there", missing=missing[0]),
            advice(missing[0], forms),
        )
    table.done()
    return made


def _in_order(visits: tuple[StudyVisit, ...], where: str) -> None:
    for one, other in pairwise(visits):
        if other.from_day <= one.to_day:
            raise StudyError(
                where,
                say(
                    "the visit {window} begins on day {from_day}, before {window_2} ends (day {to_day})",
                    window=other.window,
                    from_day=other.from_day,
                    window_2=one.window,
                    to_day=one.to_day,
                ),
                "List the visits in order, and let no two share a day.",
            )


def _criterion(table: Table, *, exclusion: bool) -> Criterion:
    tests = [t for t in Test if table.has(t.value)]
    if len(tests) != 1:
        raise StudyError(
            table.where,
            say("has {tests} conditions", tests=len(tests)),
            say("Give exactly one of: {value}.", value=joined(", ", (t.value for t in Test))),
        )
    (test,) = tests
    limit: Any
    if test is Test.ONE_OF:
        limit = table.texts(test.value, required=True)
    elif test is Test.IS:
        limit = table.raw(test.value)
        if not isinstance(limit, bool | str):
            raise table.wrong(test.value, limit, "true, false or a word in quotation marks")
    else:
        limit = table.number(test.value, required=True)
    made = Criterion(
        id=table.name("id"),
        text=table.text("text"),
        fact=table.name("fact"),
        test=test,
        limit=limit,
        exclusion=exclusion,
    )
    table.done()
    return made


def _arm(table: Table) -> Arm:
    made = Arm(id=table.name("id"), title=table.text("title"), treatment=table.word("treatment", TreatmentKind))
    table.done()
    return made


def _outcome(table: Table, planned: list[Window]) -> StudyOutcome:
    made = StudyOutcome(
        id=table.name("id"),
        title=table.text("title"),
        window=table.word("window", Window),
        event=table.word("event", EventKind),
        primary=table.flag("primary", default=False),
        adjudicators=table.whole("adjudicators", high=2, default=0),
    )
    if made.window not in planned:
        raise StudyError(
            table.where,
            say("is judged at {window}, which is no visit here", window=made.window),
            "Add that visit, or judge at another.",
        )
    if made.adjudicators == 1:
        raise StudyError(
            table.where, "has one adjudicator", "Give 2, who judge alone; a third joins where they differ."
        )
    table.done()
    return made


def _readers(table: Table, planned: list[Window]) -> ReaderPlan:
    made = ReaderPlan(
        readers=table.whole("readers", low=2, high=20),
        windows=table.words("windows", Window),
        repeats_percent=table.number("repeats_percent", required=True) or 0.0,
        washout_days=table.whole("washout_days", high=3650),
        measures=table.texts("measures"),
        ratings=table.texts("ratings"),
    )
    if not 0 <= made.repeats_percent <= 100:
        raise table.wrong("repeats_percent", made.repeats_percent, "a percentage from 0 to 100")
    if missing := [w for w in made.windows if w not in planned]:
        raise StudyError(
            table.where,
            say("reads at {missing}, which is no visit here", missing=missing[0]),
            "Add that visit, or leave it out.",
        )
    if unknown := [m for m in made.measures if m not in measurements()]:
        raise StudyError(
            table.where,
            say("no measurement is called {unknown!r}", unknown=unknown[0]),
            advice(unknown[0], measurements()),
        )
    if unknown := [r for r in made.ratings if r not in RATINGS]:
        raise StudyError(
            table.where, say("readers do not rate {unknown!r}", unknown=unknown[0]), advice(unknown[0], RATINGS)
        )
    if not made.measures and not made.ratings:
        raise StudyError(table.where, "says not what is read", "Name measures, ratings, or both.")
    table.done()
    return made


def _pins(table: Table) -> Pins:
    made = Pins(software=table.text("software", ""), models=table.texts("models"))
    table.done()
    return made
