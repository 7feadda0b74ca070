"""Not every fracture is osteoporotic: tumour and infection go before the score; one below 50 years has a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.applicability import lesion_in_index
from ovcf.scores.classification.t_score import FROM_YEARS
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Aetiology, Sex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Signs of malignancy or infection, a fracture below 50 years, pregnancy and lactation: what they ask for",
    whom="every patient; signs of malignancy or infection go before every score",
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
    yield from _young(findings)
    yield from _pregnancy(findings)
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


def _young(findings: AdviceInput) -> Iterator[Statement]:
    """Below 50 years, unless a cause is recorded that is no osteoporosis, or an injury that would break any bone."""
    case = findings.case
    other = case.aetiology not in (None, Aetiology.OSTEOPOROSIS) or case.low_energy_trauma is False
    if findings.level is None or case.age_years is None or at_least(case.age_years, FROM_YEARS) or other:
        return
    yield Statement(
        id="cause-below-50",
        topic=_TOPIC,
        urgency=Urgency.IMPORTANT,
        evidence=("rule-young-fracture", "iof-young-2012", "iscd-2005"),
        text=say(
            "At {age:g} years a vertebral fracture after little or no trauma is unusual. Consider looking for its "
            "cause before it is called osteoporotic: malignancy such as myeloma, glucocorticoids and other drugs, "
            "disorders of hormones, bowel or kidney, an inherited disease (this project's list). An IOF group asks "
            "for a systematic search with laboratory tests (2012, abstract). Below 50 years Z-scores, not T-scores, "
            "are preferred in men and in women before the menopause (ISCD 2005, abstract).",
            age=case.age_years,
        ),
    )


def _pregnancy(findings: AdviceInput) -> Iterator[Statement]:
    """What pregnancy and lactation change; the question to a woman below 50 years where nothing is recorded."""
    case = findings.case
    if findings.level is None:
        return
    known = say(
        "Fractures of pregnancy and lactation are most often vertebral, in the last three months or the first after "
        "birth, with a risk factor of secondary osteoporosis in up to 80% (review 2023, abstract); of 10 women 9 had "
        "several (2006, abstract). Whether drugs help is disputed, no trial exists."
    )
    if case.pregnancy == "pregnant":
        yield _of_pregnancy(
            say(
                "Pregnancy is recorded. Consider MRI without contrast agent in place of radiographs, CT and DXA, and "
                "review every drug and procedure with obstetrics (this project's rule). {known}",
                known=known,
            ),
            Urgency.IMPORTANT,
        )
    elif case.pregnancy == "lactating":
        yield _of_pregnancy(
            say(
                "Lactation is recorded. Consider, with obstetrics, whether it should go on: ending it, with calcium "
                "and vitamin D, is the first step by consensus (review 2023, abstract). Review every drug for it. "
                "{known}",
                known=known,
            ),
            Urgency.IMPORTANT,
        )
    elif case.pregnancy is None and case.sex is Sex.FEMALE and _may_be_pregnant(case):
        yield _of_pregnancy(
            "Whether she is pregnant or breast-feeding is not recorded. Consider asking before any radiograph, CT or "
            "DXA, and before any drug (this project's rule).",
            Urgency.ADVICE,
        )


def _may_be_pregnant(case: ClinicalCase) -> bool:
    return case.age_years is not None and not at_least(case.age_years, FROM_YEARS) and not case.after_menopause


def _of_pregnancy(text: str, urgency: Urgency) -> Statement:
    known = urgency is Urgency.IMPORTANT
    return Statement(
        id="pregnancy" if known else "pregnancy-unknown",
        topic="Pregnancy and lactation",
        urgency=urgency,
        evidence=("rule-young-fracture", *(("plo-2023", "plo-2006") if known else ())),
        text=text,
    )


def _urgent(id_: str, text: str, *cited: str) -> Statement:
    return Statement(id=id_, topic=_TOPIC, urgency=Urgency.URGENT, text=text, evidence=cited)
