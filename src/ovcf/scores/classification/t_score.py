"""The WHO class of a T-score (1994)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.kept import kept
from ovcf.scores.declare import Advice, Group, Input, Score, all_of, flag, not_known, number, of_case, word
from ovcf.scores.evaluate import classify
from ovcf.units import Unit
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from ovcf.scores.result import Classification

FROM_YEARS = 50.0
_NOT_LOW = number("t_score", ">", -2.5)
_YOUNG = number("age_years", "<", FROM_YEARS, unknown=False)

WHO_CLASS = Score(
    id="t-score",
    name="WHO class of the T-score",
    version="1994",
    title="WHO class of a T-score",
    population="women after the menopause and men from 50 years",
    not_for="women before the menopause and men below 50 years",
    evidence=("who-1994",),
    function="who_class",
    examples=({"t_score": -2.7, "fragility_fracture": True},),
    inputs=(
        of_case("t_score", "T-score", place="first", required=True, unit=Unit.STANDARD_DEVIATION, help="T-score"),
        Input(
            id="fragility_fracture",
            name="Fragility fracture",
            kind="flag",
            help="Whether there is a fragility fracture",
        ),
        of_case("age_years", "Age", option="age"),
        of_case("sex", "Sex", words=tuple(Sex)),
        of_case("after_menopause", "After the menopause"),
    ),
    classes=(
        Group(
            "no class",
            all_of(_YOUNG, word("sex", Sex.MALE, unknown=False)),
            "WHO's classes hold for men from 50 years; this one is {age_years}",
        ),
        Group(
            "no class",
            all_of(_YOUNG, word("sex", Sex.FEMALE, unknown=False), flag("after_menopause", False)),
            "below 50 years WHO's classes hold for a woman after the menopause alone; she is {age_years}",
        ),
        Group("normal", number("t_score", ">=", -1.0), "T-score of -1.0 or more"),
        Group("osteopenia", _NOT_LOW, "T-score between -2.5 and -1.0"),
        Group(
            "established osteoporosis",
            flag("fragility_fracture", unknown=False),
            "T-score of -2.5 or less with a fragility fracture",
        ),
        Group("osteoporosis", meaning="T-score of -2.5 or less"),
    ),
    flags=(
        Advice("T = -1.0 is normal by WHO, and scored by NASOVCF", number("t_score", "=", -1.0)),
        Advice(
            "established osteoporosis if there is a fragility fracture",
            all_of(word("class", "osteoporosis"), not_known("fragility_fracture")),
        ),
        Advice(
            "below 50 years the class holds for a woman after the menopause alone, and for no man",
            all_of(_YOUNG, not_known("sex")),
        ),
    ),
    advice=(
        Advice("Holds for women after the menopause and men from 50 years."),
        Advice(
            "A fragility fracture alone can diagnose osteoporosis (AACE 2020).",
            all_of(_NOT_LOW, flag("fragility_fracture")),
            ("aace-2020",),
        ),
        Advice(
            "Z-scores, not T-scores, are preferred in men below 50 years and women before the menopause (ISCD 2005).",
            _YOUNG,
            ("iscd-2005",),
        ),
    ),
)
SCORES = (WHO_CLASS,)


@kept
def who_class(
    t_score: float,
    *,
    fragility_fracture: bool | None = None,
    age_years: float | None = None,
    sex: Sex | str | None = None,
    after_menopause: bool | None = None,
) -> Classification:
    """Normal, osteopenia, osteoporosis or established osteoporosis; no class where WHO's do not hold.

    The classes hold for women after the menopause and men from 50 years: a woman below 50 years has one only where
    the menopause is recorded. A fragility fracture can be diagnostic of
    osteoporosis at any T-score; the result says so, and keeps the class.

    Raises:
        ClinicalDataError: a T-score outside -8 to 6, or an age that nobody has.
    """
    return classify(
        WHO_CLASS,
        t_score=t_score,
        fragility_fracture=fragility_fracture,
        age_years=age_years,
        sex=sex,
        after_menopause=after_menopause,
    )
