"""The methods paragraph of a validation in several centres, from what was made: to be pasted into a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.cohort.recipes.of_centres.estimands import HORIZON
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.recipes.of_centres.estimands import Patients
    from ovcf.cohort.recipes.study_report import Workbench

_SCORE = (
    "NASOVCF was computed from its published items, points and limits. Its authors print no intercept; therefore the "
    "rates of non-union that they observed in the low, medium and high group ({rates}) were taken as predicted risks."
)


def methods_of(
    bench: Workbench, who: Patients, *, imputations: int, cycles: int, threshold: float, odds: Sequence[float]
) -> str:
    """Sentences in the past tense, one after the other; analyses that were not made are not told."""
    made = {item.id for item in bench.items}
    rates = joined(", ", (f"{100 * k / n:.0f}%" for k, n in PUBLISHED["non_union"].groups))
    said = [
        say(_SCORE, rates=rates),
        say("The outcome was non-union at {horizon} months, in patients alive then", horizon=HORIZON)
        + (
            say("; {died} who had died before were left out of the primary analysis.", died=who.died.sum())
            if who.deaths_known
            else "."
        ),
    ]
    if "performance-imputed" in made:
        said.append(
            say(
                "Missing items, as the score cuts them, and outcomes were imputed {imputations} times by "
                "chained equations ({cycles} cycles; multinomial logistic models of bootstrap samples) from the "
                "items, age, sex, centre and outcome. Estimates were combined by Rubin's rules with the degrees "
                "of freedom of Barnard and Rubin, areas on the logit scale and ratios on the logarithmic scale.",
                imputations=imputations,
                cycles=cycles,
            )
        )
        said.append(
            say(
                "Discrimination was measured by the area under the ROC curve (AUC) of the total with DeLong's "
                "variance; calibration by calibration in the large, the calibration slope and the ratio of "
                "observed to expected events; overall accuracy by the Brier score; usefulness by net benefit at "
                "a risk of {threshold:g}% beside acting on everyone.",
                threshold=100 * threshold,
            )
        )
    if "rates-by-group" in made:
        said.append(
            "The rate of non-union in each group of the score was compared with HAN's, with Wilson's interval over "
            "imputations (Lott and Reiter). The ratio of observed to expected events is given with HAN's rates as "
            "printed, and with their sampling error (ratio by Donner and Zou, HAN's rates with Jeffreys' limits)."
        )
    if "other-scores" in made:
        said.append("NASOVCF was compared with other scores of the same patients by DeLong's paired test.")
    if "performance-by-centre" in made:
        said.append(
            "Each measure was estimated in every centre and put together by a random-effects meta-analysis (restricted "
            "maximum likelihood; interval of Hartung and Knapp, never narrower than the plain one). The spread between "
            "centres is given as tau with its Q-profile interval and as I², and as the 95% prediction interval for a "
            "new centre (Nagashima, Noma and Furukawa), which does not take that spread as known."
        )
    if made & {"risk-by-six-months", "risk-by-six-months-imputed"}:
        said.append(
            say(
                "Risk by {horizon} months was also judged with death as a competing event, in all patients: AUC "
                "and Brier score weighted by the inverse probability of being followed, observed incidence by "
                "Aalen and Johansen.",
                horizon=HORIZON,
            )
            + (
                " For it the items were imputed from the kind of event and the cumulative hazards of both kinds."
                if "risk-by-six-months-imputed" in made
                else ""
            )
            + (" The AUC of the total is given by 3, 6 and 12 months." if "auc-over-time" in made else "")
            + (
                " The incidence in each group of the score is given by 3, 6 and 12 months, and compared with HAN's "
                "rates by 6 months, for which alone they are printed."
                if "incidence-by-group-over-time" in made
                else ""
            )
        )
    others = ["complete cases were analysed"] if "validation" in made else []
    if "not-at-random" in made:
        factors = listed([f"{o:g}" for o in odds if o != 1])
        others.append(
            say(
                "the odds of non-union of patients without a known outcome were multiplied by {factors}",
                factors=factors,
            )
        )
    if others:
        said.append(say("In sensitivity analyses {others}.", others=listed(others)))
    if "updating" in made:
        said.append(
            "Whether the published rates need a new level, a new spread or new values was decided by a closed test of "
            "likelihood ratios, pooled over imputations as Meng and Rubin describe."
        )
    if any(name.startswith("agreement-") for name in made):
        said.append(
            "Agreement of two readers on categories was measured by Cohen's kappa (linear weights for the group "
            "of the score) and Gwet's AC1."
        )
    if any(name.startswith("icc-") for name in made):
        said.append(
            "Agreement on measurements was measured by the intraclass correlation ICC(2,1), limits of agreement, "
            "and the smallest detectable change."
        )
    said.append(
        "Intervals are of 95% coverage, and P values two-sided, without correction for the number of tests. The "
        "report follows TRIPOD+AI."
    )
    return joined(" ", said)
