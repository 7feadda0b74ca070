"""The findings that ask for a reader's word, one by one: what was suggested, how sure that is, and what may be said.

Vertebrae that look fractured, or could not be judged, and that nobody has named come first, then the findings of the
index vertebra that are a category. Numbers are corrected by their points and are not asked for. What stands in the
clinical file was said by a person already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard, get_args

from ovcf.assessment.findings.kinds import (
    CleftSign,
    Endplates,
    OfSuggestion,
    PosteriorWall,
    RecencySign,
    SqGrade,
    SuggestedFracture,
    T2Signal,
    looks_fractured,
)
from ovcf.language.worded import Words
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.reading.editing.edits import Overrule, SetState, State
from ovcf.reading.editing.lay_over import FACT_OF
from ovcf.render.words.wording import shares, typeset
from ovcf.server.views.findings.fact_kinds import BESIDE, CANNOT_TELL, FACT_KINDS, Value
from ovcf.vocabulary import Cleft, OfClass, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.findings.kinds import FindingData
    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.server.views.findings.fact_kinds import FactKind


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a reader may say, and the edit that says it, without its id, reader and time."""

    label: Words
    edit: dict[str, Value | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJudge:
    """One finding that asks for a word. ``id`` stays while the finding is asked for, whatever is said.

    ``take``, ``absent`` and ``unknown`` are the places among ``answers`` of what was suggested, of "there is none" and
    of "cannot tell"; None where there is no such. ``said`` is the place of what a reader said, by ``edits`` (newest
    first), None while nobody did. ``vertebra`` is shown with it, and the lines of the measurement ``lines``.
    """

    id: str
    vertebra: str
    level: str
    name: Words
    suggested: Words = ""
    sure: Words = ""
    reasons: tuple[Words, ...] = ()
    image: str = ""
    lines: str = ""
    answers: tuple[Answer, ...]
    take: int | None = None
    absent: int | None = None
    unknown: int | None = None
    said: int | None = None
    edits: tuple[str, ...] = ()


_ABSENT: dict[str, Value] = {
    "recent": False,
    "sq_grade": 0.0,
    "of_class": OfClass.NONE.value,
    "t2_pattern": T2Pattern.NONE.value,
    "cleft": Cleft.NONE.value,
    "superior_endplate": False,
    "inferior_endplate": False,
    "posterior_wall_fraction": 0.0,
}
_LINES = {"sq_grade": VERTEBRAL_HEIGHT_LOSS.id, "fracture_type": VERTEBRAL_HEIGHT_LOSS.id}
_STATES: tuple[State, ...] = get_args(State)
_NOT_ONE: State = "none of these"


def to_judge(now: Edited, assessment: Assessment, edits: Sequence[AnyEdit]) -> tuple[ToJudge, ...]:
    """All that asks for a word or was given one, in the order of reading; ``edits`` are those in force.

    Nothing is asked of an image on which the levels are still guesses.
    """
    return (*_of_the_spine(now, assessment, edits), *_of_the_index(now, assessment, edits))


def _of_the_spine(now: Edited, assessment: Assessment, edits: Sequence[AnyEdit]) -> Iterator[ToJudge]:
    """Vertebrae that look fractured or could not be judged: those not named yet, and those that a reader spoke of."""
    case, index = assessment.case, assessment.index_level
    levels = {id_: level for s in now.sets if not s.asked for id_, level in s.levels.items()}
    words: dict[Level, list[SetState | Overrule]] = {}
    for edit in reversed(edits):
        if _of_a_state(edit) and edit.vertebra in levels:
            words.setdefault(levels[edit.vertebra], []).append(edit)
    named = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.instrumented_levels}
    named |= {*case.focal_lesions}
    asked = {f.level: f for f in assessment.suggested_fractures if f.level not in named or f.level in words}
    for level in (*asked, *(level for level in words if level not in asked)):
        vertebra = None if level in (None, index) else shown_on(now, level, asked.get(level))
        if vertebra is not None and level is not None:
            yield _suspect(vertebra, level, asked.get(level), words.get(level, []), no_index=index is None)


def _of_a_state(edit: AnyEdit) -> TypeGuard[SetState | Overrule]:
    """Whether it says what a vertebra is, or that nobody can tell."""
    return isinstance(edit, SetState) or (
        isinstance(edit, Overrule) and edit.finding == "sq_grade" and edit.value is None
    )


def cannot_tell(vertebra: str) -> dict[str, Any]:
    """The edit that says of a vertebra that nobody can tell whether it is fractured."""
    return {"kind": "overrule", "vertebra": vertebra, "finding": "sq_grade", "value": None}


