"""What a published score says of itself, as plain data: inputs, items, groups or classes, limits, sources.

From one declaration follow its command, its array version, its row of the documentation and the JSON from which a page
without Python computes. :mod:`ovcf.scores.rules` says what conditions come to; nothing here computes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args, get_type_hints

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.units import Unit

Kind = Literal["number", "whole", "word", "level", "flag", "text", "numbers"]
Relation = Literal["in", "<", "<=", "=", ">=", ">"]
Word = bool | float | str
Operation = Literal["+", "-", "*", "/", "abs", "min", "max", "floor", "by word", "first known"]
Example = Word | tuple[Word | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing to know. ``name`` stands in forms and messages, ``help`` in the help of the command line.

    ``words`` are the choices; ``decimals`` how a number is shown (None: as few as it has). ``case_field`` is the field
    of the clinical file that holds it, with its section before a point; ``derived`` names what an assessment makes of
    the file for it (:mod:`ovcf.assessment.field_scores`). ``option`` is its name on the command line, or ``place`` puts
    it before the options; inputs of place "rest" are given one after the other, and
    reach ``function`` as one list, ``answers``. ``error_of`` names the input whose standard deviation this one is;
    ``unknown_word`` is one of the words that says that it is not known. Of kind "numbers", up to ``many`` are given
    together: arithmetic names them ``id[1]`` and so on, and their count ``id``, which is not known where one is not.
    """

    id: str
    name: str
    kind: Kind = "number"
    help: str = ""
    unit: Unit | None = None
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    words: tuple[str, ...] = ()
    case_field: str = ""
    derived: str = ""
    option: str = ""
    place: Literal["option", "first", "rest"] = "option"
    required: bool = False
    default: Word | None = None
    error_of: str = ""
    unknown_word: str = ""
    many: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its numbers: its id; of several given together their count, then each, as ``answer[1]``."""
        return (self.id, *(f"{self.id}[{k}]" for k in range(1, self.many + 1)))

    @property
    def typed_as(self) -> str:
        """What stands for it on the command line."""
        return f"--{self.option or self.id.replace('_', '-')}" if self.place == "option" else self.name

    @property
    def said(self) -> str:
        """Its name within a sentence."""
        return self.name[:1].lower() + self.name[1:] if self.name[1:2].islower() else self.name

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible number, infinite where there is no limit."""
        return (-math.inf if self.low is None else self.low), (math.inf if self.high is None else self.high)


