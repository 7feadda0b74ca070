"""Genant's semiquantitative grades of a whole spine, summed up. Grading itself is a visual reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.clinical.number import UNANSWERED, parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Advice, Average, Case, Input, Item, Score, all_of, any_of, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRADES = (0.0, 0.5, 1.0, 2.0, 3.0)

_LEVELS = tuple(level for level in Level if Level.T4.rank <= level.rank <= Level.L4.rank and level is not Level.T13)
_WORDS = tuple(f"{grade:g}" for grade in GRADES)


def _highest(grade: str) -> Advice:
    """That a grade is there and none above it; vertebrae that were not graded are not counted."""
    none_above = _WORDS[: _WORDS.index(grade) + 1]
    return Advice(
        say("Highest grade of those that were graded: {grade}.", grade=grade),
        all_of(
            any_of(*(word(level.lower(), grade, unknown=False) for level in _LEVELS)),
            *(word(level.lower(), *none_above, unknown=True) for level in _LEVELS),
        ),
    )


GENANT = Score(
    id="genant",
    name="Genant grades",
    version="1993",
    title="Genant grades of a spine, summed up",
    about="Fractured levels, highest grade, fracture index.",
    population="women after the menopause, T4-L4",
    not_for="levels outside T4-L4, and grades that were measured: grading is visual",
    evidence=("genant-1993",),
    function="from_pairs",
    examples=({"answers": ("T12=1", "L1=2", "L2=0", "L3=x")},),
    inputs=(
        Input(
            id="grades",
            name="Grades",
            kind="text",
            place="rest",
            option="LEVEL=GRADE",
            help="LEVEL=GRADE with grade 0, 0.5, 1, 2 or 3; x where the level could not be graded",
        ),
        *(
            Input(
                id=level.lower(),
                name=say("Grade of {level}", level=level),
                kind="word",
                place="rest",
                words=_WORDS,
                option=say("{level}=GRADE", level=level),
                help=say("Semiquantitative grade of {level}", level=level),
            )
            for level in _LEVELS
        ),
    ),
    items=tuple(
        Item(name=level, shows="grade {label}", cases=tuple(Case(float(w), w, word(level.lower(), w)) for w in _WORDS))
        for level in _LEVELS
    ),
    average=Average(at_least=1, times=1, partly="Fracture index of the {given} graded vertebrae."),
    unknown="not graded",
    advice=(
        Advice(
            "The total is the fracture index: the sum of the grades over the number of graded vertebrae. "
            "Fractured is grade 1 and more."
        ),
        *map(_highest, _WORDS),
    ),
    formula="sum of the grades / number of graded vertebrae; fractured from grade 1 on",
)
SCORES = (GENANT,)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenantSummary:
    """What the grades of a spine come to.

    ``fracture_index`` is the sum of the grades over the number of graded vertebrae. Grade 0.5 (suspicious, no 20 %
    loss) adds to the index but is no fracture. ``ungraded`` vertebrae are in no figure.
    """

    graded: tuple[Level, ...]
    ungraded: tuple[Level, ...]
    fractured: tuple[Level, ...]
    highest_grade: float | None
    grade_sum: float
    fracture_index: float | None
    advisories: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ("genant-1993",)


def genant(grades: Mapping[Level | str, float | None]) -> GenantSummary:
    """Sum up grades 0, 0.5, 1, 2, 3 by level; None is not graded.

    Raises:
        LevelError: a name that is no level.
        ScoreInputError: another grade, or a level given twice.
    """
    by_level: dict[Level, float | None] = {}
    for name, grade in grades.items():
        level = name if isinstance(name, Level) else Level.parse(name)
        if level in by_level:
            raise ScoreInputError(say("Genant, {level}", level=level), "is given twice", "Give each level once.")
        if grade is not None and grade not in GRADES:
            raise ScoreInputError(
                say("Genant, {level}", level=level), f"{grade!r} is no grade", "Give 0, 0.5, 1, 2 or 3."
            )
        by_level[level] = None if grade is None else float(grade)
    known = {level: by_level[level] for level in sorted(by_level, key=lambda level: level.rank)}
    graded = {level: grade for level, grade in known.items() if grade is not None}
    outside = [level for level in graded if not Level.T4.rank <= level.rank <= Level.L4.rank]
    return GenantSummary(
        graded=tuple(graded),
        ungraded=tuple(level for level in known if level not in graded),
        fractured=tuple(level for level, grade in graded.items() if grade >= 1),
        highest_grade=max(graded.values(), default=None),
        grade_sum=sum(graded.values()),
        fracture_index=sum(graded.values()) / len(graded) if graded else None,
        advisories=(say("Genant graded T4 to L4; outside are {join}.", join=joined(", ", outside)),) if outside else (),
    )


def from_pairs(answers: Sequence[str]) -> GenantSummary:
    """:func:`genant` of grades as written, ``L1=2``.

    Raises:
        As :func:`genant`. ScoreInputError: not LEVEL=GRADE, or a level written twice.
    """
    pairs: dict[str, float | None] = {}
    for text in answers:
        level, equals, grade = text.partition("=")
        if not equals or level in pairs:
            raise ScoreInputError(f"grade {text!r}", "cannot be read", "Write each level once, as L1=2.")
        pairs[level] = None if grade.strip() in UNANSWERED else parse_decimal(grade, field=text)
    return genant(pairs)
