"""What T2 patterns and clefts mean beyond the points they score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.vocabulary import Cleft, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="What T2 patterns and clefts mean beyond their points",
    whom="recent, untreated, osteoporotic fractures",
    not_for="old or cemented fractures",
)
_TOPIC = "Signal of the fractured body"
CLEFT_FROM_VHL_PERCENT = 50.0


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """An advisory for each pattern listed as a risk, and for a cleft; the reader's own reading goes first.

    Patterns were studied in recent, conservatively treated fractures: nothing is said of them in another.
    """
    found = findings.applicability
    if found.urgent or found.cause_in_doubt or found.treated:
        return
    if found.holds:
        yield from _pattern(findings)
    yield from _cleft(findings)


def _pattern(findings: AdviceInput) -> Iterator[Statement]:
    pattern = findings.case.t2_pattern or findings.t2_pattern
    if pattern == T2Pattern.CONFINED_HIGH:
        yield Statement(
            id="t2-confined-high",
            topic=_TOPIC,
            urgency=Urgency.ADVICE,
            evidence=("INC-21", "nagao-2025", "tsujio-2011"),
            text="Confined high T2 signal scores 0 in NASOVCF, yet it was commoner in severe collapse (Nagao, 103 "
            "patients, abstract) and is listed as a risk of non-union (Tsujio, 350 patients, abstract). Consider "
            "closer follow-up than the score alone suggests.",
        )
    elif pattern == T2Pattern.DIFFUSE_LOW:
        yield Statement(
            id="t2-diffuse-low",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("han-2025-table-1", "tsujio-2011", "inose-2020", "nagao-2025"),
            text="Diffuse low T2 signal is a univariate risk factor of non-union in Han 2025, is listed as one by "
            "Tsujio 2011 and Inose 2020, and was commoner in severe collapse in Nagao 2025 (abstracts).",
        )
    vhl = findings.case.vhl_percent if findings.case.vhl_percent is not None else findings.vhl_percent
    if vhl is not None and vhl > CLEFT_FROM_VHL_PERCENT:
        yield Statement(
            id="deep-height-loss",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("han-2025-claims",),
            text=say(
                "Height loss is above {cleft_from_vhl_percent:g}%: Han quotes that such loss goes with a "
                "cleft or fluid sign.",
                cleft_from_vhl_percent=CLEFT_FROM_VHL_PERCENT,
            ),
        )


def _cleft(findings: AdviceInput) -> Iterator[Statement]:
    cleft, case = findings.case.cleft or findings.cleft, findings.case
    heights = None not in (case.anterior_height_standing_mm, case.anterior_height_supine_mm)
    if cleft and cleft != Cleft.NONE:
        kind = {Cleft.AIR: "air", Cleft.FLUID: "fluid", Cleft.BOTH: "air and fluid"}[Cleft(cleft)]
        yield Statement(
            id="cleft",
            topic=_TOPIC,
            urgency=Urgency.ADVICE,
            evidence=("yu-2007", "hashidate-2006", "scheyerer-2022", "han-2025"),
            text=say(
                "An intravertebral cleft with {kind} is {known}; whether it holds air or fluid depends "
                "on position. It is listed as a risk of failing conservative treatment, and at 6 months "
                "counts as non-union.{then}",
                kind=kind,
                known=_known(findings),
                then=""
                if heights
                else say(" Consider standing and supine lateral radiographs to see whether the body is mobile."),
            ),
        )


def _known(findings: AdviceInput) -> str:
    """Whether a reader has recorded the cleft, and on what, or a program suggests it."""
    if findings.case.cleft is None:
        return "suggested"
    return say("recorded on {cleft_on}", cleft_on=findings.case.cleft_on) if findings.case.cleft_on else "recorded"
