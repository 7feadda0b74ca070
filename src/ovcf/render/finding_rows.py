"""Findings of the index vertebra as a table: the question, the reading, how probable it is, and on what it is based."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.by_outline import CHOICE, EDEMA, ENDPLATES, NOT_SEEN, OF_CLASS, SIGNAL, WALL
from ovcf.assessment.result import SpineGrades
from ovcf.measures.edema import BONE_MARROW_EDEMA
from ovcf.measures.endplates_and_wall import BULGE_LIMIT_MM, SINK, SINK_LIMIT_PERCENT, WALL_BULGE
from ovcf.measures.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.measures.t2_pattern import LOW_T2_AREA
from ovcf.render import charts
from ovcf.render.blocks import bold, chart, cited, column, hold, said, soft, table
from ovcf.render.score_words import CERTAIN_ENOUGH, LEAST_SAID, likely
from ovcf.render.seen import image_words
from ovcf.render.values import limits_of, near, value_text
from ovcf.render.wording import estimate, listed, plain, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.assessment.result import Finding
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen

    Cite = Callable[[Iterable[str]], list[str]]

_LIMIT_OF_RECENT = 10.0
_AS_READ = "SQ as readers grade"
_ALL_LEVELS = "Genant over the spine, from measurement"
_TALLER_BEHIND = "Radiograph sign: posterior - anterior height > 3 mm"
_SHORTER = "Radiograph sign: more than 20 % shorter than the body above or below"
_SIGNS = {
    _TALLER_BEHIND: "posterior height over 3\u00a0mm more than anterior",
    _SHORTER: "20% shorter than a neighbour",
}
#: The question that each finding answers, in the order of the table; several findings may answer one.
QUESTIONS: dict[str, str] = {
    SIGNAL: "Recent?",
    "SQ_from_measurement": "Shape and grade",
    _AS_READ: "Grade as readers give it",
    "Morphometry (Eastell)": "Deformed beyond normal?",
    "Morphometry (McCloskey)": "Deformed beyond normal?",
    _TALLER_BEHIND: "Radiograph signs",
    _SHORTER: "Radiograph signs",
    "T2 signal pattern": "T2 pattern",
    "Marrow edema level": "Edema level",
    EDEMA: "Edema beside endplates",
    "Cleft, suggested": "Cleft",
    "Cleft": "Cleft",
    WALL: "Posterior wall",
    ENDPLATES: "Endplates",
    OF_CLASS: "OF class",
    "Neighbour looks fractured": "Neighbours",
    "WHO class of the T-score (1994)": "Bone density",
    _ALL_LEVELS: "All levels",
}
_ORDER = {name: i for i, name in enumerate(dict.fromkeys(QUESTIONS.values()))}
#: Words of the core that say too little alone.
_VALUES = {"unknown": "cannot be told", "none": "none seen", "reader must decide": "the reader must decide"}
_SIDES = {"both": "both", "superior": "upper", "inferior": "lower", "none": "neither"}


def findings_table(seen: Seen, cite: Cite) -> list[Block]:
    """The table; nothing where nothing was read."""
    own = [f for f in seen.assessment.findings if f.level == seen.index or f.level is None]
    by_question: dict[str, list[Finding]] = {}
    for f in own:
        by_question.setdefault(QUESTIONS.get(f.name, f.name.replace("_", " ")), []).append(f)
    ordered = sorted(by_question.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER)))
    if not ordered:
        return []
    columns = [
        column("Question", width=1.1), column("Reading", width=1.2), column("Probability", width=1.35),
        column("Based on", width=2.6),
    ]  # fmt: skip
    return [table(columns, [_row(question, found, seen, cite) for question, found in ordered], style="findings")]


def _row(question: str, found: Sequence[Finding], seen: Seen, cite: Cite) -> list[Text]:
    first = _first(found, seen)
    refs = cited(cite(id_ for f in found for id_ in f.evidence))
    if first.name in _SIGNS:
        return [said(bold(question)), *_signs(found, seen), said("Signs of the teaching case", refs)]
    return [said(bold(question)), _reading(first), _probability(first), said(_based_on(first, found, seen), refs)]


def _signs(found: Sequence[Finding], seen: Seen) -> list[Text]:
    """The signs of a fracture on a radiograph in one row: what each says, and how probable it is."""
    first = {name: _first(same, seen) for name in _SIGNS if (same := [f for f in found if f.name == name])}
    read = "; ".join(f"{_SIGNS[name]}: {_VALUES.get(f.value, f.value)}" for name, f in first.items())
    sure = ", ".join(estimate(f.probability[0][1]) if f.probability else "not estimated" for f in first.values())
    return [said(read[:1].upper() + read[1:]), said(sure)]


def _first(found: Sequence[Finding], seen: Seen) -> Finding:
    """That on the radiograph goes before that on MRI, the reader's before both; else the order of the record."""

    def order(f: Finding) -> int:
        source = seen.source_of(f.image)
        return 0 if source is None else 1 if source.modality.value == "radiograph" else 2

    return min(found, key=order)


