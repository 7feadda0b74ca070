"""NASOVCF: the assessment system of Han et al. (Sci Rep 2025;15:16791) for one osteoporotic fracture, T11-L2.

Five items, 0 to 12 points. The paper says "0 to 10", but its item maxima sum to 12; and its group rule is the
inequality of its Methods (low < 2, medium 2-4, high > 4), not the cut-off of 0.893 that no even score can have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import Remedy, RemedyCode, ScoreInputError
from ovcf.kept import kept
from ovcf.scores.declare import Advice, Case, Check, Group, Input, Item, Score, flag, number, of_case, word
from ovcf.scores.evaluate import evaluate, groups_of
from ovcf.scores.normal import both_at_least, covariance_of
from ovcf.scores.prognosis.nasovcf_beside import ALERTS, OUTCOMES
from ovcf.units import Unit
from ovcf.vocabulary import T2Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ovcf.scores.result import ScoreItem, ScoreResult
    from ovcf.vocabulary import FractureType

VHL_LIMIT_PERCENT = 15.0
KYPHOSIS_LIMIT_DEG = 15.0
TOTALS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
#: A reader may know no more than that the signal is not diffuse low: the score asks no more.
NOT_DIFFUSE_LOW = "not diffuse low"

NASOVCF = Score(
    id="nasovcf",
    name="NASOVCF",
    version="Han 2025",
    title="NASOVCF: non-union and kyphosis to expect, 0-12 points",
    about="Han 2025, for one fracture of T11-L2 before treatment.",
    population="208 patients of 60 years and more with one osteoporotic compression fracture, T11-L2, after low-energy "
    "trauma, T-score -1.0 or less, treated conservatively; one centre, followed for 6 months",
    not_for="old, treated, several or pathological fractures, T-scores above -1.0, levels outside T11-L2; "
    "never the probability of one patient",
    evidence=("han-2025",),
    alerts=ALERTS,
    outcomes=OUTCOMES,
    holds_for="a recent (low on T1), untreated, osteoporotic fracture",
    function="from_inputs",
    examples=(
        {
            "fracture_type": "compression",
            "vhl_percent": 17.8,
            "local_kyphosis_deg": 19.6,
            "t2_diffuse_low": "diffuse low",
            "t_score": -3.6,
        },
        {
            "fracture_type": "compression",
            "vhl_percent": 17.8,
            "local_kyphosis_deg": 19.6,
            "t2_diffuse_low": "diffuse low",
            "t_score": -3.6,
            "vhl_sd": 2,
            "ka_sd": 1.5,
        },
    ),
    inputs=(
        of_case("fracture_type", "Fracture type", option="type"),
        of_case(
            "vhl_percent",
            "VHL (percent)",
            option="vhl",
            unit=Unit.PERCENT,
            decimals=1,
            help="Vertebral height loss by HAN's definition, percent",
        ),
        of_case(
            "local_kyphosis_deg",
            "local kyphosis angle (degrees)",
            option="ka",
            unit=Unit.DEGREE,
            decimals=1,
            help="Local kyphosis angle by HAN's definition (not Cobb), degrees",
        ),
        of_case(
            "t2_pattern",
            "T2 signal",
            id="t2_diffuse_low",
            option="t2",
            words=(*T2Pattern, NOT_DIFFUSE_LOW),
            help="T2 pattern on the mid-sagittal slice",
        ),
        of_case(
            "t_score", "T-score", unit=Unit.STANDARD_DEVIATION, help="DXA T-score, L1-L4 without the fractured level"
        ),
        of_case("age_years", "age (years)", option="age", help="Years"),
        of_case("index_level", "Level", id="level", help="The fractured vertebra"),
        Input(
            id="single_level",
            name="Single level",
            kind="flag",
            option="single",
            help="Whether it is the only recent fracture",
        ),
        Input(
            id="neurological_symptoms",
            name="Neurological symptoms",
            kind="flag",
            option="neurology",
            help="Whether there are neurological symptoms",
        ),
        Input(
            id="malignancy_or_infection",
            name="Red flags",
            kind="flag",
            option="red-flags",
            help="Whether malignancy or infection is suspected",
        ),
        Input(
            id="secondary_osteoporosis",
            name="Secondary osteoporosis",
            kind="flag",
            option="secondary",
            help="Whether the osteoporosis is secondary, corticosteroids included",
        ),
        of_case("low_energy_trauma", "Low-energy trauma", option="low-energy"),
        Input(id="conservative", name="Conservative treatment", kind="flag", help="Whether treatment is conservative"),
        of_case("life_expectancy_under_one_year", "Short life expectancy", id="short_life_expectancy"),
        Input(
            id="vhl_sd",
            name="SD of VHL",
            low=0,
            high=100,
            error_of="vhl_percent",
            help="Standard deviation of the measurement error of VHL; with the angle's, probabilities are given",
        ),
        Input(
            id="ka_sd",
            name="SD of the angle",
            low=0,
            high=120,
            error_of="local_kyphosis_deg",
            help="Standard deviation of the measurement error of the angle",
        ),
        Input(
            id="t2_probability",
            name="probability of diffuse low T2 signal",
            low=0,
            high=1,
            help="Probability that the T2 signal is diffuse low, 0 to 1",
        ),
        Input(
            id="extrapolate",
            name="Extrapolate",
            kind="flag",
            default=False,
            help="Score T above -1.0 with 0 points, which HAN does not",
        ),
    ),
    items=(
        Item(
            name="Fracture type",
            shows="{fracture_type}",
            cases=(Case(2, "burst", word("fracture_type", "burst")), Case(0, "compression")),
        ),
        Item(
            name="Vertebral height loss",
            shows="{vhl_percent}% ({label})",
            cases=(
                Case(2, "at least 15%", number("vhl_percent", ">=", VHL_LIMIT_PERCENT)),
                Case(0, "below 15%", number("vhl_percent", "<", 0), "negative: check the landmarks"),
                Case(0, "below 15%"),
            ),
        ),
        Item(
            name="Local kyphosis angle",
            shows="{local_kyphosis_deg}° ({label})",
            cases=(
                Case(2, "at least 15°", number("local_kyphosis_deg", ">=", KYPHOSIS_LIMIT_DEG)),
                Case(0, "below 15°"),
            ),
        ),
        Item(
            name="T2 signal",
            shows="{t2_diffuse_low}",
            cases=(Case(2, "diffuse low", word("t2_diffuse_low", "diffuse low")), Case(0, "any other")),
        ),
        Item(
            name="Bone mineral density T-score",
            shows="{t_score} ({label})",
            cases=(
                Case(
                    None,
                    "above -1.0",
                    number("t_score", ">", -1.0),
                    "not scored by HAN",
                    "T-score {t_score} is above -1.0, which HAN's table does not score",
                ),
                Case(0, "above -2.5", number("t_score", ">", -2.5)),
                Case(2, "above -3.5 to -2.5", number("t_score", ">", -3.5)),
                Case(4, "at most -3.5"),
            ),
        ),
    ),
    groups=(Group("low", number("total", "<", 2)), Group("medium", number("total", "<=", 4)), Group("high")),
    checks=(
        Check("level", word("level", "T11", "T12", "L1", "L2"), "{level} lies outside T11-L2"),
        Check("age", number("age_years", ">=", 60), "age {age_years} is below 60 years"),
        Check("number of fractures", flag("single_level"), "more than one recent fracture"),
        Check(
            "neurological symptoms", flag("neurological_symptoms", False), "neurological symptoms override every score"
        ),
        Check(
            "signs of malignancy or infection",
            flag("malignancy_or_infection", False),
            "suspected malignancy or infection: not an osteoporotic fracture until it is ruled out",
        ),
        Check("secondary osteoporosis", flag("secondary_osteoporosis", False), "secondary osteoporosis was excluded"),
        Check("trauma", flag("low_energy_trauma"), "high-energy trauma was excluded"),
        Check(
            "life expectancy",
            flag("short_life_expectancy", False),
            "a life expectancy under one year was excluded",
            asked=False,
        ),
    ),
    advice=(
        Advice("Derived and validated on the same 208 patients: its accuracy is optimistic."),
        Advice("The outcomes of HAN's groups were seen under conservative treatment.", flag("conservative", False)),
        Advice(
            "Confined high T2 scores 0 here; others link it to collapse and non-union.",
            word("t2_diffuse_low", "confined high"),
            ("nagao-2025", "tsujio-2011"),
        ),
        Advice("12 points: the paper gives 10 as the maximum and reports no such patient.", number("total", ">=", 12)),
    ),
)
SCORES = (NASOVCF,)
GROUPS = tuple(group.label for group in NASOVCF.groups)

_DENSE = number("t_score", ">", -1.0)
EXTRAPOLATED = replace(
    NASOVCF,
    items=(
        *NASOVCF.items[:-1],
        replace(
            NASOVCF.items[-1],
            cases=(Case(0, "above -1.0", _DENSE, "extrapolated beyond HAN's table"), *NASOVCF.items[-1].cases[1:]),
        ),
    ),
    advice=(
        *NASOVCF.advice[:-1],
        Advice("EXTRAPOLATED: T > -1.0 lies outside HAN's table and was given 0 points.", _DENSE),
        NASOVCF.advice[-1],
    ),
)
"""The same with 0 points above T = -1.0, which the paper does not score."""


def group_of(total: float) -> str:
    """Low below 2, medium 2 to 4, high above 4."""
    return groups_of(NASOVCF, [total])[0]


@kept
def nasovcf(
    *,
    fracture_type: FractureType | str | None,
    vhl_percent: float | None,
    local_kyphosis_deg: float | None,
    t2_diffuse_low: bool | str | None,
    t_score: float | None,
    age_years: float | None = None,
    level: Level | str | None = None,
    single_level: bool | None = None,
    conservative: bool | None = None,
    neurological_symptoms: bool | None = None,
    malignancy_or_infection: bool | None = None,
    secondary_osteoporosis: bool | None = None,
    low_energy_trauma: bool | None = None,
    short_life_expectancy: bool | None = None,
    uncertainty: ArrayLike | None = None,
    t2_probability: float | None = None,
    extrapolate: bool = False,
) -> ScoreResult:
    """Score one fracture before treatment.

    Args:
        fracture_type: compression (anterior column) or burst (anterior and middle columns).
        vhl_percent: vertebral height loss by HAN's definition, lateral radiograph.
        local_kyphosis_deg: local kyphosis angle by HAN's definition (not Cobb), kyphosis positive.
        t2_diffuse_low: whether the mid-sagittal T2 signal is diffuse low, or the name of the T2 pattern.
        t_score: DXA, mean of L1-L4 without the fractured level.
        age_years, level, single_level, conservative, neurological_symptoms, malignancy_or_infection,
            secondary_osteoporosis, low_energy_trauma, short_life_expectancy: whether the patient is like those of the
            paper; the last (severe cardiopulmonary disease, under a year) is not asked for where it is unknown.
        uncertainty: covariance (2 x 2) of VHL and kyphosis angle, or their two standard deviations.
        t2_probability: probability of diffuse low T2 signal; without it the pattern is taken as certain.
        extrapolate: score T > -1.0 with 0 points, as the paper does not; the result says so.

    Raises:
        ClinicalDataError: a value that no patient can have.
        ScoreInputError: an unknown fracture type or T2 pattern, or an impossible covariance.
    """
    if isinstance(t2_diffuse_low, bool):
        t2_diffuse_low = T2Pattern.DIFFUSE_LOW.value if t2_diffuse_low else NOT_DIFFUSE_LOW
    result = evaluate(
        EXTRAPOLATED if extrapolate else NASOVCF,
        fracture_type=fracture_type,
        vhl_percent=vhl_percent,
        local_kyphosis_deg=local_kyphosis_deg,
        t2_diffuse_low=t2_diffuse_low,
        t_score=t_score,
        age_years=age_years,
        level=level,
        single_level=single_level,
        conservative=conservative,
        neurological_symptoms=neurological_symptoms,
        malignancy_or_infection=malignancy_or_infection,
        secondary_osteoporosis=secondary_osteoporosis,
        low_energy_trauma=low_energy_trauma,
        short_life_expectancy=short_life_expectancy,
    )
    if result.attainable is None:
        return result
    result = replace(
        result, items=_with_probability(result.items, vhl_percent, local_kyphosis_deg, uncertainty, t2_probability)
    )
    if result.total is not None and uncertainty is not None:
        p_low = float(t2_diffuse_low == "diffuse low") if t2_probability is None else _probability(t2_probability)
        measured = (float(vhl_percent or 0), float(local_kyphosis_deg or 0))
        by_total = _total_probability(result.items, measured, uncertainty, p_low)
        groups = groups_of(NASOVCF, TOTALS)
        by_group = tuple(
            (group, sum(p for (_, p), of in zip(by_total, groups, strict=True) if of == group)) for group in GROUPS
        )
        return replace(result, total_probability=by_total, group_probability=by_group)
    if t2_probability is not None:
        needs = "No probabilities: they need every item, and the measurement error of VHL and angle."
        return replace(result, advisories=(*result.advisories, needs))
    return result


def from_inputs(*, vhl_sd: float | None, ka_sd: float | None, **inputs: Any) -> ScoreResult:
    """:func:`nasovcf` of its declared inputs."""
    if (vhl_sd is None) != (ka_sd is None):
        raise ScoreInputError(
            "errors of VHL and kyphosis angle",
            "only one is given",
            Remedy("Give both, or neither.", RemedyCode.GIVE_BOTH_ERRORS),
        )
    return nasovcf(uncertainty=None if vhl_sd is None or ka_sd is None else (vhl_sd, ka_sd), **inputs)


def _probability(value: float) -> float:
    return parse_decimal(value, field="probability of diffuse low T2 signal", low=0, high=1)


def _with_probability(
    items: Sequence[ScoreItem],
    vhl: float | None,
    angle: float | None,
    uncertainty: ArrayLike | None,
    t2_probability: float | None,
) -> tuple[ScoreItem, ...]:
    """The items with the probability of their points, where the error of what they rest on is known."""
    kind, *measured, bone = items
    reached: list[float | None] = [None, None, None if t2_probability is None else _probability(t2_probability)]
    if uncertainty is not None:
        *sd, _ = covariance_of(uncertainty, "VHL and local kyphosis angle")
        for k, (value, limit) in enumerate(((vhl, VHL_LIMIT_PERCENT), (angle, KYPHOSIS_LIMIT_DEG))):
            if value is not None:
                reached[k] = both_at_least((value, value), (limit, limit), (sd[k], sd[k]), 0.0)[0]
    told = [
        item if p is None or item.points is None else replace(item, probability=((0.0, 1 - p), (2.0, p)))
        for item, p in zip(measured, reached, strict=True)
    ]
    return (kind, *told, bone)


def _total_probability(
    items: Sequence[ScoreItem], vhl_and_kyphosis: tuple[float, float], uncertainty: ArrayLike, p_low: float
) -> tuple[tuple[float, float], ...]:
    """Probability of every total: VHL and kyphosis vary together, T2 on its own, the other items are as entered."""
    *sd, correlation = covariance_of(uncertainty, "VHL and local kyphosis angle")
    limits = (VHL_LIMIT_PERCENT, KYPHOSIS_LIMIT_DEG)
    first, second, both = both_at_least(vhl_and_kyphosis, limits, sd, correlation)
    certain = sum(item.points or 0.0 for item in (items[0], items[-1]))
    total = dict.fromkeys(TOTALS, 0.0)
    for reached, p in enumerate((1 - first - second + both, first + second - 2 * both, both)):
        total[certain + 2 * reached] += max(0.0, p) * (1 - p_low)
        total[certain + 2 * reached + 2] += max(0.0, p) * p_low
    return tuple(total.items())
