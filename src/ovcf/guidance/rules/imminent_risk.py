"""A recent osteoporotic fracture announces the next: imminent and very high fracture risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.rules.wording import criterion
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.applicability import recency_of
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Aetiology, Recency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput
    from ovcf.guidance.statement import Criterion

RULE = Rule(
    what="Imminent and very high risk of the next fracture, by each guideline",
    whom="a fracture within a year whose cause is not in doubt; imminent risk from 50 years",
    not_for="a computed risk: FRAX is entered, not computed",
)
_TOPIC = "Risk of the next fracture"
_WEEKS_OF_A_YEAR = 365.25 / 7
_FROM_YEARS = 50.0
"""Of whom BHOF 2022 speaks."""


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """The review, and the criteria of each guideline; nothing where no fracture is named, or its cause is in doubt."""
    if findings.level is None and findings.recent is None:
        return
    found = findings.applicability
    yield from _refracture(findings)
    if found.cause_in_doubt and findings.case.aetiology is not Aetiology.TRAUMA:
        return
    within_year, age = is_within_a_year(findings), findings.case.age_years
    if within_year is not False and (age is None or at_least(age, _FROM_YEARS)):
        alert = within_year is True and not found.treated
        recent = alert and findings.recency is Recency.RECENT
        which = "This recent vertebral fracture" if recent else "This vertebral fracture of the last 12 months"
        if within_year is None:
            which = "When it broke is not recorded: a vertebral fracture of the last 12 months"
        yield Statement(
            id="imminent-risk-review",
            topic=_TOPIC,
            urgency=Urgency.IMPORTANT if alert else Urgency.ADVICE,
            evidence=("rule-imminent-risk", "bhof-2022", "esceo-iof-2020"),
            text=say(
                "{which} counts as imminent risk of another from 50 years on (BHOF 2022, secondary "
                "page), whatever VBQ or T-score say. Consider an imminent-risk review: bone treatment, "
                "falls, secondary causes.",
                which=which,
            ),
        )
    yield from _guidelines(findings, within_year)


def _refracture(findings: AdviceInput) -> Iterator[Statement]:
    """A cemented body that broke again, by the reader's word, or that lost height."""
    levels = findings.case.refractured_levels
    if levels:
        yield Statement(
            id="cement-refracture",
            topic=_TOPIC,
            urgency=Urgency.IMPORTANT,
            evidence=("rule-refracture", "kadri-2025"),
            text=say(
                "{levels}: cemented and broken again, as the reader has decided. Consider a review of "
                "the cause, of stability and of bone treatment (this project's rule). Kadri 2025 counts "
                "any fracture after vertebroplasty, at any site, as secondary.",
                levels=listed(levels),
            ),
        )
    elif findings.cemented_lower:
        yield Statement(
            id="cement-lower",
            topic=_TOPIC,
            urgency=Urgency.IMPORTANT,
            evidence=("rule-refracture", "buckens-2013"),
            text=say(
                "{level} holds cement and is lower than at an earlier visit by more than observers "
                "differ by. Consider whether the cemented body broke again: compare the images, and MRI "
                "with STIR or fat-suppressed T2 (this project's rule).",
                level=findings.level,
            ),
        )


def is_within_a_year(findings: AdviceInput) -> bool | None:
    """Within 12 months: a recent fracture is, else by the weeks since onset. Old by its signal may be a few months."""
    if findings.recency is Recency.RECENT and not findings.applicability.treated:
        return True
    weeks = findings.case.weeks_since_onset
    return None if weeks is None else weeks <= _WEEKS_OF_A_YEAR


def _how_recent(findings: AdviceInput) -> str:
    """How it is known whether the fracture is of the last year."""
    recency, how = recency_of(findings.named, findings.recent)
    weeks = findings.case.weeks_since_onset
    return how if recency is Recency.RECENT or weeks is None else say("the pain began {weeks:g} weeks ago", weeks=weeks)


def _above(name: str, value: float | None, threshold: float, *, inclusive: bool, unit: str = "") -> Criterion:
    sign = ">=" if inclusive else ">"
    met = None if value is None else value >= threshold - 1e-9 if inclusive else value > threshold + 1e-9
    return criterion(
        say("{name} {sign} {threshold:g}{unit}", name=name, sign=sign, threshold=threshold, unit=unit),
        met,
        say("{value:g}{unit}", value=value, unit=unit) if value is not None else "",
    )


def _below(value: float | None, threshold: float, *, inclusive: bool) -> Criterion:
    sign = "<=" if inclusive else "<"
    met = None if value is None else value <= threshold + 1e-9 if inclusive else value < threshold - 1e-9
    return criterion(
        say("T-score {sign} {threshold:.1f}", sign=sign, threshold=threshold),
        met,
        say("{value:g} SD", value=value) if value is not None else "",
    )


def _guidelines(findings: AdviceInput, recent: bool | None) -> Iterator[Statement]:
    case = findings.case
    within_year = criterion("fracture within 12 months", recent, _how_recent(findings))
    if case.glucocorticoids:
        yield _guideline(
            "acr-giop",
            "ACR 2022, on glucocorticoids, calls the risk very high if any is met; its FRAX limits include the value. "
            "Whether the FRAX entered was adjusted for the dose, and whether the dose was taken for more than 30 days "
            "(or 5 g in a year), is for the reader to check.",
            ("acr-giop-2022",),
            criterion("prior osteoporotic fracture", True, "the index fracture"),
            _below(case.used_t_score, -3.5, inclusive=True),
            _above("glucocorticoid-adjusted FRAX major", case.frax_mof_percent, 30, inclusive=True, unit="%"),
            _above("glucocorticoid-adjusted FRAX hip", case.frax_hip_percent, 4.5, inclusive=True, unit="%"),
            _above("prednisone, for more than 30 days,", case.prednisone_mg_per_day, 30, inclusive=True, unit=" mg/d"),
        )
    old_and_osteoporotic = _thai(case.age_years, case.used_t_score, recent)
    yield _guideline(
        "thai",
        "Thai 2023 calls the risk very high if any is met (fracture on therapy counts from 2 years of it).",
        ("thai-2023",),
        criterion(
            "fracture within 12 months, age >= 65 and T-score <= -2.5",
            old_and_osteoporotic,
            "follows from these three" if old_and_osteoporotic else "one of these three is not so",
        ),
        _below(case.used_t_score, -3.5, inclusive=True),
        criterion("fracture on osteoporosis therapy", case.on_osteoporosis_therapy),
    )
    yield _guideline(
        "bhof",
        "BHOF 2022 calls any new fracture from 50 years on an imminent risk.",
        ("bhof-2022",),
        within_year,
        _above("age", case.age_years, 50, inclusive=True),
    )


def _thai(age: float | None, t_score: float | None, recent: bool | None) -> bool | None:
    parts = (recent, None if age is None else age >= 65, None if t_score is None else t_score <= -2.5 + 1e-9)
    return False if False in parts else None if None in parts else True


def _guideline(id_: str, text: str, cited: tuple[str, ...], *criteria: Criterion) -> Statement:
    return Statement(
        id=f"risk-{id_}", topic=_TOPIC, urgency=Urgency.INFORMATION, text=text, evidence=cited, criteria=criteria
    )
