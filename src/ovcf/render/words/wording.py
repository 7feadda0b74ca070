"""How numbers, dates and names are printed: rounded for people, always with their unit."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.language.worded import and_then, joined, say
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.measures.measurement import Measurement

_DIGITS = {Unit.RATIO: 2, Unit.STANDARD_DEVIATION: 1, Unit.POINT: 0}
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_FILE_NAME = re.compile(r"[^\s()'\"]+\.(?:nii(?:\.gz)?|dcm|json|csv|toml|zip|png|jpe?g|ovcf|ima)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)  # most of a page is as it was before an edit
def decimal(value: float, digits: int) -> str:
    """A number with so many decimals, a true minus sign, and no minus before zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def quantity(value: float, unit: Unit) -> str:
    """A value and its unit as printed, e.g. ``17.8%``, ``19.6°``, ``26.4 mm``."""
    return decimal(value, _DIGITS.get(unit, 1)) + unit.symbol


def spread(measurement: Measurement) -> str:
    """Standard uncertainty with its unit; an honest word where nobody knows it."""
    u, unit = measurement.standard_uncertainty, measurement.unit
    if u is None:
        return "unknown"
    step = 10.0 ** -_DIGITS.get(unit, 1)
    return say("± {u}", u=quantity(u, unit)) if u >= step / 2 else say("< {step}", step=quantity(step, unit))


def interval(measurement: Measurement) -> str:
    """The 95% interval with its unit."""
    ends = measurement.interval()
    if ends is None:
        return "unknown"
    digits = _DIGITS.get(measurement.unit, 1)
    return say("{ends} to {ends_2}", ends=decimal(ends[0], digits), ends_2=quantity(ends[1], measurement.unit))


def with_spread(measurement: Measurement) -> str:
    """``17.8% ± 2.1%``; the value alone where the uncertainty is unknown."""
    value = quantity(measurement.value, measurement.unit)
    if measurement.standard_uncertainty is None:
        return value
    return say("{value} ± {spread}", value=value, spread=spread(measurement).removeprefix("± "))


def typeset(text: str) -> str:
    """Text of rules and sources as printed: ≥ and ≤, and a true minus before a number."""
    return and_then(text, _typeset)


@lru_cache(maxsize=4096)
def _typeset(text: str) -> str:
    return re.sub(r"(?<![\w.)\]])-(?=\d)", "−", text.replace(">=", "≥").replace("<=", "≤"))


def points(value: float) -> str:
    """Points of a score: whole numbers without decimals."""
    return f"{value:g}".replace("-", "−")


def share(probability: float) -> str:
    """A probability in percent, never rounded to certainty."""
    if 0 < probability < 0.005:
        return "< 1%"
    if 0.995 <= probability < 1:
        return "> 99%"
    return f"{100 * probability:.0f}%"


def estimate(probability: float) -> str:
    """An estimated probability in percent, never 0 or 100%."""
    return "< 1%" if probability < 0.005 else "> 99%" if probability >= 0.995 else f"{100 * probability:.0f}%"


def shares(probabilities: tuple[tuple[str, float], ...]) -> str:
    """``high 93%, medium 7%``, most probable first; what cannot happen is left out."""
    possible = [(name, p) for name, p in probabilities if p > 0]
    return joined(
        ", ", (say("{name} {p}", name=name, p=share(p)) for name, p in sorted(possible, key=lambda pair: -pair[1]))
    )


def size_of(count: tuple[int, ...], spacing_mm: tuple[float, ...]) -> str:
    """``15 × 320 × 320, 4 × 0.9 × 0.9 mm``."""
    pixels = " × ".join(str(n) for n in count)
    return pixels + (", " + " × ".join(f"{s:.3g}" for s in spacing_mm) + " mm" if spacing_mm else ", no spacing")


def created(timestamp: str) -> datetime | None:
    """The moment of ``provenance.created_at`` (ISO 8601; without an offset it is UTC); None if it is not one."""
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment(timestamp: str) -> str:
    """``14 May 2025, 09:30 UTC``; the text as given where it is no ISO 8601 timestamp."""
    when = created(timestamp)
    if when is None:
        return timestamp
    utc = when.astimezone(UTC)
    return say("{day}, {time} UTC", day=day(utc.date().isoformat()), time=f"{utc:%H:%M}")


def day(text: str | None) -> str:
    """``6 January 2020`` of an ISO 8601 date; the text as given where it is none."""
    try:
        when = date.fromisoformat((text or "")[:10])
    except ValueError:
        return text or ""
    return say("{day} {month} {year}", day=when.day, month=f"{when:%B}", year=when.year)


def spans(levels: Sequence[Level]) -> str:
    """Levels cranial to caudal, runs of neighbours together: ``T8 to T11, L1``."""
    order = {level: i for i, level in enumerate(STANDARD_COLUMN.levels)}
    runs: list[list[Level]] = []
    for level in sorted(levels, key=lambda level: level.rank):
        if runs and level in order and order.get(runs[-1][-1]) == order[level] - 1:
            runs[-1].append(level)
        else:
            runs.append([level])
    return joined(", ", (say("{r} to {r_2}", r=r[0], r_2=r[-1]) if len(r) > 2 else joined(", ", r) for r in runs))


def plain(text: str) -> str:
    """Text of the core as a reader of the report needs it: typeset, and without the names of files."""
    return and_then(text, _plain)


def _plain(text: str) -> str:
    text = _FILE_NAME.sub("a file", _typeset(text))
    return re.sub(r"\blabel map a file", "label map", text).strip()


def sentence(text: str) -> str:
    """Text with a capital letter and a full stop."""
    return and_then(text, _sentence)


def _sentence(text: str) -> str:
    end = "" if text.endswith((".", "?", "。", "？")) else "。" if _IDEOGRAPH.search(text) else "."
    return text[:1].upper() + text[1:] + end
