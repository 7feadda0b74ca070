"""What tells whose an image is, as the image itself says it; looked for in everything that is written."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ovcf.workflow.deidentify import harmless_description

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom import Dataset

    from ovcf.workflow.deidentify import Pseudonym

_PEOPLE = frozenset({"PN"})
_NUMBERS = frozenset({"PatientID", "OtherPatientIDs", "AccessionNumber", "IssuerOfPatientID"})
_PLACES = frozenset({"InstitutionName", "InstitutionAddress"})
MIN_LETTERS = 3
"""Shorter parts of a name, and shorter numbers, are found everywhere."""
MIN_IN_BYTES = 5
"""Among pixels short ones turn up by chance."""
_ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "latin-1",
    "iso8859-2",
    "iso8859-5",
    "iso8859-7",
    "cp1251",
    "shift_jis",
    "iso2022_jp",
    "euc_jp",
    "gb18030",
    "euc_kr",
)


@dataclass(frozen=True, slots=True)
class Tells:
    """Names, numbers and dates of people, in lower case, as they may be written."""

    words: frozenset[str]
    days: frozenset[str] = frozenset()
    """The dates among them, as ISO writes them."""

    @classmethod
    def of(cls, ds: Dataset) -> Tells:
        """Everything of an image that names a person, wherever in it."""
        found: set[str] = set()
        days: set[str] = set()
        for element in ds.iterall():
            values = [str(v) for v in (element.value if element.VM > 1 else [element.value]) if v] if element.VM else []
            if element.VR in _PEOPLE or element.keyword in _PLACES:
                parts = {part for value in values for part in re.split(r"[\W\d_]+", value)}
                found |= {part for part in parts if not harmless_description(part)}
            elif element.keyword in _NUMBERS:
                found |= set(values)
            elif element.VR in ("DA", "DT"):
                days |= {day for value in values if (day := _iso(value))}
        return cls.from_words(found, days)

    @classmethod
    def from_words(cls, words: Iterable[str], days: Iterable[str] = ()) -> Tells:
        """These, in any case, and ISO dates in every way they are written; what is too short to tell is left out."""
        days = frozenset(days)
        told = {w.strip().casefold() for w in words if len(w.strip()) >= (MIN_LETTERS if w.isascii() else 2)}
        return cls(frozenset(told.union(*map(_written, days))), days)

    def but(self, pseudonym: Pseudonym) -> Tells:
        """Without the dates that a moved one may fall on."""
        moved = set[str]().union(*(_written(pseudonym.day(day)) for day in self.days))
        return Tells(self.words - moved, self.days)

    def nowhere_in(self, text: str) -> bool:
        """Whether none of them is in a text; short ones of Latin letters count as whole words only."""
        low = text.casefold()
        return not any(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low)
            if word.isascii() and len(word) < MIN_IN_BYTES
            else word in low
            for word in self.words
        )

    def stands_in(self, data: bytes) -> bool:
        """Whether one of them stands in bytes, in any of the encodings that names come in."""
        low = data.lower()
        return any(coded in low for word in self.words for coded in _encoded(word))


def _encoded(word: str) -> set[bytes]:
    """A word as it may lie in a file; left out is what is short enough to turn up among pixels."""
    found = set()
    for name in _ENCODINGS if not word.isascii() else _ENCODINGS[:2]:
        with suppress(UnicodeEncodeError):
            found.add(word.encode(name).lower())
    return {coded for coded in found if len(coded.replace(b"\0", b"")) >= MIN_IN_BYTES}


def _iso(value: str) -> str:
    """A date of DICOM as ISO writes it; empty where it is none."""
    found = re.match(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", value)
    try:
        return date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:
        return ""


def _written(day: str) -> set[str]:
    """A date as people and programs write it."""
    y, m, d = day.split("-")
    return {f"{y}{m}{d}", f"{y}-{m}-{d}", f"{d}.{m}.{y}", f"{m}/{d}/{y}", f"{d}/{m}/{y}"}