def of_case(case_field: str, name: str, **more: Any) -> Input:
    """An input that the clinical file knows: its kind, range, words and help are those of the field.

    A field of a section has the section before a point, and the id of the field.
    """
    section, _, inner = case_field.rpartition(".")
    record: type = _hints(ClinicalCase)[section] if section else ClinicalCase
    field = next(f for f in fields(record) if f.name == inner)
    hint = next(t for t in get_args(_hints(record)[inner]) if t is not type(None))
    kinds = {bool: "flag", float: "number", int: "whole", Level: "level"}
    words: tuple[str, ...] = get_args(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        words = tuple(hint)
    known = {
        "id": inner,
        "kind": kinds.get(hint, "word"),
        "help": field.metadata["description"],
        "words": words,
        "low": field.metadata.get("ge"),
        "high": field.metadata.get("le"),
    }
    return Input(**{**known, **more}, name=name, case_field=case_field)


@cache
def _hints(record: type) -> dict[str, Any]:
    """The types of a record's fields, which take a while to find and are asked for by each of a hundred inputs."""
    return get_type_hints(record)


@dataclass(frozen=True, slots=True)
class Fact:
    """Whether an input is one of ``values``, or lies so to the one limit in it; numbers within 1e-9 are equal.

    ``unknown`` is the answer where the input is not known (None: then the answer is not known either). Beside the
    inputs, quantities, ``total`` and ``class`` can be asked for.
    """

    input: str
    relation: Relation
    values: tuple[Word, ...]
    unknown: bool | None = None


@dataclass(frozen=True, slots=True)
class Calc:
    """Arithmetic: operands are numbers, ids of inputs or of quantities named before, or arithmetic again.

    "by word" takes an input of words, then one operand for each of its words in order; "first known" is the first
    operand that is known. Else what rests on something that is not known, or divides by 0, is not known. Words count as
    their place, a flag as 0 or 1.
    """

    do: Operation
    of: tuple[Calc | float | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number that a score makes of its inputs: conditions and texts name it by its id, as they name an input.

    ``signed``: shown with its sign, as a change is.
    """

    id: str
    name: str
    value: Calc
    unit: Unit | None = None
    decimals: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Some:
    """Whether at least so many of several conditions hold."""

    at_least: int
    of: tuple[Condition, ...]


Condition = Fact | Some


ALWAYS = Some(0, ())
"""A condition that nothing has to meet."""


def number(input_: str, relation: Relation, limit: float, *, unknown: bool | None = None) -> Fact:
    """A limit on a number."""
    return Fact(input_, relation, (limit,), unknown)


def word(input_: str, *words: str, unknown: bool | None = None) -> Fact:
    """One of some words."""
    return Fact(input_, "in", words, unknown)


def flag(input_: str, answer: bool = True, *, unknown: bool | None = None) -> Fact:
    """A yes, or a no."""
    return Fact(input_, "in", (answer,), unknown)


def not_known(input_: str) -> Fact:
    """Whether an input was not given."""
    return Fact(input_, "in", (), True)


def any_of(*conditions: Condition) -> Some:
    """At least one."""
    return Some(1, conditions)


def all_of(*conditions: Condition) -> Some:
    """Every one."""
    return Some(len(conditions), conditions)


@dataclass(frozen=True, slots=True)
class Case:
    """The points of an item when a condition holds and none before it did; no condition means otherwise.

    ``points`` None: the source does not score this, and ``outside`` says so.
    """

    points: float | None
    label: str
    when: Condition | None = None
    note: str = ""
    outside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a score. ``shows`` is the finding as text: {label} of the case, or {an input}.

    ``parts`` are findings listed by name instead. ``zero_if_unknown``: the source counts what is not known as 0 (or as
    the nearest to it that is still possible). ``when``: the item belongs to the score only then.
    """

    name: str
    cases: tuple[Case, ...]
    shows: str = "{label}"
    parts: tuple[tuple[str, Condition], ...] = ()
    zero_if_unknown: bool = False
    when: Condition | None = None

    @property
    def limits(self) -> tuple[float, ...]:
        """The numbers at which its points change, where it is scored by how large one number is."""
        return tuple(
            float(case.when.values[0])
            for case, below in pairwise(self.cases)
            if isinstance(case.when, Fact) and case.when.relation != "in" and case.points not in (None, below.points)
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A group of totals, or a class of findings: the first whose condition holds.

    The ``meaning`` of a class may show {an input} or {a quantity}.
    """

    label: str
    when: Condition | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a patient is like those of the source. ``asked``: name it among what is not known."""

    name: str
    alike: Condition
    otherwise: str
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """What must be said beside the result, always or when a condition holds, and what it rests on."""

    text: str
    when: Condition | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to the groups of the source: the figure of an evidence entry, (events, patients), for each.

    ``care`` is (evidence, figure): the treatment under which it happened.
    """

    title: str
    evidence: str
    counts: tuple[tuple[str, str], ...]
    note: str
    care: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Average:
    """A total that is the mean of the answered items times a factor, from so many answers on.

    ``partly`` is said where some are not answered; {given} is how many are.
    """

    at_least: int
    times: float
    partly: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A published score (``items``), classification (``classes``, of ``quantities`` where a rule has arithmetic), or
    a formula that only Python computes.

    ``function`` names the function of the same file that the command calls; without one the tables are all there is.
    ``examples`` are inputs by their id; those of place "rest" stand together as ``answers``, None is one not given.
    ``population`` says on whom it was derived, or for whom it is meant, ``not_for`` what must not be done with it;
    ``holds_for`` the only patients for whom anything may be concluded from it, where that is not asked among the
    inputs: it is said before every result. ``alerts`` are what goes before any score, and stand first.
    ``assessed``: when an assessment works it out by itself, once something of its own section of the clinical file is
    entered (None: never; ``ALWAYS``).
    """

    id: str
    name: str
    version: str
    title: str
    population: str
    not_for: str
    evidence: tuple[str, ...]
    inputs: tuple[Input, ...]
    examples: tuple[Mapping[str, Example], ...]
    about: str = ""
    quantities: tuple[Quantity, ...] = ()
    holds_for: str = ""
    items: tuple[Item, ...] = ()
    groups: tuple[Group, ...] = ()
    classes: tuple[Group, ...] = ()
    checks: tuple[Check, ...] = ()
    flags: tuple[Advice, ...] = ()
    advice: tuple[Advice, ...] = ()
    assessed: Condition | None = None
    alerts: tuple[Advice, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    average: Average | None = None
    unknown: str = "not known"
    formula: str = ""
    function: str = ""

    def item(self, name: str) -> Item:
        """One of its items, by its name."""
        return next(item for item in self.items if item.name == name)

    def __post_init__(self) -> None:
        of_totals = ("checks", "groups", "outcomes", "average")
        if self.classes and (vain := [name for name in of_totals if getattr(self, name)]):
            raise ValueError(
                f"{self.id}: {', '.join(vain)} are of a score with items, and nothing would look at them here. "
                "Where a classification does not hold, let its first class say so, as in t_score.py."
            )

    def input(self, id_: str) -> Input:
        """The input of an id."""
        return next(i for i in self.inputs if i.id == id_)

    @property
    def named(self) -> tuple[Input | Quantity, ...]:
        """Whatever a condition may ask for: inputs, then quantities."""
        return self.inputs + self.quantities

    def asked_by(self, id_: str) -> tuple[str, ...]:
        """The ids of the inputs that a quantity rests on, each once; those of an input are itself."""
        found = next((q for q in self.quantities if q.id == id_), None)
        if found is None:
            return tuple(i.id for i in self.inputs if id_ in i.columns)
        return tuple(dict.fromkeys(name for part in _names(found.value) for name in self.asked_by(part)))


def _names(part: Calc | float | str) -> tuple[str, ...]:
    if isinstance(part, Calc):
        return tuple(name for operand in part.of for name in _names(operand))
    return (part,) if isinstance(part, str) else ()
