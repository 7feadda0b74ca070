"""The sentences in observations as data: which template they were made of, and its values.

Observations hold English. So that a reading can be read in another language after it was kept, a file has beside them
how each sentence was made. What it says of a sentence is believed only where that makes the very same English.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.errors import Remedy
from ovcf.language.stored_sentences import proven, to_data
from ovcf.language.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ovcf.reading.observations import LandmarkSet, Observations, ObservedSeries, Unseen

    Do = Callable[[str], str]


def sentences_of(observations: Observations) -> dict[str, Any]:
    """How every sentence with values in it was made, by its English."""
    found: dict[str, Any] = {}

    def look(text: str) -> str:
        if isinstance(text, Worded) and isinstance(data := to_data(text), dict):
            found[str(text)] = data
        return text

    _each(observations, look)
    return found


def with_sentences(observations: Observations, kept: object) -> Observations:
    """Observations that can be said in another language; plain where ``kept`` says nothing, or nothing true."""
    if not isinstance(kept, dict) or not kept:
        return observations

    def known(text: str) -> str:
        made = proven(kept.get(text))
        return made if made == text else text

    return _each(observations, known)


def _each(seen: Observations, do: Do) -> Observations:
    return replace(
        seen,
        series=tuple(_of_series(one, do) for one in seen.series),
        landmarks=tuple(_of_set(one, do) for one in seen.landmarks),
        marrow=tuple(replace(one, apart=_of_names(one.apart, do)) for one in seen.marrow),
        withheld=tuple(_unseen(one, do) for one in seen.withheld),
        skipped=_pairs(seen.skipped, do),
        warnings=_texts(seen.warnings, do),
        notes=_texts(seen.notes, do),
    )


def _of_series(series: ObservedSeries, do: Do) -> ObservedSeries:
    return replace(series, reasons=_texts(series.reasons, do))


def _of_set(one: LandmarkSet, do: Do) -> LandmarkSet:
    question = one.question
    if question is not None:
        question = replace(question, how=_remedy(question.how, do))
    return replace(
        one,
        vertebrae=tuple(replace(v, withheld=do(v.withheld)) if v.withheld else v for v in one.vertebrae),
        unusable=_pairs(one.unusable, do),
        withheld=tuple(_unseen(w, do) for w in one.withheld),
        notes=_texts(one.notes, do),
        question=question,
    )


def _texts(texts: tuple[str, ...], do: Do) -> tuple[str, ...]:
    return tuple(map(do, texts))


def _pairs(pairs: tuple[tuple[str, str], ...], do: Do) -> tuple[tuple[str, str], ...]:
    return tuple((do(name), do(why)) for name, why in pairs)


def _of_names(names: Mapping[str, str], do: Do) -> Mapping[str, str]:
    return {name: do(why) for name, why in names.items()}


def _unseen(one: Unseen, do: Do) -> Unseen:
    what, why, remedy = one
    return do(what), do(why), _remedy(remedy, do)


def _remedy(remedy: Remedy, do: Do) -> Remedy:
    return Remedy(do(remedy.text), remedy.code, remedy.arguments)
