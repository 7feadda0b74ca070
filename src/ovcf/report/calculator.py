"""The calculator: one page that computes every declared score, offline. Its rules are the declarations themselves."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ovcf import __version__
from ovcf.errors import MissingFileError
from ovcf.guidance.evidence import Evidence, Mark, evidence, load_evidence
from ovcf.guidance.outcomes import note_of, rates_of
from ovcf.language.spoken import ENGLISH, LANGUAGES, catalogue
from ovcf.scores.registry import Published, published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.scores.declare import Score

NOTICE = (
    "Research software, not a medical device. A score is for the reader to judge, never a forecast for one patient."
)
FIRST = "nasovcf"
_PARTS = ("prognosis", "classification", "spine", "prevention", "questionnaire")
_PLACE = '"OVCF_DATA"'


def calculator_page(*, served: bool = False) -> str:
    """The page, with declarations, sources and group outcomes in it; with the way to the other pages if ``served``.

    Raises:
        MissingFileError: the page was not built.
    """
    built = files("ovcf").joinpath("server", "page", "calculator.html")
    if not built.is_file():
        raise MissingFileError("calculator.html", "is not built", "In a checkout run: make web.")
    data = json.dumps(with_words(calculator_data()) | {"served": served}, ensure_ascii=False, default=str).replace(
        "<", "\\u003c"
    )
    return built.read_text(encoding="utf-8").replace(_PLACE, data, 1)


def calculator_data() -> dict[str, Any]:
    """What the page computes from: every score that is declared in tables, as plain data."""
    scores = dict(
        sorted(((id_, one) for id_, one in published().items() if one.score.items or one.score.classes), key=_place)
    )
    told = {id_: asdict(one) for id_, one in scores.items()}
    cited = dict.fromkeys(source for one in scores.values() for source in _sources_of(one))
    known = load_evidence()
    return {
        "software": f"ovcf {__version__}",
        "notice": NOTICE,
        "scores": told,
        "sources": {
            id_: {"citation": e.citation, "doi": e.doi, "mark": checked(e)}
            for id_ in cited
            if id_ in known
            for e in (evidence(id_),)
        },
        "outcomes": {id_: outcomes_of(one.score) for id_, one in scores.items() if one.score.outcomes},
        "conditions": {id_: f"Only for {one.score.holds_for}." for id_, one in scores.items() if one.score.holds_for},
    }


def with_words(data: dict[str, Any]) -> dict[str, Any]:
    """The same with what other languages have for the texts in it: the page says them, and computes by the English."""
    texts = set(_texts(data))
    spoken = [code for code in LANGUAGES if code != ENGLISH]
    words = {code: {text: said for text, said in catalogue(code).items() if text in texts} for code in spoken}
    return data | {"words": words}


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _texts(value)


def checked(entry: Evidence) -> str:
    """How a source was checked; of what was read, which part of it was at hand: an abstract is no full text."""
    return f"{entry.mark} ({entry.where})" if entry.mark is Mark.READ else str(entry.mark)


def _place(entry: tuple[str, Published]) -> tuple[int, bool, str]:
    """By part, NASOVCF first within its own, then by name."""
    id_, one = entry
    return _PARTS.index(one.part), id_ != FIRST, one.score.name.casefold()


def _sources_of(one: Published) -> list[str]:
    said = (*one.score.flags, *one.score.advice, *one.score.alerts)
    return [*one.score.evidence, *(source for a in said for source in a.evidence)]


def outcomes_of(score: Score) -> list[dict[str, Any]]:
    """What happened to the groups of its source: events and patients of each, with Wilson's 95% interval."""
    return [
        {
            "title": outcome.title,
            "note": note_of(outcome),
            "rates": [
                {"group": group, "events": r.events, "n": r.n, "low": r.low, "high": r.high}
                for group, r in rates_of(outcome).items()
            ],
        }
        for outcome in score.outcomes
    ]
