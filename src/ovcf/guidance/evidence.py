"""Every source, figure and published table that ovcf cites, each with how it was verified.

The entries are the packaged files ``evidence/*.toml``, one per theme. A figure may be verified otherwise than its
entry: a count recomputed from a table that was read is derived.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ovcf.errors import EvidenceError

Value = float | str | tuple[float, ...]


class Mark(StrEnum):
    """How a claim was verified."""

    READ = "read"
    SECONDARY = "from an abstract or secondary page"
    UNVERIFIED = "not verified in a source"
    DERIVED = "derived"
    PROJECT = "project rule"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, range or sentence taken from a source."""

    name: str
    value: Value
    mark: Mark

    @property
    def text(self) -> str:
        """The value as read aloud; several numbers separated by commas."""
        if isinstance(self.value, tuple):
            return ", ".join(f"{v:g}" for v in self.value)
        return self.value if isinstance(self.value, str) else f"{self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A source, or one table of it.

    ``where`` names the table or section, ``population`` on whom, how many and how followed; ``about`` the entries that
    an inconsistency compares.
    """

    id: str
    theme: str
    citation: str
    doi: str
    where: str
    population: str
    mark: Mark
    note: str
    about: tuple[str, ...]
    figures: tuple[Figure, ...]

    def __getitem__(self, name: str) -> Value:
        """The value of one figure.

        Raises:
            EvidenceError: the entry has no such figure.
        """
        for figure in self.figures:
            if figure.name == name:
                return figure.value
        known = [f.name for f in self.figures]
        raise EvidenceError(f"evidence {self.id}", f"has no figure {name!r}", _near(name, known))

    def counts(self, name: str) -> tuple[int, int]:
        """A figure that is a number of patients and how many there were."""
        value = self[name]
        if not isinstance(value, tuple) or len(value) != 2:
            raise EvidenceError(
                f"evidence {self.id}", f"figure {name!r} is not a pair of counts", "Name another figure."
            )
        return int(value[0]), int(value[1])


@cache
def load_evidence() -> Mapping[str, Evidence]:
    """Every entry by id, in the order of the files.

    Raises:
        EvidenceError: a packaged entry is incomplete or its id is used twice.
    """
    entries: dict[str, Evidence] = {}
    folder = files("ovcf.guidance") / "evidence"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        for id_, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if id_ in entries:
                raise EvidenceError(f"evidence {id_}", f"is defined again in {file.name}", "Remove one of the two.")
            entries[id_] = _entry(id_, file.name.removesuffix(".toml"), table)
    return MappingProxyType(entries)


def evidence(id_: str) -> Evidence:
    """One entry.

    Raises:
        EvidenceError: there is none of this id; the message names the nearest.
    """
    entries = load_evidence()
    if id_ not in entries:
        raise EvidenceError(f"evidence {id_!r}", "is not known", _near(id_, entries))
    return entries[id_]


def _near(name: str, known: Iterable[str]) -> str:
    lower = {k.lower(): k for k in known}
    near = [lower[k] for k in get_close_matches(name.lower(), lower, n=3, cutoff=0.4)]
    return f"Did you mean {' or '.join(near)}?" if near else "`ovcf evidence list` shows all entries."


_TEXTS = ("citation", "where", "population", "mark")
_OPTIONAL = ("doi", "note", "about")


def _entry(id_: str, theme: str, table: Mapping[str, object]) -> Evidence:
    marks = {mark.name.lower(): mark for mark in Mark}
    if stray := table.keys() - {*_TEXTS, *_OPTIONAL, *marks}:
        raise EvidenceError(
            f"evidence {id_}", f"has an unknown field {sorted(stray)[0]!r}", _near(sorted(stray)[0], _TEXTS)
        )
    if absent := [name for name in _TEXTS if not table.get(name)]:
        raise EvidenceError(
            f"evidence {id_}", f"has no {absent[0]}", "Every entry says what it is and how it is known."
        )
    if table["mark"] not in marks:
        raise EvidenceError(f"evidence {id_}", f"has no mark {table['mark']!r}", f"Choose one of: {', '.join(marks)}.")
    figures = []
    for name, mark in marks.items():
        group = table.get(name, {})
        assert isinstance(group, dict)
        figures += [Figure(key, tuple(v) if isinstance(v, list) else v, mark) for key, v in group.items()]
    about = table.get("about", [])
    assert isinstance(about, list)
    return Evidence(
        id=id_,
        theme=theme,
        citation=str(table["citation"]),
        doi=str(table.get("doi", "")),
        where=str(table["where"]),
        population=str(table["population"]),
        mark=marks[str(table["mark"])],
        note=str(table.get("note", "")),
        about=tuple(about),
        figures=tuple(figures),
    )
