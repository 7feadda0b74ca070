"""JOABPEQ: five domains, 0-100 each, higher is better, no total.

The engine only: coefficients are given by the user, who needs the licence to them anyway. Those seen in public are
unverified for three domains and missing for two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Advice, Calc, Group, Input, Quantity, Score, all_of, number
from ovcf.scores.evaluate import classify
from ovcf.scores.tally import at_least
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Domain = Literal["pain", "lumbar", "walking", "social", "mental"]
#: Items per domain; 26 in all for 25 questions, since one question serves two domains.
ITEMS = {"pain": 4, "lumbar": 6, "walking": 5, "social": 4, "mental": 7}

OWN = "Computed with the coefficients that were given; none are verified here."
MAX_ITEMS = max(ITEMS.values())


def _of_domain(place: int, value: Calc | str, otherwise: float) -> Calc:
    """A number of one item, where the domain has it."""
    return Calc("by word", ("domain", *(value if items >= place else otherwise for items in ITEMS.values())))


def _over(do: Literal["+", "max", "min"], value: Callable[[int], Calc | str], otherwise: float) -> Calc:
    """One number of all items of the domain."""
    return Calc(do, tuple(_of_domain(k, value(k), otherwise) for k in range(1, MAX_ITEMS + 1)))


def _weighted(what: str) -> Calc:
    return _over("+", lambda k: Calc("*", (f"weight[{k}]", Calc("-", (say("{what}[{k}]", what=what, k=k), 1.0)))), 0.0)


def _impossible(k: int) -> Calc:
    """Above 0 where an answer is none of the options, or there are fewer than two of them."""
    answer, best = f"answer[{k}]", f"best[{k}]"
    return Calc(
        "max",
        (
            Calc("-", (answer, best)),
            Calc("-", (1.0, answer)),
            Calc("-", (2.0, best)),
            Calc("-", (answer, Calc("floor", (answer,)))),
        ),
    )


JOABPEQ = Score(
    id="joabpeq",
    name="JOABPEQ",
    version="coefficients as given",
    title="JOABPEQ domain score, by coefficients of your own",
    about="The coefficients are yours to give: none are shipped.",
    population="low back disorders",
    not_for="a total of the domains, and use without coefficients of your own",
    evidence=("joabpeq", "fukui-2008"),
    function="from_inputs",
    examples=({"domain": "pain", "answer": (2, 1, 2, 1), "weight": (20, 20, 20, 10), "best": (2, 2, 2, 2)},),
    inputs=(
        Input(id="domain", name="Domain", kind="word", words=tuple(ITEMS), place="first", required=True, help="Domain"),
        Input(
            id="answer",
            name="Answers",
            kind="numbers",
            many=MAX_ITEMS,
            required=True,
            help="Options chosen, counted from 1, the worst; x for no answer",
        ),
        Input(id="weight", name="Weights", kind="numbers", many=MAX_ITEMS, required=True, help="Weight of each item"),
        Input(
            id="best",
            name="Best options",
            kind="numbers",
            many=MAX_ITEMS,
            required=True,
            help="Number of the best option of each item",
        ),
    ),
    quantities=(
        Quantity(
            id="items", name="Items of the domain", value=Calc("by word", ("domain", *map(float, ITEMS.values())))
        ),
        Quantity(
            id="off",
            name="Numbers too many or too few",
            value=Calc("max", tuple(Calc("abs", (Calc("-", (of, "items")),)) for of in ("answer", "weight", "best"))),
        ),
        Quantity(id="impossible", name="Answers among the options", value=_over("max", _impossible, -1.0)),
        Quantity(id="least_weight", name="Least weight", value=_over("min", lambda k: f"weight[{k}]", 1.0)),
        Quantity(
            id="domain_score",
            name="Domain score",
            decimals=2,
            value=Calc("/", (Calc("*", (100.0, _weighted("answer"))), _weighted("best"))),
        ),
    ),
    classes=(
        Group("another number of items", number("off", ">", 0), "the domain {domain} has {items} items"),
        Group("no such answer", number("impossible", ">", 0), "an answer is none of its options, counted from 1"),
        Group("no such weight", number("least_weight", "<=", 0), "weights are positive"),
        Group("domain score", meaning="{domain_score} of 100; higher is better"),
    ),
    advice=(Advice(OWN),),
    formula="100 x sum of weight x (answer - 1) / sum of weight x (best - 1)",
)
JOABPEQ_EFFECT = Score(
    id="joabpeq-effect",
    name="JOABPEQ effect",
    version="Kasai 2017",
    title="JOABPEQ: was treatment effective in a domain?",
    population="low back disorders",
    not_for="scores of 90 and more both times; vertebral fractures were not studied",
    evidence=("kasai-2017", "fukui-2008"),
    function="joabpeq_effect",
    examples=({"before": 29, "after": 71, "domain": "walking"},),
    inputs=(
        Input(
            id="before",
            name="before",
            place="first",
            required=True,
            low=0,
            high=100,
            help="Domain score before, 0 to 100",
        ),
        Input(id="after", name="after", place="first", required=True, low=0, high=100, help="Domain score after"),
        Input(id="domain", name="Domain", kind="word", words=tuple(ITEMS), required=True, help="Domain"),
    ),
    quantities=(Quantity(id="gain", name="Gain", value=Calc("-", ("after", "before")), unit=Unit.POINT, signed=True),),
    classes=(
        Group(
            "not evaluated",
            all_of(number("before", ">=", 90), number("after", ">=", 90)),
            "not evaluated: 90 or more before and after",
        ),
        Group("effective", number("gain", ">=", 20), "effective: gain of at least 20 points"),
        Group(
            "effective by reaching 90",
            number("after", ">=", 90),
            "effective only by reaching 90 (a rule seen on a web page alone)",
        ),
        Group("not effective", meaning="not effective"),
    ),
    formula="effective if after - before >= 20; not evaluated if both are 90 or more",
)
SCORES = (JOABPEQ, JOABPEQ_EFFECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoabpeqDomain:
    """Score of one domain, 0-100, higher is better; None while answers are ``missing`` (numbers from 1)."""

    domain: str
    score: float | None
    missing: tuple[int, ...] = ()
    advisories: tuple[str, ...] = (OWN,)
    evidence: tuple[str, ...] = ("joabpeq", "fukui-2008")


def joabpeq_domain(
    domain: Domain, answers: Sequence[int | None], *, weights: Sequence[float], best: Sequence[int]
) -> JoabpeqDomain:
    """Score one domain from its answers; None is not answered.

    ``100 sum w (x - 1) / sum w (best - 1)``: options are numbered from 1, the worst, to ``best``.

    Raises:
        ScoreInputError: another number of items, an answer outside its options, or weights that are not positive.
    """
    where = say("JOABPEQ, {domain}", domain=domain)
    if domain not in ITEMS:
        raise ScoreInputError(where, "is no domain", say("Give one of: {join}.", join=joined(", ", ITEMS)))
    for what, values in (("answers", answers), ("weights", weights), ("options", best)):
        if len(values) != ITEMS[domain]:
            raise ScoreInputError(
                where,
                say("{values} {what} are given", values=len(values), what=what),
                say("Give {items}.", items=ITEMS[domain]),
            )
    if not all(w > 0 for w in weights) or not all(b >= 2 for b in best):
        raise ScoreInputError(where, "weights or options are not possible", "Weights are positive, options at least 2.")
    for place, (answer, options) in enumerate(zip(answers, best, strict=True), 1):
        if answer is not None and answer not in range(1, options + 1):
            raise ScoreInputError(
                say("{where}, item {place}", where=where, place=place),
                f"{answer!r} is no option",
                say("Give 1 to {options}.", options=options),
            )
    missing = tuple(number for number, answer in enumerate(answers, 1) if answer is None)
    reached = sum(w * (a - 1) for w, a in zip(weights, answers, strict=True) if a is not None)
    score = 100 * reached / sum(w * (b - 1) for w, b in zip(weights, best, strict=True))
    return JoabpeqDomain(domain=domain, score=None if missing else score, missing=missing)


def from_inputs(
    domain: Domain, answer: Sequence[int | None], weight: Sequence[float], best: Sequence[float]
) -> JoabpeqDomain:
    """:func:`joabpeq_domain` of its declared inputs."""
    return joabpeq_domain(domain, answer, weights=weight, best=[int(b) for b in best])


@dataclass(frozen=True, slots=True, kw_only=True)
class JoabpeqEffect:
    """Whether treatment was effective in one domain, by each rule.

    ``by_gain``: a gain of at least 20 points (Kasai 2017). ``by_reaching_90``: from below 90 to 90 or more, a rule
    seen on a web page alone. ``evaluated`` is False where both scores are 90 or more: there is no room for a
    gain (project rule).
    """

    domain: str
    gain: float
    evaluated: bool
    by_gain: bool
    by_reaching_90: bool
    verdict: str
    evidence: tuple[str, ...] = ("kasai-2017", "fukui-2008")


def joabpeq_effect(before: float, after: float, *, domain: Domain) -> JoabpeqEffect:
    """Judge the change of one domain score, as entered or computed (0-100).

    Raises:
        ClinicalDataError: a score outside 0 to 100.
    """
    first = parse_decimal(before, field=say("JOABPEQ {domain}, before", domain=domain), low=0, high=100)
    second = parse_decimal(after, field=say("JOABPEQ {domain}, after", domain=domain), low=0, high=100)
    found = classify(JOABPEQ_EFFECT, before=first, after=second, domain=domain)
    evaluated = found.label != "not evaluated"
    return JoabpeqEffect(
        domain=domain,
        gain=second - first,
        evaluated=evaluated,
        by_gain=found.label == "effective",
        by_reaching_90=not at_least(first, 90) and at_least(second, 90),
        verdict=found.meaning,
    )
