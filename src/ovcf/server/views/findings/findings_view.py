"""What was read of the index vertebra, what the reader may say instead, and what was withheld."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding_words import spoken
from ovcf.assessment.findings.kinds import Endplates, SuggestedFracture, looks_fractured
from ovcf.language.worded import Words, say
from ovcf.reading.editing.edits import FindingName, Overrule
from ovcf.reading.editing.lay_over import FACT_OF
from ovcf.render.words import remedies
from ovcf.render.words.wording import quantity, shares, typeset
from ovcf.server.views.findings.fact_kinds import BESIDE, FACT_KINDS, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import AnyEdit

    Measured = dict[tuple[type | str | None, Level | None], str]
    """By the kind of a finding, the method of a measurement or the name of an endplate, and by level."""

_GIVEN_WAY = {True: "fractured", False: "intact", None: "cannot be told"}
"""Of one endplate, as the reader may say it, too."""

_SHOWN = frozenset({*BESIDE.values(), Endplates})


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding in words. ``suggested`` marks a vertebra that looks fractured and was not named.

    A vertebra that could not be judged, or whose marrow is not clear, does not look fractured: its ``name`` is its
    level.
    """

    name: Words
    level: str
    value: Words
    doubt: Words
    reasons: tuple[Words, ...]
    image: str
    suggested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What holds of one vertebra for a finding of :data:`ovcf.server.views.findings.fact_kinds.FACT_KINDS`.

    ``otherwise`` says what holds where the reader says nothing; ``edits`` are those by which the reader said ``value``,
    newest first, and taking them back restores it.
    """

    finding: FindingName
    otherwise: Words = ""
    value: Value = None
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithheldView:
    """What was not measured, why, and what to do."""

    name: Words
    level: str
    reason: Words
    remedy: Words


def findings_of(assessment: Assessment) -> dict[str, SeenFinding]:
    """Suggested fractures that nobody has named, those that could not be judged, then what was read of the index
    vertebra and of the spine."""
    case, index = assessment.case, assessment.index_level
    named = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.focal_lesions}
    suggested = [(f, True) for f in assessment.suggested_fractures if f.level not in named]
    own = [(f, False) for f in assessment.findings if f.level in (index, None)]
    found: dict[str, SeenFinding] = {}
    for f, is_suggested in (*suggested, *own):
        said = f.words
        not_judged = is_suggested and not looks_fractured(f.data)
        outline = f.data.outline if isinstance(f.data, SuggestedFracture) else ()
        told = [
            say("{words}: {words_2}", words=words.name, words_2=words.value)
            for words in (spoken(o, by_reader=False) for o in outline)
        ]
        key = say(
            "{f} {value} {image} {value_2}",
            f=said.name,
            value=f.level or "",
            image=f.image,
            value_2="suggested" if is_suggested else "",
        )
        while key in found:
            key += "+"
        found[key] = SeenFinding(
            str(f.level) if not_judged else said.name.replace("_", " "),
            f.level or "",
            typeset(said.value),
            shares(said.probability),
            tuple(map(typeset, (*filter(None, f.reasons), *told))),
            f.image,
            is_suggested and not not_judged,
        )
    return found


def facts_of(now: Edited, assessment: Assessment, edits: Sequence[AnyEdit], scored: str) -> dict[str, tuple[Fact, ...]]:
    """What holds of each vertebra, by identity; ``edits`` are those in force, ``scored`` is the image that the score is
    taken from."""
    levels = {id_: level for s in now.sets for id_, level in s.levels.items()}
    said: dict[tuple[Level, str], list[Overrule]] = defaultdict(list)  # bodies of one name are one vertebra
    for edit in reversed(edits):
        if isinstance(edit, Overrule) and edit.vertebra in levels:
            said[levels[edit.vertebra], edit.finding].append(edit)
    measured = measured_of(assessment, scored)
    of = {level: tuple(_facts(level, now, said, measured)) for level in set(levels.values())}
    return {id_: () if s.asked else of[level] for s in now.sets for id_, level in s.levels.items()}


def _facts(
    level: Level, now: Edited, said: Mapping[tuple[Level, str], list[Overrule]], measured: Measured
) -> Iterator[Fact]:
    is_index = level == now.case.index_level
    for kind in FACT_KINDS:
        if kind.of_index and not is_index:
            continue
        given = getattr(now.case, FACT_OF.get(kind.finding, kind.finding), None) if is_index else None
        if own := said.get((level, kind.finding)):
            yield Fact(finding=kind.finding, value=own[0].value, edits=tuple(e.id for e in own))
        elif given is not None:
            words = {o.value: o.label for o in kind.options}
            yield Fact(finding=kind.finding, otherwise=say("given: {get}", get=words.get(given, given)))
        elif beside := measured.get((BESIDE.get(kind.finding), level)):
            yield Fact(finding=kind.finding, otherwise=say("measured: {beside}", beside=beside))


def measured_of(assessment: Assessment, scored: str) -> Measured:
    """Findings by name and measurements by method, of each level: on the scored image, else on the first of several."""
    first_last = [
        m
        for scored_one in (False, True)
        for m in reversed(assessment.measurements)
        if (m.source.image == scored) is scored_one and m.method.id in _SHOWN
    ]
    found: Measured = {(m.method.id, m.index_level): quantity(m.value, m.unit) for m in first_last}
    for f in reversed(assessment.findings):
        if f.by_reader or type(f.data) not in _SHOWN:
            continue
        found[type(f.data), f.level] = f.value
        if isinstance(f.data, Endplates):
            found["superior_endplate", f.level] = _GIVEN_WAY[f.data.superior]
            found["inferior_endplate", f.level] = _GIVEN_WAY[f.data.inferior]
    return {**found, ("vbq", assessment.index_level): found.get(("vbq", None), "")}


def withheld_of(assessment: Assessment) -> tuple[WithheldView, ...]:
    """What was not measured, the index vertebra first; each once."""
    ordered = sorted(assessment.withheld, key=lambda w: w.level != assessment.index_level)
    return tuple(
        dict.fromkeys(
            WithheldView(w.name, w.level or "", typeset(w.reason), typeset(remedies.words(w.remedy))) for w in ordered
        )
    )
