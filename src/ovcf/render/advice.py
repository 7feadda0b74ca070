"""Guidance as a report prints it: what is urgent, what to consider, what each source requires, what is information."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.statement import Answer, Urgency
from ovcf.language.worded import capital, say
from ovcf.plain_text import listed
from ovcf.render.blocks import bold, cited, column, heading, keep, listing, paragraph, said, soft, table
from ovcf.render.seen import State
from ovcf.render.words.wording import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.guidance.statement import Criterion, Statement
    from ovcf.render.blocks import Block, Run, Text
    from ovcf.render.seen import Seen

    Cite = Callable[[Iterable[str]], list[str]]

_ON_PAGE_ONE = frozenset({"nasovcf-group-outcomes"})
"""Said by the chart of page one."""
_URGENT = (Urgency.EMERGENCY, Urgency.URGENT)
_CONSIDER = (Urgency.IMPORTANT, Urgency.ADVICE)
#: Sources of criteria as the head of a column.
_SHORT = {
    "kyphoplasty-criteria": "Teaching case",
    "augmentation-nice": "NICE 2013",
    "augmentation-uk": "UK policy",
    "augmentation-sir": "SIR 2014",
    "augmentation-acr": "ACR 2014",
    "risk-thai": "Thai 2023",
    "risk-bhof": "BHOF 2022",
    "risk-acr-giop": "ACR 2022",
}
_ANSWERS = {Answer.MET: "yes", Answer.NOT_MET: "no", Answer.UNKNOWN: "not recorded"}
_MATRICES = (
    ("Vertebral augmentation: what each source requires", ("kyphoplasty", "augmentation"), "● required."),
    ("Very high fracture risk: what each guideline counts", ("risk",), "● counts."),
)


def guidance_blocks(seen: Seen, cite: Cite) -> list[Block]:
    """Everything the sources say, most urgent first."""
    statements = seen.assessment.guidance
    if not statements:
        return []
    blocks = [heading("Guidance"), *_urgent(seen, statements, cite)]
    consider = [s for s in statements if s.urgency in _CONSIDER and not s.alert]
    if consider:
        blocks += [
            heading("Consider", level=3, tone="hold"),
            listing([_words(s, cite) for s in consider], numbered=True),
        ]
    beside: set[str] = set()
    for title, starts, key in _MATRICES:
        if seen.state is State.EMERGENCY and "augmentation" in starts:
            continue
        own = [s for s in statements if s.criteria and s.id.split("-", 1)[0] in starts]
        texts = [s for s in own if s.urgency is Urgency.INFORMATION]
        blocks += _matrix(title, own, key, texts, cite)
        beside |= {s.id for s in texts}
    information = [
        s for s in statements if s.urgency is Urgency.INFORMATION and s.id not in beside and s.id not in _ON_PAGE_ONE
    ]
    if information:
        blocks += [
            heading("For information", level=3, tone="soft"),
            listing([_words(s, cite) for s in information], small=True),
        ]
    return blocks


def _urgent(seen: Seen, statements: Sequence[Statement], cite: Cite) -> list[Block]:
    urgent = [s for s in statements if s.urgency in _URGENT]
    alerts = [s for s in statements if s.alert]
    blocks: list[Block] = []
    for title, found in (("Urgent", urgent), ("Alert", alerts)):
        if found:
            blocks += [heading(title, level=3, tone="urgent"), listing([_words(s, cite) for s in found])]
    if blocks:
        return blocks
    open_ = not_recorded_of_urgent(seen)
    more = (
        say(
            " {open} {value} not recorded.", open=listed(open_).capitalize(), value="was" if len(open_) == 1 else "were"
        )
        if open_
        else ""
    )
    return [
        heading("Urgent: none", level=3, tone="soft"),
        paragraph(say("Nothing urgent in what was recorded.{more}", more=more)),
    ]


def not_recorded_of_urgent(seen: Seen) -> list[str]:
    """What could be urgent and nobody recorded."""
    case = seen.case
    open_ = ["nerve function"] if case.neurology.symptomatic is None else []
    if not case.red_flags.seen_on_mri and case.aetiology is None:
        open_.append("signs of tumour and infection")
    return open_


def _words(s: Statement, cite: Cite) -> Text:
    return said(plain(s.text), _refs(cite, s.evidence))


def _refs(cite: Cite, ids: Iterable[str]) -> Run:
    return cited(cite(ids))


def _matrix(
    title: str, statements: Sequence[Statement], key: str, texts: Sequence[Statement], cite: Cite
) -> list[Block]:
    """One criterion a row, the sources as columns, what this patient's data say beside it; their words below."""
    rows: dict[str, Criterion] = {}
    for s in statements:
        for c in s.criteria:
            rows.setdefault(c.text, c)
    if not rows:
        return []
    columns = [column("Criterion", width=2.3), column("This patient", width=2.2)]
    columns += [column(_SHORT.get(s.id, s.topic), align="center") | {"refs": cite(s.evidence[:1])} for s in statements]
    made = []
    for text, c in rows.items():
        marks = [said("●" if any(own.text == text for own in s.criteria) else "") for s in statements]
        made.append([said(plain(capital(text))), _answer(c), *marks])
    words: Text = []
    for s in texts:
        words += said(" ", soft(plain(s.text)), _refs(cite, s.evidence))
    return [
        keep(heading(title, level=3), table(columns, made, style="matrix"), paragraph(soft(key), words, small=True))
    ]


def _answer(c: Criterion) -> Text:
    answer = _ANSWERS[c.answer]
    because = plain(c.because)
    beside = (
        ""
        if not because or because in (answer, "recorded", "recorded as absent")
        else say(", {because}", because=because)
    )
    if c.answer is Answer.UNKNOWN:
        return said(soft(because or answer))
    return said(bold(answer), beside)
