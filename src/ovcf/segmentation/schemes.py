"""What the numbers of a label map mean: the schemes in use, and recognising which one a map follows.

Numbers alone often fit several schemes (22 is L3 for VerSe and T2 for TotalSpineSeg), so a scheme must also put the
vertebrae in the right order along the spine and at a believable distance from each other. What still fits more than
one scheme, or none, is for the reader to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Point = NDArray[np.float64]

INSTANCES = "instances"
"""The name of the scheme that is none: one number per vertebra in no anatomical order."""
BODY_PARTS = frozenset({49, 50})
"""Vertebral body in a SPINEPS / TPTBox subregion map: Vertebra_Corpus_border and Vertebra_Corpus."""
CANAL_PARTS = frozenset({60, 61})
"""Spinal cord and spinal canal in a subregion map."""
_PARTS_ONLY = frozenset({48, 49})
"""Values of a subregion map that are no vertebra of TotalSpineSeg (L1-L6 41-46, sacrum 50)."""
SUBREGIONS = frozenset({26, 100, *range(40, 65)})
"""All values of a subregion map: sacrum, disc, parts of the vertebra, cord and canal, endplates, ribs."""

_PITCH_MM = {"C": (8.0, 24.0), "T1-T4": (10.0, 28.0), "T5-T8": (12.0, 33.0), "T9-T13": (14.0, 40.0), "L": (18.0, 52.0)}
"""Believable distance to the centre of the next vertebra: body and disc of a small fractured to a tall adult."""


_UNKNOWN = "it knows no label"


def _run(first: int, step: int, levels: Sequence[Level]) -> dict[int, Level]:
    return {first + step * i: level for i, level in enumerate(levels)}


_C = [Level(f"C{i}") for i in range(1, 8)]
_T = [Level(f"T{i}") for i in range(1, 13)]
_L = [Level(f"L{i}") for i in range(1, 6)]
_VERSE = _run(1, 1, _C + _T + [*_L, Level.L6]) | {28: Level.T13}
_CAUDAL_FIRST = [*_C, *_T, *_L][::-1]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A label scheme. ``levels`` are the vertebrae, ``canal`` cord and canal, ``sacrum`` the sacrum as one piece
    (its inferior border is no endplate, so it gives no S1), ``other`` what else the scheme may hold.
    """

    name: str
    title: str
    levels: dict[int, Level]
    canal: frozenset[int] = frozenset()
    sacrum: frozenset[int] = frozenset()
    other: frozenset[int] = field(default=frozenset(), repr=False)

    def why_not(self, centres: Mapping[int, Point]) -> str | None:
        """Why a map with these labels at these centres (patient LPS mm) does not follow this scheme, or None."""
        unknown = sorted(set(centres) - set(self.levels) - self.canal - self.sacrum - self.other)
        if unknown:
            return f"{_UNKNOWN} {', '.join(map(str, unknown[:5]))}"
        here = sorted((self.levels[k].rank, self.levels[k], centres[k]) for k in centres if k in self.levels)
        if not here or (len(here) == 1 and self.other & set(centres)):
            return (
                say("{unknown} of these as a vertebra", unknown=_UNKNOWN)
                if not here
                else "only one label would be a vertebra"
            )
        if any(upper[2][2] <= lower[2][2] for upper, lower in pairwise(here)):
            return "the vertebrae would not be in order along the spine"
        odd = [
            say("{upper} to {lower} would be {pitch:.0f} mm", upper=upper, lower=lower, pitch=pitch)
            for (_, upper, p), (_, lower, q) in pairwise(here)
            if not _believable(pitch := float(np.linalg.norm(p - q)), upper, lower)
        ]
        return odd[0] if 2 * len(odd) > len(here) - 1 else None


def _believable(pitch_mm: float, upper: Level, lower: Level) -> bool:
    """Whether two vertebrae can lie this far apart, those between them (L6 and T13 aside) counted."""
    between = [level for level in Level if upper.rank <= level.rank < lower.rank and level not in _EXTRA]
    bounds = np.array([_PITCH_MM[_stretch(level)] for level in between or [upper]])
    low, high = bounds.sum(axis=0)
    return bool(low <= pitch_mm <= high)


_EXTRA = (Level.T13, Level.L6)


def _stretch(level: Level) -> str:
    if level.region != "thoracic":
        return "C" if level.region == "cervical" else "L"
    number = int(level[1:])
    return "T1-T4" if number < 5 else "T5-T8" if number < 9 else "T9-T13"


SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("verse", "VerSe", _VERSE, sacrum=frozenset({26})),
        Scheme(
            "spineps",
            "SPINEPS / TPTBox vertebra instances",
            _VERSE,
            sacrum=frozenset({26, 27, *range(29, 40)}),
            other=frozenset(range(100, 240)),
        ),
        Scheme(
            "totalspineseg",
            "TotalSpineSeg",
            _run(11, 1, _C) | _run(21, 1, _T) | _run(41, 1, [*_L, Level.L6]),
            canal=frozenset({1, 2}),
            sacrum=frozenset({50}),
            other=frozenset({*range(63, 68), *range(71, 83), *range(91, 97), 100}),
        ),
        Scheme(
            "totalsegmentator",
            "TotalSegmentator, CT (`total`)",
            _run(26, 1, [Level.S1, *_CAUDAL_FIRST]),
            canal=frozenset({79}),
            sacrum=frozenset({25}),
            other=frozenset(range(1, 118)) - frozenset(range(25, 51)) - {79},
        ),
        Scheme(
            "totalsegmentator-mr",
            "TotalSegmentator, MR (`vertebrae_mr`)",
            _run(2, 1, _CAUDAL_FIRST),
            sacrum=frozenset({1}),
        ),
        Scheme(
            "totalsegmentator-v1",
            "TotalSegmentator 1 and early TotalSpineSeg",
            _run(18, 1, _CAUDAL_FIRST),
            canal=frozenset({200, 201}),
            sacrum=frozenset({92}),
            other=frozenset(range(202, 225)),
        ),
    )
}


def is_subregion_map(values: Sequence[int]) -> bool:
    """Whether these label values are those of a SPINEPS / TPTBox subregion map."""
    return bool(BODY_PARTS & set(values)) and bool(_PARTS_ONLY & set(values)) and set(values) <= SUBREGIONS


def not_discs(labels: Iterable[int]) -> set[int]:
    """The labels that can be vertebrae: SPINEPS counts discs from 100 and endplates from 200."""
    return {k for k in labels if k < 100} or set(labels)


def scheme_named(name: str, where: str) -> Scheme | None:
    """The scheme of this name; None for plain instances."""
    if name.lower() == INSTANCES:
        return None
    try:
        return SCHEMES[name.lower()]
    except KeyError:
        raise LabelSchemeError(
            where,
            say("there is no label scheme {name!r}", name=name),
            say("Choose one of: {value}.", value=", ".join([*SCHEMES, INSTANCES])),
        ) from None


def recognise(centres: Mapping[int, Point], where: str, *, subregions: bool) -> Scheme:
    """The one scheme that fits labels at these centres (patient LPS mm).

    ``subregions`` tells that a SPINEPS / TPTBox subregion map came with it.

    Raises:
        LabelSchemeError: none or several fit, or the labels may just be counted 1, 2, 3 …; it says what would decide.
    """
    candidates = [SCHEMES["spineps"]] if subregions or max(centres) >= 100 else [SCHEMES["verse"]]
    candidates += [] if subregions else [s for s in SCHEMES.values() if s.name not in ("verse", "spineps")]
    verdicts = [(scheme, scheme.why_not(centres)) for scheme in candidates]
    fitting = [scheme for scheme, why in verdicts if why is None]
    counted = set(centres) == set(range(1, len(centres) + 1))
    if len(fitting) == 1 and not counted:
        return fitting[0]
    hint = anchor_hint(centres)
    if fitting:
        names = " or ".join(s.title for s in fitting)
        plain = ", or just count" if counted else ""
        raise LabelSchemeError(
            where, say("the labels may follow {names}{plain}", names=names, plain=plain), _scheme_or(hint, fitting)
        )
    near = [
        say("{title}, but {why}", title=s.title, why=why) for s, why in verdicts if why and not why.startswith(_UNKNOWN)
    ]
    reasons = say(" (the numbers would fit {near})", near=joined("; ", near)) if near else ""
    raise LabelSchemeError(where, say("the labels follow no known scheme{reasons}", reasons=reasons), hint)


def _scheme_or(hint: Remedy, fitting: Sequence[Scheme]) -> Remedy:
    """To name the scheme or a level."""
    text = f"Name the scheme, or {hint.text[0].lower()}{hint.text[1:]}"
    either = Remedy(text, RemedyCode.NAME_SCHEME_OR_LEVEL, hint.arguments)
    return either.having(schemes=", ".join(s.name for s in fitting))


def anchor_hint(centres: Mapping[int, Point]) -> Remedy:
    """To name the level of one label, with the labels as they lie along the spine."""
    order = sorted(not_discs(centres), key=lambda k: -centres[k][2])
    listed = ", ".join(map(str, order))
    text = say("State the level of one label (cranial to caudal: {listed}).", listed=listed)
    return Remedy(text, RemedyCode.NAME_A_LEVEL).having(label=order[-1], level=Level.L5)
