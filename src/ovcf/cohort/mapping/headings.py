"""What a heading says: the thing measured, its unit, and the visit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ovcf.cohort.mapping.chinese import HAS_CHINESE, in_known_words, is_another_thing, says_more
from ovcf.plausible import PATIENT
from ovcf.text_files import parse_toml

DAYS_A_MONTH = 30.4375
_UNITS = {
    "%": ("%", "percent", "pct", "per cent"),
    "m": ("m", "meter", "metre", "meters", "metres"),
    "cm": ("cm",),
    "mm": ("mm",),
    "kg": ("kg", "kgs"),
    "years": ("years", "year", "yrs", "yr", "y"),
    "months": ("months", "month", "mo", "mos", "mth", "mths"),
    "weeks": ("weeks", "week", "wk", "wks"),
    "days": ("days", "day", "d"),
    "deg": ("deg", "degree", "degrees", "°", "degs"),
    "kg/m2": ("kg/m2", "kg/m²", "kg/m^2", "kg m2", "kgm2"),
    "0-100": ("0-100", "0 to 100", "/100", "0–100"),
    "0-50": ("0-50", "0 to 50", "/50", "0–50"),
    "0-10": ("0-10", "0 to 10", "/10", "0–10"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BEFORE = re.compile(
    r"\b(?:pre ?(?:op(?:erative(?:ly)?)?|treatment|procedure)?|baseline|before(?: treatment| surgery)?|initial(?:ly)?"
    r"|(?:at |on )?admission|t0|m0|at onset|first visit)\b"
)
_AFTER = re.compile(
    r"\b(?:(?P<n>\d+(?:\.\d+)?) ?(?P<u>months?|mos?|mths?|m|weeks?|wks?|w|years?|yrs?|y|days?|d)"
    r"|(?:m|month|mo) ?(?P<m>\d+)|(?:one|1st) year(?P<year>))\b"
)
_WITH_UNIT = re.compile(r"([+\-−–]?\s*\d[\d.,]*)\s*([^\d\s.,].*)")
_PER_MONTH = {"m": 1.0, "w": DAYS_A_MONTH / 7, "y": 1 / 12, "d": DAYS_A_MONTH}
_FILLING = {
    "the",
    "of",
    "at",
    "in",
    "on",
    "a",
    "an",
    "value",
    "measured",
    "score",
    "index",
    "total",
    "mean",
    "l1",
    "l4",
    "4",
    "l1l4",
    "lumbar",
    "spine",
    "local",
    "patient",
    "patients",
    "visit",
    "post",
    "postop",
    "after",
    "dxa",
    "dexa",
    "bmd",
    "vertebral",
    "body",
    "angle",
    "current",
    "final",
}
_OTHER_THING = {
    "hip",
    "neck",
    "femoral",
    "femur",
    "family",
    "history",
    "mother",
    "father",
    "date",
    "birth",
    "change",
    "difference",
    "delta",
    "previous",
    "prior",
    "treatment",
    "reader",
    "reader2",
    "second",
    "z",
    "sd",
    "p",
    "missing",
    "comment",
    "comments",
    "remarks",
    "remark",
}
"""Words beside a name that make it the name of something else."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading taken apart: ``words`` in lower case, ``unit`` (empty if none is said), ``month`` of a visit."""

    words: tuple[str, ...]
    unit: str
    month: float | None


@cache
def vocabulary() -> dict[str, Any]:
    """The packaged lists of headings and values."""
    words, chinese = map(_packaged, ("words.toml", "chinese.toml"))
    for column, names in chinese["headings"].items():
        words["headings"].setdefault(column, []).extend(names)
    for column, labels in chinese["values"].items():
        for label, said in labels.items():
            words["values"].setdefault(column, {}).setdefault(label, []).extend(said)
    return words


def _packaged(name: str) -> dict[str, Any]:
    text = files("ovcf.cohort.mapping").joinpath(name).read_text(encoding="utf-8")
    return parse_toml(text, name, remedy="Install ovcf again.")


def take_apart(heading: str) -> Heading:
    """``VAS_pre``, ``Height loss (%)``, ``ODI 3 months``: the thing, its unit and its month."""
    unit, text = "", in_known_words(heading).strip() if HAS_CHINESE.search(heading) else heading.strip()
    for inside in _BRACKETS.findall(text):
        unit = unit or _UNIT_OF.get(inside.strip().casefold(), "")
    text = _BRACKETS.sub(lambda m: " " if _UNIT_OF.get(m[1].strip().casefold()) else f" {m[1]} ", text)
    text = re.sub(r"(?<=[a-z]{2})(?=[A-Z])", " ", text).casefold()
    for sign, said in ((r"%", "%"), ("°", "deg"), (r"\bkg ?/ ?m ?\^?[2²]", "kg/m2")):
        if re.search(sign, text):
            unit, text = unit or said, re.sub(sign, " ", text)
    text = " ".join(re.sub(r"[^\w.<>=≥]+|_|(?<!\d)\.|\.(?!\d)", " ", text).split())
    month: float | None = None
    if found := _AFTER.search(text):
        month = _months(found)
    elif found := _BEFORE.search(text):
        month = 0.0
    if found and (left := " ".join((text[: found.start()] + " " + text[found.end() :]).split())):
        text = left
    else:
        month = None  # "months" alone is a follow-up, no visit
    words = text.split()
    if len(words) > 1 and not unit and words[-1] in _UNIT_OF and words[-1] not in ("m", "d", "y"):
        unit = _UNIT_OF[words.pop()]
    return Heading(tuple(words), unit, month)


def _months(found: re.Match[str]) -> float:
    if found["m"]:
        return float(found["m"])
    if found["n"] is None:
        return 12.0
    return round(float(found["n"]) / _PER_MONTH[found["u"][0]], 1)


def without_unit(text: str, unit: str) -> str:
    """A number that carries its unit, such as ``65 y`` in years or ``12°``, without it; anything else as it is."""
    found = _WITH_UNIT.fullmatch(text)
    if found and unit and _UNIT_OF.get(found[2].casefold()) == unit.split()[0]:
        return found[1]
    return text


def quantity_of(heading: str) -> str | None:
    """The quantity of :data:`ovcf.plausible.PATIENT` that a heading plainly says, in its unit; else None."""
    parts = take_apart(heading)
    for name, (_, _, unit) in PATIENT.items():
        plain = fit(parts.words, [n for n in vocabulary()["headings"][name] if len(n) > 1], name) >= 0.9
        if plain and parts.unit in ("", unit):
            return name
    return None


def fit(words: tuple[str, ...], names: list[str], own: str) -> float:
    """How well a heading says a name: 1 just so, 0.9 with filling words, 0.5 with one more word, 0 not."""
    said, filled = " ".join(words), [w for w in words if w not in _FILLING]
    best = 0.0
    for name in (own.replace("_", " "), *names):
        if said == name or said.replace(" ", "") == name.replace(" ", ""):
            return 1.0
        parts = name.split()
        if says_more(words, name):
            best = max(best, 0.5 + 0.01 * min(len(name), 20))
        if not set(parts) <= set(words) or set(words) & (_OTHER_THING - set(parts)):
            continue
        more = [w for w in filled if w not in parts]
        if is_another_thing(more):
            continue
        if len(more) <= 1 and (len(name) > 2 or not more):
            # of two names the longer one says more
            best = max(best, (0.5 if more else 0.9) + 0.01 * len(parts))
    return min(best, 0.99)
