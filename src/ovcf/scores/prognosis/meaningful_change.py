"""Whether a change between two visits matters: to the patient (MCID), and beyond measurement error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import (
    Advice,
    Calc,
    Condition,
    Fact,
    Group,
    Input,
    Quantity,
    Score,
    all_of,
    any_of,
    flag,
    number,
    word,
)
from ovcf.scores.tally import TOLERANCE, above, at_least


@dataclass(frozen=True, slots=True)
class Mcid:
    """A minimal clinically important difference: absolute, or percent of baseline; either suffices.

    ``population`` says in whom it was found: none of the presets comes from vertebral fractures.
    """

    absolute: float | None = None
    percent_of_baseline: float | None = None
    population: str = ""
    evidence: tuple[str, ...] = ()
    higher_is_better: bool = False


_BACK_PAIN = "low back pain, not vertebral fractures; abstract"
_CHRONIC = "chronic pain in Japan, not vertebral fractures; abstract"
MCIDS = {
    "vas": Mcid(1.5, 30, _BACK_PAIN, ("ostelo-2008",)),
    "nrs": Mcid(2.0, 30, _BACK_PAIN, ("ostelo-2008",)),
    "odi": Mcid(10.0, 30, _BACK_PAIN, ("ostelo-2008",)),
    "odi-mannion": Mcid(8.0, 18, "degenerative disorders of the lumbar spine", ("mannion-odi",)),
    **{
        f"joabpeq-{domain}": Mcid(
            least,
            population="127 patients after disc surgery; abstract",
            evidence=("joabpeq-mcid",),
            higher_is_better=True,
        )
        for domain, least in (("pain", 19.1), ("lumbar", 21.3), ("walking", 24.5), ("social", 14.3), ("mental", 12.8))
    },
    "nrs-japan": Mcid(2.0, population=_CHRONIC, evidence=("japan-pain-mcid",)),
    "eq-5d": Mcid(0.10, population=_CHRONIC, evidence=("japan-pain-mcid",), higher_is_better=True),
}

OTHER = "other"
_OF_TWO_SCANS = 1.96 * math.sqrt(2)
_NEVER = 1e9
"""More than any change: the limit of a measure that brings none."""


def _limits(of: str) -> tuple[float, float]:
    known = MCIDS[of]
    return known.absolute or _NEVER, known.percent_of_baseline or _NEVER


def _by_measure(part: int) -> Calc:
    return Calc("by word", ("of", *(_limits(of)[part] for of in MCIDS), _NEVER))


_REACHED = any_of(
    number("over_mcid", ">=", 0, unknown=False),
    all_of(
        Fact("mcid", "in", (), unknown=True),
        any_of(number("over_known_mcid", ">=", 0), number("over_known_share", ">=", 0, unknown=False)),
    ),
)
_LIMIT_KNOWN = any_of(number("mcid", ">=", 0, unknown=False), word("of", *MCIDS, unknown=False))
_DETECTED, _ERROR_KNOWN = number("over_error", ">", 0, unknown=False), number("detectable", ">=", 0, unknown=False)
_RISING = tuple(of for of, known in MCIDS.items() if known.higher_is_better)
_FALLING = (*(of for of in MCIDS if of not in _RISING), OTHER)
_HIGHER = any_of(flag("higher_is_better", unknown=False), word("of", *_RISING, unknown=False))
_LOWER = all_of(flag("higher_is_better", False, unknown=True), word("of", *_FALLING, unknown=True))
_UP, _DOWN = number("change", ">", 0), number("change", "<", 0)
_DIRECTIONS = {
    "improved": any_of(all_of(_UP, _HIGHER), all_of(_DOWN, _LOWER)),
    "worsened": any_of(all_of(_UP, _LOWER), all_of(_DOWN, _HIGHER)),
}
_HOW = "changed by {change} ({percent}% of the value before)"


def _classes() -> tuple[Group, ...]:
    """Direction, MCID and error in words; of each the first that holds, so that what comes last needs no condition."""
    important: tuple[tuple[bool | None, Condition | None], ...] = (
        (True, _REACHED),
        (False, _LIMIT_KNOWN),
        (None, None),
    )
    detectable: tuple[tuple[bool | None, Condition | None], ...] = (
        (True, _DETECTED),
        (False, _ERROR_KNOWN),
        (None, None),
    )
    return (
        Group(
            "no verdict",
            all_of(number("sdc", ">=", 0, unknown=False), number("sd_error", ">=", 0, unknown=False)),
            "two errors are given: give the SD of the error or the SDC, not both",
        ),
        Group("unchanged", number("size", "<=", 0), _HOW),
        *(
            Group(_words(direction, reached, beyond), all_of(*(c for c in (way, m, e) if c is not None)), _HOW)
            for direction, way in _DIRECTIONS.items()
            for reached, m in important
            for beyond, e in detectable
        ),
    )


def _words(direction: str, important: bool | None, detectable: bool | None) -> str:
    if direction == "unchanged":
        return direction
    said = [direction]
    if important is not None:
        said.append("reaches the MCID" if important else "below the MCID")
    if detectable is not None:
        said.append("beyond measurement error" if detectable else "within measurement error")
    return joined(", ", said)


CHANGE = Score(
    id="change",
    name="Change",
    version="between two visits",
    title="Does a change reach the MCID, and exceed its error?",
    population="that of the MCID: none comes from vertebral fractures",
    not_for="a worsening: MCIDs were found for improvement",
    evidence=("ostelo-2008", "mannion-odi", "joabpeq-mcid", "japan-pain-mcid", "odi-margin"),
    function="from_inputs",
    examples=({"of": "vas", "before": 10, "after": 5}, {"of": "kyphosis", "before": 12, "after": 19, "sd_error": 2}),
    inputs=(
        Input(
            id="of",
            name="Measure",
            kind="text",
            place="first",
            required=True,
            words=(*MCIDS, OTHER),
            help=say("{join} bring their MCID; any other name needs its MCID for one", join=joined(", ", MCIDS)),
        ),
        Input(id="before", name="before", place="first", required=True, help="Value before"),
        Input(id="after", name="after", place="first", required=True, help="Value after"),
        Input(id="mcid", name="MCID", low=0, help="Smallest difference that matters, in units of the value"),
        Input(
            id="sd_error",
            name="SD of the error",
            low=0,
            help="Standard deviation of the measurement error of one value",
        ),
        Input(id="sdc", name="SDC", low=0, help="Smallest detectable change, instead of the SD of the error"),
        Input(
            id="higher_is_better",
            name="Higher is better",
            kind="flag",
            default=False,
            help="Whether a rise is an improvement",
        ),
    ),
    quantities=(
        Quantity(id="change", name="Change", value=Calc("-", ("after", "before")), signed=True),
        Quantity(id="size", name="Size of the change", value=Calc("abs", ("change",))),
        Quantity(
            id="percent",
            name="Percent of the value before",
            decimals=1,
            signed=True,
            value=Calc("/", (Calc("*", (100.0, "change")), Calc("abs", ("before",)))),
        ),
        Quantity(
            id="detectable",
            name="Smallest detectable change",
            value=Calc("first known", ("sdc", Calc("*", (_OF_TWO_SCANS, "sd_error")))),
        ),
        Quantity(id="over_error", name="Beyond the error", value=Calc("-", ("size", "detectable"))),
        Quantity(id="over_mcid", name="Beyond the MCID that is given", value=Calc("-", ("size", "mcid"))),
        Quantity(
            id="over_known_mcid", name="Beyond the MCID of the measure", value=Calc("-", ("size", _by_measure(0)))
        ),
        Quantity(
            id="over_known_share",
            name="Beyond its share of the value before",
            value=Calc("-", (Calc("abs", ("percent",)), _by_measure(1))),
        ),
    ),
    classes=_classes(),
    advice=(
        *(
            Advice(say("MCID from {population}.", population=limit.population), word("of", of), limit.evidence)
            for of, limit in MCIDS.items()
        ),
        Advice(
            "MCIDs were found for improvement, not for worsening.",
            word("class", *(_words("worsened", True, beyond) for beyond in (True, False, None))),
        ),
    ),
    formula="important if |after - before| >= MCID, or its percent of before; detectable if it exceeds 1.96 sqrt(2) SD",
)
SCORES = (CHANGE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeVerdict:
    """A change, judged. ``change`` is after minus before, ``percent_of_baseline`` None where that was 0.

    ``important`` compares the size with the MCID, ``detectable`` with the smallest detectable change; None where the
    limit is not known. MCIDs were found for improvement: a worsening of that size is named, not validated.
    """

    name: str
    before: float
    after: float
    change: float
    percent_of_baseline: float | None
    direction: str
    important: bool | None
    detectable: bool | None
    smallest_detectable_change: float | None
    verdict: str
    advisories: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def smallest_detectable_change(sd_error: float) -> float:
    """1.96 sqrt(2) SD: what two measurements of an unchanged quantity stay below in 95 of 100 pairs."""
    return 1.96 * math.sqrt(2) * parse_decimal(sd_error, field="SD of the measurement error", low=0)


def judge_change(
    before: float,
    after: float,
    *,
    name: str = "score",
    higher_is_better: bool = False,
    mcid: Mcid | None = None,
    sd_error: float | None = None,
    sdc: float | None = None,
) -> ChangeVerdict:
    """Judge one change; give the measurement error as its SD, or directly the smallest detectable change ``sdc``.

    A change reaches the MCID from the limit on (>=), and is detectable above it (>).

    Raises:
        ClinicalDataError: a value that is not a finite number.
        ScoreInputError: both ``sd_error`` and ``sdc`` are given.
    """
    first, second = (
        parse_decimal(v, field=say("{name}, {when}", name=name, when=when))
        for v, when in ((before, "before"), (after, "after"))
    )
    if sd_error is not None and sdc is not None:
        raise ScoreInputError(
            say("change of {name}", name=name), "has two measurement errors", "Give sd_error or sdc, not both."
        )
    limit = smallest_detectable_change(sd_error) if sd_error is not None else sdc
    change = second - first
    size = abs(change)
    percent = 100 * change / abs(first) if first else None
    detectable = None if limit is None else above(size, parse_decimal(limit, field="sdc", low=0))
    important = None if mcid is None else _important(size, percent, mcid)
    better = (change > 0) is higher_is_better
    direction = "unchanged" if size <= TOLERANCE else "improved" if better else "worsened"
    advisories: tuple[str, ...] = (
        (say("MCID from {population}.", population=mcid.population),) if mcid and mcid.population else ()
    )
    if important and direction == "worsened":
        advisories += ("MCIDs were found for improvement, not for worsening.",)
    return ChangeVerdict(
        name=name,
        before=first,
        after=second,
        change=change,
        percent_of_baseline=percent,
        direction=direction,
        important=important,
        detectable=detectable,
        smallest_detectable_change=limit,
        verdict=_words(direction, important, detectable),
        advisories=advisories,
        evidence=mcid.evidence if mcid else (),
    )


def from_inputs(*, of: str, before: float, after: float, mcid: float | None, **more: Any) -> ChangeVerdict:
    """:func:`judge_change` of its declared inputs; a named measure brings its MCID."""
    known = MCIDS.get(of)
    if known is not None and known.higher_is_better:
        more["higher_is_better"] = True
    limit = known if mcid is None else Mcid(mcid)
    return judge_change(before, after, name=of, mcid=limit, **more)


def _important(size: float, percent: float | None, mcid: Mcid) -> bool:
    by_size = mcid.absolute is not None and at_least(size, mcid.absolute)
    share = mcid.percent_of_baseline
    return by_size or (share is not None and percent is not None and at_least(abs(percent), share))
