"""What was read of the index vertebra, what the reader may say instead, and what was withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.report.tables import finding_row
from ovcf.report.wording import typeset
from ovcf.vocabulary import Cleft, FractureType, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.reading.edited import Edited

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding in words. ``suggested`` marks a vertebra that looks fractured and was not named."""

    name: str
    level: str
    value: str
    doubt: str
    reasons: tuple[str, ...]
    image: str
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """What a reader may say, and how it reads."""

    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A finding of the index vertebra that the reader's own word goes before."""

    finding: str
    label: str
    measured: str
    value: Value
    overruled: bool
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class WithheldView:
    """What was not measured, why, and what to do."""

    name: str
    level: str
    reason: str
    remedy: str


def _options(values: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(str(v), str(v)) for v in values)


_YES_NO = (Option(True, "fractured"), Option(False, "intact"))
_WALL = (Option(0.0, "not involved"), Option(0.1, "less than 1/5"), Option(0.2, "1/5 or more"))
#: (finding, what it is called, the measured finding beside it, what may be said)
_FACTS = (
    ("fracture_type", "Fracture type", "", _options(tuple(FractureType))),
    ("t2_pattern", "T2 signal pattern", "T2 signal pattern", _options(tuple(T2Pattern))),
    ("cleft", "Cleft", "Cleft, suggested", _options(tuple(Cleft))),
    ("superior_endplate", "Superior endplate", "Endplates, suggested", _YES_NO),
    ("inferior_endplate", "Inferior endplate", "Endplates, suggested", _YES_NO),
    ("posterior_wall_fraction", "Posterior wall", "Posterior wall, suggested", _WALL),
)


def findings_of(assessment: Assessment) -> tuple[SeenFinding, ...]:
    """Suggested fractures that nobody has named, then what was read of the index vertebra and of the spine."""
    case, index = assessment.case, assessment.index_level
    named = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.focal_lesions}
    suggested = [(f, True) for f in assessment.suggested_fractures if f.level not in named]
    own = [(f, False) for f in assessment.findings if f.level in (index, None)]
    found = []
    for f, is_suggested in (*suggested, *own):
        row = finding_row(f, lambda _: [])
        found.append(
            SeenFinding(
                row["name"], f.level or "", typeset(row["value"]), row["probability"],
                tuple(map(typeset, row["reasons"])), f.image, is_suggested,
            )
        )  # fmt: skip
    return tuple(found)


def facts_of(now: Edited, assessment: Assessment) -> tuple[Fact, ...]:
    """What the reader may overrule of the index vertebra."""
    index = assessment.index_level
    if index is None:
        return ()
    measured = {f.name: f.value for f in reversed(assessment.findings) if f.level == index}
    return tuple(
        Fact(name, label, measured.get(beside, ""), getattr(now.case, name), (index, name) in now.overruled, options)
        for name, label, beside, options in _FACTS
    )


def withheld_of(assessment: Assessment) -> tuple[WithheldView, ...]:
    """What was not measured, the index vertebra first; each once."""
    ordered = sorted(assessment.withheld, key=lambda w: w.level != assessment.index_level)
    return tuple(
        dict.fromkeys(WithheldView(w.name, w.level or "", typeset(w.reason), typeset(w.remedy)) for w in ordered)
    )
