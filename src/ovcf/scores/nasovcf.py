"""NASOVCF: the assessment system of Han et al. (Sci Rep 2025;15:16791) for one osteoporotic fracture, T11-L2.

Five items, 0 to 12 points. The paper says "0 to 10", but its item maxima sum to 12; and its group rule is the
inequality of its Methods (low < 2, medium 2-4, high > 4), not the cut-off of 0.893 that no even score can have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.scores.normal import both_at_least, covariance_of
from ovcf.scores.result import ScoreItem, ScoreResult, Status
from ovcf.scores.tally import above, at_least, tally
from ovcf.vocabulary import FractureType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

VHL_LIMIT_PERCENT = 15.0
KYPHOSIS_LIMIT_DEG = 15.0
T_SCORE_LIMITS = (-1.0, -2.5, -3.5)
GROUPS = ("low", "medium", "high")
TOTALS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
T2_PATTERNS = ("confined high", "diffuse high", "confined low", "diffuse low", "none")
LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2)
MIN_AGE_YEARS = 60.0
_UNKNOWN = "not known"


def group_of(total: float) -> str:
    """Low below 2, medium 2 to 4, high above 4."""
    return GROUPS[at_least(total, 2) + above(total, 4)]


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
    kind = _fracture_type(fracture_type)
    vhl = _number(vhl_percent, "VHL (percent)", -100, 100)
    kyphosis = _number(local_kyphosis_deg, "local kyphosis angle (degrees)", -90, 120)
    diffuse_low, pattern = _t2(t2_diffuse_low)
    t = _number(t_score, "T-score", -8, 6)
    too_dense = t is not None and above(t, T_SCORE_LIMITS[0])
    items = (
        _type_item(kind),
        _limit_item("Vertebral height loss", vhl, VHL_LIMIT_PERCENT, "%"),
        _limit_item("Local kyphosis angle", kyphosis, KYPHOSIS_LIMIT_DEG, "°"),
        ScoreItem("T2 signal", pattern, None if diffuse_low is None else 2.0 * diffuse_low, (0.0, 2.0)),
        _t_item(t, extrapolate),
    )
    reasons, unchecked = _applicability(
        age_years, level, single_level, neurological_symptoms, malignancy_or_infection, secondary_osteoporosis,
        low_energy_trauma,
    )  # fmt: skip
    if short_life_expectancy:
        reasons += ("a life expectancy under one year was excluded",)
    summary = tally(items, group_of)
    evidence: tuple[str, ...] = ("han-2025",)
    advisories = ["Derived and validated on the same 208 patients: its accuracy is optimistic (INC-20)."]
    if unchecked:
        advisories.append(f"Not known, and needed to say whether the score applies: {', '.join(unchecked)}.")
    if conservative is False:
        advisories.append("The outcomes of HAN's groups were seen under conservative treatment.")
    if pattern == "confined high":
        advisories.append("Confined high T2 scores 0 here; others link it to collapse and non-union (INC-21).")
        evidence += ("nagao-2025", "tsujio-2011")

    if reasons or (too_dense and not extrapolate):
        status = Status.NOT_APPLICABLE if reasons else Status.OUT_OF_DERIVATION_POPULATION
        missing = summary["missing"]
        if too_dense and not extrapolate:
            reasons += (f"T-score {t:g} is above -1.0, which HAN's table does not score (INC-10)",)
            missing = tuple(name for name in missing if name != items[-1].name)
        return ScoreResult(
            score="NASOVCF", version="Han 2025", status=status, items=items, missing=missing, reasons=reasons,
            advisories=tuple(advisories), evidence=evidence,
        )  # fmt: skip

    if too_dense:
        advisories.append("EXTRAPOLATED: T > -1.0 lies outside HAN's table and was given 0 points (INC-10).")
    if summary["total"] == TOTALS[-1]:
        advisories.append("12 points: the paper gives 10 as the maximum and reports no such patient (INC-01).")
    by_total: tuple[tuple[float, float], ...] = ()
    if summary["total"] is not None and uncertainty is not None:
        p_low = float(bool(diffuse_low)) if t2_probability is None else _probability(t2_probability)
        by_total = _total_probability(items, (vhl or 0.0, kyphosis or 0.0), uncertainty, p_low)
    elif t2_probability is not None:
        advisories.append("No probabilities: they need every item, and the measurement error of VHL and angle.")
    by_group = ((g, sum(p for total, p in by_total if group_of(total) == g)) for g in GROUPS)
    return ScoreResult(
        score="NASOVCF", version="Han 2025", **summary, advisories=tuple(advisories), total_probability=by_total,
        group_probability=tuple(by_group) if by_total else (), evidence=evidence,
    )  # fmt: skip


def _number(value: float | None, name: str, low: float, high: float) -> float | None:
    return None if value is None else parse_decimal(value, field=name, low=low, high=high)


def _probability(value: float) -> float:
    return parse_decimal(value, field="probability of diffuse low T2 signal", low=0, high=1)


def _fracture_type(value: FractureType | str | None) -> FractureType | None:
    try:
        return None if value is None else FractureType(value)
    except ValueError:
        raise ScoreInputError(
            "NASOVCF, fracture type", f"{value!r} is not known", "Give compression or burst."
        ) from None


def _t2(value: bool | str | None) -> tuple[bool | None, str]:
    """Whether diffuse low, and how to say it."""
    if value is None:
        return None, _UNKNOWN
    if isinstance(value, bool):
        return value, "diffuse low" if value else "not diffuse low"
    if value not in T2_PATTERNS:
        raise ScoreInputError(
            "NASOVCF, T2 signal", f"{value!r} is not a T2 pattern", f"Give one of: {', '.join(T2_PATTERNS)}."
        )
    return value == "diffuse low", str(value)


def _type_item(kind: FractureType | None) -> ScoreItem:
    points = None if kind is None else 2.0 * (kind is FractureType.BURST)
    return ScoreItem("Fracture type", kind.value if kind else _UNKNOWN, points, (0.0, 2.0))


def _limit_item(name: str, value: float | None, limit: float, unit: str) -> ScoreItem:
    if value is None:
        return ScoreItem(name, _UNKNOWN, None, (0.0, 2.0))
    reached = at_least(value, limit)
    note = "negative: check the landmarks" if value < 0 and unit == "%" else ""
    if not reached and round(value, 1) >= limit:
        note = f"unrounded {value:.6g}{unit}, below {limit:g}{unit}"
    side = "at least" if reached else "below"
    return ScoreItem(name, f"{value:.1f}{unit} ({side} {limit:g}{unit})", 2.0 * reached, (0.0, 2.0), note)


def _t_item(t: float | None, extrapolate: bool) -> ScoreItem:
    name, possible = "Bone mineral density T-score", (0.0, 2.0, 4.0)
    if t is None:
        return ScoreItem(name, _UNKNOWN, None, possible)
    if above(t, -1.0):
        return ScoreItem(
            name, f"{t:g} (above -1.0)", 0.0 if extrapolate else None, possible,
            "extrapolated beyond HAN's table" if extrapolate else "not scored by HAN",
        )  # fmt: skip
    steps = at_least(-2.5, t) + at_least(-3.5, t)
    text = ("above -2.5", "above -3.5 to -2.5", "at most -3.5")[steps]
    return ScoreItem(name, f"{t:g} ({text})", 2.0 * steps, possible)


def _applicability(
    age_years: float | None,
    level: Level | str | None,
    single_level: bool | None,
    neurological_symptoms: bool | None,
    malignancy_or_infection: bool | None,
    secondary_osteoporosis: bool | None,
    low_energy_trauma: bool | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why the patient is not like those of the paper, and what is not known of it."""
    age = _number(age_years, "age (years)", 0, 120)
    where = level if level is None or isinstance(level, Level) else Level.parse(level)
    #: (what, whether the patient is like those of the paper, why not)
    checks = (
        ("level", None if where is None else where in LEVELS, f"{where} lies outside T11-L2"),
        ("age", None if age is None else at_least(age, MIN_AGE_YEARS), f"age {age} is below 60 years"),
        ("number of fractures", single_level, "more than one recent fracture"),
        ("neurological symptoms", _not(neurological_symptoms), "neurological symptoms override every score"),
        (
            "signs of malignancy or infection", _not(malignancy_or_infection),
            "suspected malignancy or infection: not an osteoporotic fracture until it is ruled out",
        ),
        ("secondary osteoporosis", _not(secondary_osteoporosis), "secondary osteoporosis was excluded"),
        ("trauma", low_energy_trauma, "high-energy trauma was excluded"),
    )  # fmt: skip
    return (
        tuple(why for _, alike, why in checks if alike is False),
        tuple(what for what, alike, _ in checks if alike is None),
    )


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


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
