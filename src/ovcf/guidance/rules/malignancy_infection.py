"""Not every fracture of an old person is osteoporotic: a tumour or an infection is urgent and goes before the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.applicability import lesion_in_index
from ovcf.vocabulary import Aetiology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Signs of malignancy or infection, and what they ask for",
    whom="every patient; they go before every score",
    not_for="a diagnosis",
)
_TOPIC = "Cause of the fracture"
_WITHHELD = "Scores and outcome rates are withheld."
_CANCER = (Aetiology.METASTASIS, Aetiology.MYELOMA)


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """One statement per kind of flag; none where no flag is raised."""
    case = findings.named
    flags, decided = case.red_flags, case.aetiology
    if flags.infection:
        fever = ", with fever" if flags.fever else ""
        yield _urgent(
            "flags-infection",
            say(
                "Infection is suspected: MRI shows {infection}{fever}. Consider an urgent work-up for "
                "infection. {withheld}",
                infection=listed(flags.infection),
                fever=fever,
                withheld=_WITHHELD,
            ),
            "infection-signs",
            "rule-red-flags",
        )
    if flags.malignancy:
        against = say(" Recorded for a benign fracture: {benign}.", benign=listed(flags.benign)) if flags.benign else ""
        yield _urgent(
            "flags-malignancy",
            say(
                "A tumour is suspected: MRI shows {malignancy}.{against} Consider an urgent oncological "
                "work-up. {withheld}",
                malignancy=listed(flags.malignancy),
                against=against,
                withheld=_WITHHELD,
            ),
            "jung-2003",
            "abdel-wanis-2011",
            "rule-red-flags",
            *(("unc-case",) if flags.benign else ()),
        )
    if lesion_in_index(case):
        yield _urgent(
            "focal-lesion",
            say(
                "A tumour is suspected: {index_level} is named among the focal lesions. Consider an "
                "urgent work-up of the lesion. {withheld}",
                index_level=case.index_level,
                withheld=_WITHHELD,
            ),
            "rule-red-flags",
        )
    if decided in (*_CANCER, Aetiology.INFECTION):
        work = "oncological care" if decided in _CANCER else "treatment of the infection"
        yield _urgent(
            "cause-urgent",
            say(
                "The recorded cause is {decided}. Consider urgent referral for {work}. {withheld}",
                decided=decided,
                work=work,
                withheld=_WITHHELD,
            ),
            "rule-red-flags",
            "han-2025",
        )
    if flags.history:
        open_ = flags.fever or decided is None
        until = " Scores and outcome rates are withheld until the cause is decided." if open_ else ""
        yield Statement(
            id="flags-history",
            topic=_TOPIC,
            urgency=Urgency.IMPORTANT,
            evidence=("rule-red-flags",),
            text=say(
                "Recorded in the history: {history}. Consider a work-up for malignancy and infection.{until}",
                history=listed(flags.history),
                until=until,
            ),
        )
    if decided is None and findings.level is not None and not flags.malignancy and not flags.infection:
        yield Statement(
            id="cause-background",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("unc-case",),
            text="The cause is not recorded. The teaching case: usually osteoporosis, in women more often than in men, "
            "the anterior and superior body lost and its posterior part spared, without neurological deficit; it may "
            "be infection or malignancy. For a benign fracture on MRI: normal residual marrow on T1, a retropulsed "
            "fragment, a low-signal band on T2.",
        )
    if decided in (Aetiology.ANGIOMA, Aetiology.TRAUMA):
        yield Statement(
            id="cause-not-osteoporosis",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("han-2025",),
            text=say(
                "The recorded cause is {decided}. Han 2025 took only osteoporotic fractures after "
                "low-energy trauma: its score does not apply.",
                decided=decided,
            ),
        )


def _urgent(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=id_, topic=_TOPIC, urgency=Urgency.URGENT, text=text, evidence=cited)
