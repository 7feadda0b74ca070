"""A declared score of one patient: findings in, a ScoreResult or Classification out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Input
from ovcf.scores.result import Classification, ScoreItem, ScoreResult, Status
from ovcf.scores.rules import Facts
from ovcf.scores.tally import attainable_totals
from ovcf.scores.trials import asked, classes_tried
from ovcf.vocabulary import choice, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.scores.declare import Advice, Item, Quantity, Score


class _Line(NamedTuple):
    """An item as found; its points as the source counts them; why the source does not score it."""

    item: ScoreItem
    points: float | None
    outside: str


def evaluate(score: Score, **values: Any) -> ScoreResult:
    """Points, total, group and applicability of a declared score; None or left out is not known.

    Raises:
        ClinicalDataError: a number that no patient can have. LevelError: no such level.
        ScoreInputError: a word or answer that the score does not know.
    """
    facts, shown = _read(score, values)
    lines = [_line(score, item, facts, shown) for item in score.items if facts.truth(item.when)[0] == 1]
    outside = tuple(line.outside for line in lines if line.outside)
    reasons = tuple(c.otherwise.format_map(shown) for c in score.checks if facts.truth(c.alike)[0] == 0)
    answered = [line.points for line in lines if line.points is not None]
    complete = len(answered) >= (score.average.at_least if score.average else len(lines))
    status = Status.COMPLETE if complete else Status.INCOMPLETE
    if reasons or outside:
        status = Status.NOT_APPLICABLE if reasons else Status.OUT_OF_DERIVATION_POPULATION
    points = None
    if status is Status.COMPLETE:
        points = sum(answered, 0.0)
        if score.average:
            points = score.average.times * points / len(answered)
    totals: tuple[float, ...] = ()
    if not (reasons or outside):
        each = score.average.times / len(lines) if score.average else 1
        totals = tuple(each * t for t in attainable_totals(line.item for line in lines))
        if score.average and points is not None:
            totals = (points,)
    facts = facts.having("total", np.array([np.nan if points is None else points]))
    said, alerts = ([a for a in part if facts.truth(a.when)[0] == 1] for part in (score.advice, score.alerts))
    return ScoreResult(
        score=score.name,
        version=shown.get("version", score.version),
        status=status,
        items=tuple(map(_as_counted, lines)),
        total=points,
        group=groups_of(score, [points])[0] if points is not None and score.groups else None,
        attainable=(totals[0], totals[-1]) if totals else None,
        attainable_groups=tuple(dict.fromkeys(groups_of(score, totals))),
        missing=tuple(line.item.name for line in lines if line.item.points is None and not line.outside),
        reasons=reasons + outside,
        advisories=_advisories(score, facts, shown, said, lines if complete else []),
        evidence=_evidence(score, [*said, *alerts]),
        alerts=tuple(say(a.text, **shown) for a in alerts),
    )


def groups_of(score: Score, totals: Iterable[float]) -> list[str]:
    """The group of each total; none where the score has no groups."""
    if not score.groups:
        return []
    facts = Facts({"total": np.array([*totals], float)}, {})
    return [score.groups[k].label for k in facts.first([g.when for g in score.groups]).argmax(axis=0)]


def classify(score: Score, **values: Any) -> Classification:
    """The class of a declared classification: it stands if every answer to what is not known gives it.

    Raises:
        As :func:`evaluate`.
    """
    facts, shown = _read(score, values)
    missing = [i for i in asked(score) if np.isnan(facts.column(i.id)[0])]
    found = classes_tried(score, facts, missing)[0]
    at = [score.classes[k] for k in sorted({int(k) for k in found.flat})]
    possible = tuple(sorted({c.label for c in at}))
    label = possible[0] if len(possible) == 1 else None
    meanings = dict.fromkeys(c.meaning for c in at if c.meaning) if label else {}
    places = {label: place for place, label in enumerate(possible)}
    found = np.array([places[score.classes[k].label] for k in found.flat]).reshape(found.shape)
    facts = replace(facts, possible_classes=possible)
    flags, said, alerts = (
        [a for a in part if facts.truth(a.when)[0] == 1] for part in (score.flags, score.advice, score.alerts)
    )
    return Classification(
        system=score.name,
        version=score.version,
        label=label,
        meaning=joined(" or ", (say(one, **shown) for one in meanings)),
        possible=possible,
        missing=tuple(
            dict.fromkeys(
                _name(score, name)
                for axis, i in enumerate(missing)
                if (found != found.take([0], axis=axis)).any()
                for name in _unknown_in(score, facts, i.id)
            )
        ),
        flags=tuple(say(a.text, **shown) for a in flags),
        advisories=tuple(say(a.text, **shown) for a in said),
        evidence=_evidence(score, [*flags, *said, *alerts]),
        alerts=tuple(say(a.text, **shown) for a in alerts),
    )


def _unknown_in(score: Score, facts: Facts, id_: str) -> tuple[str, ...]:
    """The inputs without which an input or quantity is not known; itself where all of them are (a division by 0)."""
    return tuple(name for name in score.asked_by(id_) if np.isnan(facts.columns[name][0])) or (id_,)


def _name(score: Score, id_: str) -> str:
    found = next(i for i in score.named if i.id == id_)
    return found.said if isinstance(found, Input) else found.name


def code_of(score: Score, input_: Input, value: Any) -> tuple[float, str]:
    """A value as its column holds it (see :class:`Facts`), and as it is shown."""
    where = say("{score}, {said}", score=score.name, said=input_.said)
    if input_.kind in ("number", "whole"):
        x = parse_decimal(value, field=input_.name, low=input_.low, high=input_.high)
        if input_.kind == "whole" and (isinstance(value, bool) or x != int(x)):
            raise ScoreInputError(
                where,
                f"{value!r} is no whole number",
                say("Give {low:g} to {high:g}.", low=input_.low, high=input_.high),
            )
        return x, f"{x:.12g}" if input_.decimals is None else f"{x:.{input_.decimals}f}"
    if input_.kind == "numbers":
        return float(len(value)), joined(" ", (score.unknown if one is None else f"{one:g}" for one in value))
    if input_.kind == "flag":
        if value not in (True, False):
            raise ScoreInputError(where, f"{value!r} is neither yes nor no", "Leave out what is not known.")
        return float(value), "yes" if value else "no"
    if input_.kind == "level":
        level = value if isinstance(value, Level) else Level.parse(value)
        if level not in input_.words:
            raise ScoreInputError(where, f"{str(value)!r} is not known", one_of(input_.words))
        return float(input_.words.index(level)), str(level)
    found = choice(str(value), input_.words)
    if found is None:
        raise ScoreInputError(where, f"{value!r} is not known", one_of(input_.words))
    if input_.unknown_word and found == input_.unknown_word:
        return float("nan"), score.unknown
    return float(input_.words.index(found)), found


def columns_of(score: Score, input_: Input, value: Any) -> dict[str, float]:
    """An input as its columns hold it: one number, or several by name; left out is what is not known.

    Raises:
        As :func:`evaluate`.
    """
    if input_.kind != "numbers":
        return {input_.id: code_of(score, input_, value)[0]}
    if len(value) > input_.many:
        raise ScoreInputError(
            say("{score}, {said}", score=score.name, said=input_.said),
            say("{len} are given", len=len(value)),
            say("Give at most {many}.", many=input_.many),
        )
    known = {
        name: parse_decimal(one, field=input_.name, low=input_.low, high=input_.high)
        for name, one in zip(input_.columns[1:], value, strict=False)
        if one is not None
    }
    return known | ({input_.id: float(len(value))} if value and None not in value else {})


def _read(score: Score, values: dict[str, Any]) -> tuple[Facts, dict[str, str]]:
    given = {i: v for i in score.inputs if (v := values.pop(i.id, None)) is not None}
    if values:
        raise TypeError(f"{score.name} has no input {', '.join(values)}")
    for i in score.inputs:
        if i.required and i not in given:
            raise ScoreInputError(
                say("{score}, {i}", score=score.name, i=i.name.lower()), "is not given", "It has no default."
            )
    shown = {i.id: code_of(score, i, given[i])[1] if i in given else score.unknown for i in score.inputs}
    known = {name: x for i, v in given.items() for name, x in columns_of(score, i, v).items()}
    facts = Facts.of(score, {name: np.array([x]) for name, x in known.items()})
    return facts, shown | {q.id: _shown(q, float(facts.column(q.id)[0]), score.unknown) for q in score.quantities}


def _shown(quantity: Quantity, x: float, unknown: str) -> str:
    if np.isnan(x):
        return unknown
    x += 0.0  # no minus before 0
    text = f"{x:.12g}" if quantity.decimals is None else f"{x:.{quantity.decimals}f}"
    return f"+{text}" if quantity.signed and x >= 0 else text


def _line(score: Score, item: Item, facts: Facts, shown: dict[str, str]) -> _Line:
    whens = [case.when for case in item.cases]
    may_be = facts.first(whens)[:, 0]
    cases = [case for case, possible in zip(item.cases, may_be, strict=True) if possible]
    every, still = (sorted({c.points for c in some if c.points is not None}) for some in (item.cases, cases))
    case = cases[0] if len({c.points for c in cases}) == 1 else None
    finding = say(item.shows, **{**shown, "label": case.label}) if case else score.unknown
    if item.parts:
        says = {0.0: "no", 1.0: "yes"}
        finding = joined(
            ", ",
            (
                say("{name}: {get}", name=name, get=says.get(facts.truth(part)[0], score.unknown))
                for name, part in item.parts
            ),
        )
    note = case.note if case else ""
    for i in score.named if case else ():
        x = float(facts.column(i.id)[0])
        if case and i.decimals is not None and f"{{{i.id}}}" in item.shows:
            rounded = facts.having(i.id, np.array([round(x, i.decimals)]))
            if rounded.points(item)[0][0] != case.points:
                note = say(
                    "unrounded {x:.6g}{symbol}, {label}", x=x, symbol=i.unit.symbol if i.unit else "", label=case.label
                )
    points = case.points if case else None
    found = ScoreItem(item.name, finding, points, tuple(still if item.parts else every), note)
    counted = min(max(0.0, still[0]), still[-1]) if points is None and item.zero_if_unknown else points
    return _Line(found, counted, say(case.outside, **shown) if case else "")


def _advisories(
    score: Score, facts: Facts, shown: dict[str, str], said: list[Advice], counted: list[_Line]
) -> tuple[str, ...]:
    """What always holds, what nobody asked, what holds here, what was counted 0."""
    unasked = [c.name for c in score.checks if c.asked and np.isnan(facts.truth(c.alike)[0])]
    zeros = [line.item.name.lower() for line in counted if line.item.points is None and line.points is not None]
    return (
        *(say(a.text, **shown) for a in said if a.when is None),
        *(
            [say("Not known, and needed to say whether the score applies: {join}.", join=joined(", ", unasked))]
            if unasked
            else []
        ),
        *(say(a.text, **shown) for a in said if a.when is not None),
        *([say("Counted 0, as published, because unknown: {join}.", join=joined(", ", zeros))] if zeros else []),
        *_partly(score, counted),
    )


def _partly(score: Score, counted: Sequence[_Line]) -> list[str]:
    given = sum(line.points is not None for line in counted)
    partly = score.average.partly if score.average else ""
    return [say(partly, given=given)] if partly and 0 < given < len(counted) else []


def _as_counted(line: _Line) -> ScoreItem:
    if line.points == line.item.points:
        return line.item
    return replace(line.item, points=line.points, note="unknown: counted 0")


def _evidence(score: Score, said: Iterable[Advice]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*score.evidence, *(source for a in said for source in a.evidence))))
