"""What has changed since earlier visits, and Han's two outcomes, as a table; nothing where nothing is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings import finding_over_time as kinds
from ovcf.language.worded import in_clauses, joined, say
from ovcf.render.blocks import bold, cited, column, heading, said, soft, table
from ovcf.render.words.wording import day, decimal, estimate, plain, sentence
from ovcf.vocabulary import Analgesic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ovcf.assessment.findings.finding import Finding
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen

    Cite = Callable[[Iterable[str]], list[str]]

OVER_TIME = (kinds.HeightLossSince, kinds.KyphosisProgress, kinds.NonUnion, kinds.OverVisits, kinds.EdemaReturned)
_UNITS = {"edema": "%", "disability": "%"}
_ANSWERS = {True: "yes", False: "no", None: "open"}


def change_table(seen: Seen, cite: Cite) -> list[Block]:
    """The table, height and angle first."""
    found = [f for f in seen.assessment.findings if f.level == seen.index and isinstance(f.data, OVER_TIME)]
    found.sort(key=lambda f: OVER_TIME.index(type(f.data)))
    rows = [_row(f, cite) for f in found]
    columns = [
        column("What", width=1.1),
        column("Reading", width=1.4),
        column("Probability", width=0.8),
        column("Based on", width=2.7),
    ]
    return [heading("Change since earlier visits"), table(columns, rows, style="findings")] if rows else []


def _row(f: Finding, cite: Cite) -> list[Text]:
    what, reading, p = _said(f)
    basis = joined(" ", (sentence(plain(reason)) for reason in f.reasons if reason))
    sure = said(estimate(p)) if p is not None else said(soft("not estimated"))
    return [said(bold(what)), said(reading), sure, said(basis, cited(cite(f.evidence)))]


def _said(f: Finding) -> tuple[str, str, float | None]:
    """What, how it reads, and how probable a yes is."""
    match f.data:
        case kinds.HeightLossSince(points=points, since=since):
            sign = "+" if points > 0 else ""
            return (
                "Height loss",
                say("{sign}{points} points since {since}", sign=sign, points=decimal(points, 1), since=day(since)),
                None,
            )
        case kinds.KyphosisProgress(answer=answer, probability=p):
            return "Kyphosis worse by more than 10°?", _ANSWERS[answer], p
        case kinds.NonUnion(answer=answer, probability=p):
            return "Non-union?", _ANSWERS[answer], p
        case kinds.OverVisits(of=of, visits=visits):
            drugs = tuple(Analgesic)
            words = [
                say(
                    "{drugs} ({when})",
                    drugs=drugs[int(v)].value if of == "analgesics" else decimal(v, 0) + _UNITS.get(of, ""),
                    when=day(when),
                )
                for when, v in visits
            ]
            return of.capitalize(), in_clauses(words), None
    return f.name, f.value, None