def _suspect(
    vertebra: str, level: Level, f: Finding | None, said: Sequence[SetState | Overrule], *, no_index: bool
) -> ToJudge:
    first = (Answer("the fracture to assess", {"kind": "choose index", "vertebra": vertebra}),) if no_index else ()
    answers = (
        *first,
        *(Answer(state, {"kind": "set state", "vertebra": vertebra, "state": state}) for state in _STATES),
        Answer(CANNOT_TELL.label, cannot_tell(vertebra)),
    )
    at = {answer.label: place for place, answer in enumerate(answers)}
    looks = f is not None and looks_fractured(f.data)
    unclear = f is not None and not looks and isinstance(f.data, SuggestedFracture)
    recent = f.data.recent if f is not None and isinstance(f.data, SuggestedFracture) else None
    suggested: State | None = {True: _STATES[0], False: _STATES[1], None: None}[recent]
    take = (0 if no_index else at.get(suggested or "")) if looks else None
    newest = said[0] if said else None
    word = newest.state if isinstance(newest, SetState) else CANNOT_TELL.label
    name: Words = "Fracture" if f is None else "Looks fractured" if looks else "Could not be judged"
    if unclear:
        name = "Marrow signal not clear"
    return ToJudge(
        id=f"{level} state",
        vertebra=vertebra,
        level=level.value,
        name=name,
        suggested=typeset(f.value) if f is not None and looks else "",
        reasons=tuple(map(typeset, filter(None, f.reasons))) if f is not None else (),
        image=f.image if f is not None else "",
        answers=answers,
        take=take,
        absent=at[_NOT_ONE],
        unknown=at[CANNOT_TELL.label],
        said=at[word] if newest is not None else None,
        edits=tuple(edit.id for edit in said),
    )


def _of_the_index(now: Edited, assessment: Assessment, edits: Sequence[AnyEdit]) -> Iterator[ToJudge]:
    index = assessment.index_level
    if index is None:
        return
    own = {id_ for s in now.sets for id_, level in s.levels.items() if level == index}
    told = [e for e in reversed(edits) if isinstance(e, Overrule) and e.vertebra in own]
    for kind in FACT_KINDS:
        if not kind.options:
            continue
        said = [e for e in told if e.finding == kind.finding]
        f = _read(assessment, kind, index)
        if said or kind.finding not in BESIDE or (f is not None and _speaks(kind.finding, f.data)):
            vertebra = shown_on(now, index, f)
            given = getattr(now.case, FACT_OF.get(kind.finding, kind.finding), None)
            if vertebra is not None and (said or given is None):
                yield _of_kind(kind, vertebra, index, f, said)


def _read(assessment: Assessment, kind: FactKind, level: Level) -> Finding | None:
    """What was measured, on the first of the images that it was read on."""
    wanted = Endplates if kind.finding.endswith("_endplate") else BESIDE.get(kind.finding)
    if not isinstance(wanted, type):
        return None
    found = (f for f in assessment.findings if isinstance(f.data, wanted) and f.level == level and not f.by_reader)
    return next(found, None)


def _of_kind(kind: FactKind, vertebra: str, level: Level, f: Finding | None, said: Sequence[Overrule]) -> ToJudge:
    answers = tuple(
        Answer(o.label, {"kind": "overrule", "vertebra": vertebra, "finding": kind.finding, "value": o.value})
        for o in kind.options
    )
    values = [o.value for o in kind.options]
    suggested = None if f is None else _suggested(kind.finding, f.data)
    made = ToJudge(
        id=f"{level} {kind.finding}",
        vertebra=vertebra,
        level=level.value,
        name=kind.label,
        lines=_LINES.get(kind.finding, ""),
        answers=answers,
        take=None if suggested is None else values.index(suggested),
        absent=values.index(_ABSENT[kind.finding]) if kind.finding in _ABSENT else None,
        unknown=values.index(None),
        said=values.index(said[0].value) if said and said[0].value in values else None,
        edits=tuple(e.id for e in said),
    )
    if f is None:
        return made
    return replace(
        made,
        suggested=answers[made.take].label
        if isinstance(f.data, Endplates) and made.take is not None
        else typeset(f.value),
        sure=shares(f.probability),
        reasons=tuple(map(typeset, filter(None, f.reasons))),
        image=f.image,
    )


def _suggested(finding: str, data: FindingData) -> Value:
    """What was suggested, as a reader would say it; None where the reader must decide."""
    match data:
        case RecencySign(recent=recent):
            return recent
        case SqGrade(grade=grade):
            return float(grade)
        case OfSuggestion(of=of):
            return None if of is None else of.value
        case T2Signal(pattern=pattern, sure=sure):
            return pattern.value if sure else None
        case CleftSign(cleft=cleft):
            return cleft.value
        case Endplates(superior=superior, inferior=inferior):
            return superior if finding == "superior_endplate" else inferior
        case PosteriorWall(involved=involved):  # less than a fifth may be none, or some
            return 0.2 if involved else None
    return None


def _speaks(finding: str, data: FindingData) -> bool:
    """Whether anything was read: of endplates that cannot be told, nothing was."""
    return not isinstance(data, Endplates) or _suggested(finding, data) is not None


def shown_on(now: Edited, level: Level, f: Finding | None) -> str | None:
    """The vertebra on the image that a finding was read on, else on one like it, else on the first that shows it."""
    own = [(s.seen.source, s.id_of(level)) for s in now.sets if not s.asked and s.id_of(level) is not None]
    images = {source.image for source in f.sources} if f is not None else set()
    kinds = {source.modality for source in f.sources} if f is not None else set()
    best = max(own, key=lambda one: (one[0].image in images, one[0].modality in kinds), default=None)
    return None if best is None else best[1]