def _reading(f: Finding) -> Text:
    if isinstance(f.data, SpineGrades):
        graded = [level for level, _ in f.data.graded]
        said_ = f"{spans(f.data.fractured)} fractured" if f.data.fractured else "none fractured"
        return said(f"{said_} of {len(graded)} graded ({spans(graded)})" if graded else "none graded")
    words = _SIDES.get(f.value, f.value) if f.name in (ENDPLATES, EDEMA) else _VALUES.get(f.value, f.value)
    if f.name == "SQ_from_measurement":
        words = f"Genant {words}"
    top = max((p for _, p in f.probability), default=1.0)
    doubt = top < CERTAIN_ENOUGH and len(f.probability) > 1
    return said(plain(words), hold(", uncertain") if doubt else "")


def _probability(f: Finding) -> Text:
    if not f.probability:
        return said(soft("not estimated"))
    if len(f.probability) == 1:
        return said(estimate(f.probability[0][1]))
    named = [(_VALUES.get(name, name), p) for name, p in f.probability if p >= LEAST_SAID]
    return said(chart(charts.shares_bar(named), 30, ""), " ", likely(named))


def _based_on(first: Finding, found: Sequence[Finding], seen: Seen) -> str:
    made = {
        SIGNAL: _of_recency, "Marrow edema level": _of_edema, "T2 signal pattern": _of_t2, WALL: _of_wall,
        ENDPLATES: _of_endplates, _AS_READ: _of_readers, _ALL_LEVELS: _of_all_levels,
    }.get(first.name)  # fmt: skip
    words = made(seen) if made is not None else ""
    if not words:
        kept = [plain(r) for r in first.reasons if r not in (NOT_SEEN, CHOICE) and r != "rule: plain"]
        words = "; ".join(w for w in kept if w)
        words = words[:1].upper() + words[1:]
    words += "." if words and not words.endswith((".", "?")) else ""
    if first.name == OF_CLASS:
        words += " Follows from endplates and wall; enters no score. OF5 cannot be seen in the bodies: exclude it."
    return " ".join(part for part in (_on(first, seen), words, _elsewhere(first, found, seen)) if part)


def _on(first: Finding, seen: Seen) -> str:
    source = seen.source_of(first.image) if first.name == "SQ_from_measurement" else None
    return "" if source is None else f"Heights on {image_words(source)}."


def _elsewhere(first: Finding, found: Sequence[Finding], seen: Seen) -> str:
    """The same question on other images, where it has the same name."""
    lines = []
    for f in found:
        source = seen.source_of(f.image)
        if f is first or f.name != first.name or source is None:
            continue
        single = len(f.probability) == 1
        words = f"{f.value}, {estimate(f.probability[0][1])}" if single else likely(f.probability)
        lines.append(f"On {image_words(source)}: {words or _VALUES.get(f.value, f.value)}.")
    return " ".join(dict.fromkeys(lines))


def _of_recency(seen: Seen) -> str:
    parts = []
    for method, series in ((T1_LOW, "T1 low"), (FLUID_HIGH, "STIR or fat-suppressed T2 high")):
        m = seen.measured(method.id)
        if m is not None:
            parts.append(f"{series} in {value_text(m)}")
    return f"{listed(parts)} of the body; limit {_LIMIT_OF_RECENT:g}% each" if parts else ""


def _of_edema(seen: Seen) -> str:
    m = seen.measured(BONE_MARROW_EDEMA.id)
    return "" if m is None else f"Edema in {value_text(m)} of the body; minor below 25%, severe from 75%"


def _of_t2(seen: Seen) -> str:
    m = seen.measured(LOW_T2_AREA.id)
    return "" if m is None else f"Low signal in {value_text(m)} of the mid-sagittal area; diffuse low: more than half"


def _of_wall(seen: Seen) -> str:
    m = seen.measured(WALL_BULGE.id)
    if m is None:
        return ""
    look = ". Near the limit: look yourself" if near(limits_of(m), BULGE_LIMIT_MM) else ""
    return f"{value_text(m)} behind its corners; limit {BULGE_LIMIT_MM:g}\u00a0mm{look}"


def _of_endplates(seen: Seen) -> str:
    found = [m for side in ("superior", "inferior") if (m := seen.measured(SINK[side].id)) is not None]
    if not found:
        return ""
    look = any(near(limits_of(m), SINK_LIMIT_PERCENT) for m in found)
    depths = listed([value_text(m) for m in found])
    return (
        f"Upper and lower endplate depressed by {depths} of the neighbours' height; limit {SINK_LIMIT_PERCENT:g}%"
        + (". Near the limit: look yourself" if look else "")
    )


def _of_readers(seen: Seen) -> str:
    del seen
    return (
        "How the readers of a population survey would likely have graded such heights on lateral DXA; the error of the "
        "landmarks is not in it"
    )


def _of_all_levels(seen: Seen) -> str:
    ungraded = () if seen.grades is None else seen.grades.ungraded
    named = [u.level for u in ungraded if u.level is not None]
    open_ = f"Not graded: {spans(named)}. " if named else ""
    return open_ + "Not excluded: a fracture outside the levels graded, or a recent one that has not lost height"
