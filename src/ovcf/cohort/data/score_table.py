"""A declared score of every row of a table: the rules of one patient, whatever the score. No score is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.clinical.number import UNANSWERED, parse_quantity
from ovcf.errors import ClinicalDataError, CohortDataError, OvcfError
from ovcf.language.worded import joined, say
from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.result import Status
from ovcf.vocabulary import choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ovcf.scores.declare import Input, Score
    from ovcf.scores.result import Classification, ScoreResult

_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_MOST_TOLD = 5


def scored(table: pd.DataFrame, score: Score, named: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The table with the result of each row behind it; an empty cell is not known, and never zero.

    ``named`` gives the heading of an input by its id. Else a heading that is the id, the option, the name or the field
    of the clinical file is taken, whatever its case and joints; other columns are left as they are.

    Raises:
        CohortDataError: no column is an input of the score, a required one is missing, or cells that it cannot take:
            the message names rows and columns.
    """
    headings = _headings(table, score, named or {})
    rows, wrong = [], []
    for place, row in enumerate(table.to_dict("records"), 1):
        values: dict[str, Any] = {i.id: i.words[0] for i in score.inputs if i.required and len(i.words) == 1}
        try:
            values |= {i.id: v for i, heading in headings.items() if (v := _value(i, row[heading])) is not None}
            lacking = [i.said for i in score.inputs if i.required and i.id not in values]
            rows.append(_open(score, lacking) if lacking else _told(score, _judged(score, values)))
        except OvcfError as error:
            wrong.append(say("row {place}: {where}: {problem}", place=place, where=error.where, problem=error.problem))
    if wrong:
        more = say("; and {most_told} more", most_told=len(wrong) - _MOST_TOLD) if len(wrong) > _MOST_TOLD else ""
        raise CohortDataError(score.id, "; ".join(wrong[:_MOST_TOLD]) + more, "Correct the table.")
    found = table.copy()
    for name in rows[0] if rows else ():
        found[name] = [row[name] for row in rows]
    return found


def _headings(table: pd.DataFrame, score: Score, named: Mapping[str, str]) -> dict[Input, str]:
    plain = {_plain(str(heading)): str(heading) for heading in table.columns}
    known = {i.id for i in score.inputs}
    if stray := [id_ for id_ in named if id_ not in known]:
        raise CohortDataError(
            score.id,
            say("has no input {stray!r}", stray=stray[0]),
            say("Name one of: {sorted}.", sorted=joined(", ", sorted(known))),
        )
    found: dict[Input, str] = {}
    for i in score.inputs:
        if i.kind == "numbers":
            continue
        names = [named[i.id]] if i.id in named else [i.id, i.option, i.name, i.case_field.rpartition(".")[2]]
        heading = next((plain[_plain(name)] for name in names if name and _plain(name) in plain), None)
        if heading is not None:
            found[i] = heading
        elif i.id in named:
            raise CohortDataError(
                score.id, say("the table has no column {named!r}", named=named[i.id]), "Look at its headings."
            )
        elif i.required and len(i.words) != 1:
            raise CohortDataError(
                score.id, say("no column is {said}", said=i.said), say("Name it: {id}=HEADING.", id=i.id)
            )
    if not found:
        asked = ", ".join(i.id for i in score.inputs)
        raise CohortDataError(score.id, "no column is one of its inputs", say("It asks for: {asked}.", asked=asked))
    return found


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _value(input_: Input, cell: object) -> Any:
    text = "" if cell is None or cell != cell else str(cell).strip()  # NaN is unlike itself
    if text.casefold() in ("", "na", "nan", *UNANSWERED):
        return None
    if input_.kind == "flag":
        answer = _YES_NO.get(text.casefold().removesuffix(".0"))
        if answer is None:
            raise ClinicalDataError(input_.said, say("{text!r} is neither yes nor no", text=text), "Write yes or no.")
        return answer
    if input_.words:
        return choice(text, input_.words) or text
    return parse_quantity(text, field=input_.said, unit=input_.unit)


def _judged(score: Score, values: dict[str, Any]) -> ScoreResult | Classification:
    return evaluate(score, **values) if score.items else classify(score, **values)


def _open(score: Score, lacking: list[str]) -> dict[str, Any]:
    """A row without what the score cannot do without."""
    empty = dict.fromkeys(_columns(score))
    return (
        empty
        | {say("{id} missing", id=score.id): "; ".join(lacking)}
        | ({say("{id} status", id=score.id): Status.INCOMPLETE.value} if score.items else {})
    )


def _columns(score: Score) -> tuple[str, ...]:
    own = ("status", "total", "group", "lowest", "highest", "why") if score.items else ("class", "possible")
    return tuple(f"{score.id} {name}" for name in (*own, "missing", "first"))


def _told(score: Score, result: Any) -> dict[str, Any]:
    last = ("; ".join(result.missing), " ".join(result.alerts))
    if not score.items:
        return dict(zip(_columns(score), (result.label, "; ".join(result.possible), *last), strict=True))
    low, high = result.attainable or (None, None)
    first = (result.status.value, result.total, result.group, low, high, "; ".join(result.reasons))
    return dict(zip(_columns(score), (*first, *last), strict=True))
