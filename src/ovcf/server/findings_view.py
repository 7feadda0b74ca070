"""What was read of the index vertebra, what the reader may say instead, and what was withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.finding import (
    CleftSign,
    Endplates,
    OfSuggestion,
    PosteriorWall,
    RecencySign,
    SqGrade,
    SuggestedFracture,
    T2Signal,
)
from ovcf.assessment.finding_words import spoken
from ovcf.reading.edits import FindingName, Overrule
from ovcf.reading.lay_over import FACT_OF
from ovcf.report.tables import finding_row
from ovcf.report.wording import typeset
from ovcf.vocabulary import Cleft, FractureType, OfClass, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.reading.edited import Edited
    from ovcf.reading.edits import AnyEdit

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
    """A finding of the index vertebra that the reader's own word goes before.

    ``otherwise`` says what holds where the reader says nothing; ``edits`` are those by which the reader said ``value``,
    newest first, and taking them back restores it.
    """

    finding: FindingName
    label: str
    otherwise: str
    value: Value
    edits: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class WithheldView:
    """What was not measured, why, and what to do."""

    name: str
    level: str
    reason: str
    remedy: str


def _options(words: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(str(word), str(word)) for word in words)


_INTACT = (Option(True, "fractured"), Option(False, "intact"))
_WALL = (Option(0.0, "not involved"), Option(0.1, "less than 1/5"), Option(0.2, "1/5 or more"))
_GRADES = tuple(Option(float(grade), f"grade {grade}") for grade in range(4))
_CANNOT_TELL = Option(None, "cannot tell")
#: (finding, what it is called, the kind of measured finding beside it, what may be said)
_FACTS: tuple[tuple[FindingName, str, type | None, tuple[Option, ...]], ...] = (
    ("fracture_type", "Fracture type", None, _options(FractureType)),
    ("recent", "Recent", RecencySign, (Option(True, "recent"), Option(False, "not recent"))),
    ("sq_grade", "Genant grade", SqGrade, _GRADES),
    ("of_class", "OF class", OfSuggestion, _options(OfClass)),
    ("t2_pattern", "T2 signal pattern", T2Signal, _options(T2Pattern)),
    ("cleft", "Cleft", CleftSign, _options(Cleft)),
    ("superior_endplate", "Superior endplate", Endplates, _INTACT),
    ("inferior_endplate", "Inferior endplate", Endplates, _INTACT),
    ("posterior_wall_fraction", "Posterior wall", PosteriorWall, _WALL),
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
        outline = f.data.outline if isinstance(f.data, SuggestedFracture) else ()
        told = [f"{words.name}: {words.value}" for words in (spoken(o, by_reader=False) for o in outline)]
        found.append(
            SeenFinding(
                row["name"], f.level or "", typeset(row["value"]), row["probability"],
                tuple(map(typeset, (*row["reasons"], *told))), f.image, is_suggested,
            )
        )  # fmt: skip
    return tuple(found)


def facts_of(now: Edited, assessment: Assessment, edits: Sequence[AnyEdit]) -> tuple[Fact, ...]:
    """What the reader may overrule of the index vertebra; ``edits`` are those in force."""
    index = assessment.index_level
    if index is None:
        return ()
    here = {id_ for s in now.sets for id_, level in s.levels.items() if level == index}
    measured = {type(f.data): f.value for f in reversed(assessment.findings) if f.level == index and not f.by_reader}
    found = []
    for name, label, beside, options in _FACTS:
        own = [e for e in reversed(edits) if isinstance(e, Overrule) and e.vertebra in here and e.finding == name]
        given = None if own else getattr(now.case, FACT_OF.get(name, name), None)
        words = {o.value: o.label for o in options}
        otherwise = f"given: {words.get(given, given)}" if given is not None else ""
        if not otherwise and not own and beside in measured:
            otherwise = f"measured: {measured[beside]}"
        found.append(
            Fact(
                name, label, otherwise, own[0].value if own else None, tuple(e.id for e in own),
                (*options, _CANNOT_TELL),
            )
        )  # fmt: skip
    return tuple(found)


def withheld_of(assessment: Assessment) -> tuple[WithheldView, ...]:
    """What was not measured, the index vertebra first; each once."""
    ordered = sorted(assessment.withheld, key=lambda w: w.level != assessment.index_level)
    return tuple(
        dict.fromkeys(WithheldView(w.name, w.level or "", typeset(w.reason), typeset(w.remedy)) for w in ordered)
    )
