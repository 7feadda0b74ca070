"""What the scanner and the technologist wrote about the part of the spine that an image shows.

Words are those of English, German, French, Spanish, Italian, Portuguese, Thai, Chinese and Japanese departments; what
is not known says nothing. A request may name more than was imaged, so all this is evidence, never a label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.errors import LevelError
from ovcf.imaging.files.multiframe import items_of
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom import Dataset

KEYWORDS = (
    "BodyPartExamined",
    "SeriesDescription",
    "ProtocolName",
    "StudyDescription",
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    "AcquisitionProtocolDescription",
    "ImageComments",
)
"""Where they write it, the text nearest to the image first."""
_REGIONS = (
    (
        "whole",
        (
            r"whole ?spine|(total|full|entire|complete) ?spine|\bgws\b|ganzwirbel|rachis (entier|complet)"
            r"|columna (completa|total)|coluna total|colonna (completa|in toto)|全脊[柱椎]"
        ),
    ),
    (
        "thoracolumbar",
        (
            r"thora[ck]o ?lumb|\btl[ -]?spine\b|dorso ?lomb|dorso ?lumb|tora[ck]o ?lumb|toraco ?lomb"
            r"|\bbws ?(und|u|\+|&)? ?lws\b|胸腰椎"
        ),
    ),
    (
        "lumbar",
        (
            r"lumb(?!oc)|lombaire|lombare|lombar\b|\bls?[ -]?spine\b|\blws\b|lendenwirb|\blss\b"
            r"|腰椎|腰仙椎|กระดูกสันหลังส่วนเอว"
        ),
    ),
    (
        "thoracic",
        (
            r"thora[ck]ic|thorakal|\bt[ -]?spine\b|\bbws\b|brustwirb|(rachis|columna|colonna|coluna) dorsal"
            r"|dorsal spine|thoracique|tor[aá]cica|胸椎|กระดูกสันหลังส่วนอก"
        ),
    ),
    ("cervical", r"cervi[ck]al|zervi[ck]al|\bc[ -]?spine\b|\bhws\b|halswirb|[颈頸]椎|กระดูกสันหลังส่วนคอ"),
)
_WORDS = tuple((region, re.compile(words)) for region, words in _REGIONS)
#: ``L1-L5``, ``T10-L2``, ``Th12``, ``D11``; T1 to T3 are contrasts or tesla unless another level follows.
_RANGE = re.compile(r"\b(th|[tdl]) ?(\d{1,2}) ?(?:-|–|to|bis|à|a) ?(th|[tdls]) ?(\d{1,2})\b")
_SINGLE = re.compile(r"\b(th ?(?:1[0-3]|[1-9])|[td](?:1[0-3]|[4-9])|l[1-6])\b(?! ?-)")


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """The part of the spine an image is said to show; empty where nothing is said.

    ``region`` is whole, thoracolumbar, lumbar, thoracic or cervical; ``levels`` are vertebrae named as within it;
    ``said`` quotes where each was read.
    """

    region: str | None = None
    levels: tuple[Level, ...] = ()
    said: tuple[str, ...] = ()


def field_of_view_of(texts: Mapping[str, str]) -> FieldOfView:
    """What texts say, by where they stand, the text nearest to the image first; the first to say something counts."""
    region: str | None = None
    levels: tuple[Level, ...] = ()
    said = []
    for where, text in texts.items():
        words = _plain(text)
        if region is None and (found := next((r for r, w in _WORDS if w.search(words)), None)) is not None:
            region = _both(words) or found
            said.append(
                say("{region} ({where}: {text!r})", region=f"{region} spine", where=where, text=text.strip()[:60])
            )
        if not levels and (levels := _levels(words)):
            shown = say("{first} to {last}", first=levels[0], last=levels[-1]) if len(levels) > 1 else levels[0]
            said.append(say("{levels} ({where}: {text!r})", levels=shown, where=where, text=text.strip()[:60]))
    return FieldOfView(region, levels, tuple(said))


def field_of_view_in(tags: Dataset) -> FieldOfView:
    """What the tags of one image say."""
    texts = {keyword: str(tags.get(keyword) or "") for keyword in KEYWORDS}
    for item in items_of(tags, "AnatomicRegionSequence"):
        texts = {"AnatomicRegionSequence": str(item.get("CodeMeaning") or "")} | texts
    return field_of_view_of({where: text for where, text in texts.items() if text})


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[_.\\,;:()\[\]=/^]+", " ", text).lower().split())


def _both(words: str) -> str | None:
    """Thoracic and lumbar named together are one field."""
    named = {region for region, pattern in _WORDS if pattern.search(words)}
    if "whole" in named or {"cervical", "lumbar"} <= named:
        return "whole"
    return "thoracolumbar" if {"thoracic", "lumbar"} <= named else None


def _levels(words: str) -> tuple[Level, ...]:
    names = [(a + b, c + d) for a, b, c, d in _RANGE.findall(words)] or [(n, n) for n in _SINGLE.findall(words)[:1]]
    try:
        ends = [Level.parse(name) for name in names[0]] if names else []
    except LevelError:
        return ()
    in_order = bool(ends) and ends[0].rank <= ends[-1].rank
    return tuple(dict.fromkeys(ends)) if in_order and ends[-1] not in (Level.T1, Level.T2, Level.T3) else ()
