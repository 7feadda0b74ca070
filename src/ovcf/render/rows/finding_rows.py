"""Findings of the index vertebra as a table: the question, the reading, how probable it is, and on what it is based."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings import kinds
from ovcf.assessment.findings.finding_over_time import CementedBody
from ovcf.assessment.measured.by_outline import CHOICE, NOT_SEEN
from ovcf.language.worded import capital, joined, say
from ovcf.render import charts
from ovcf.render.blocks import bold, chart, cited, column, hold, said, soft, table
from ovcf.render.rows.change_rows import OVER_TIME
from ovcf.render.rows.finding_basis import based_on
from ovcf.render.seen import image_words
from ovcf.render.words.score_words import CERTAIN_ENOUGH, MIN_SAID, likely
from ovcf.render.words.wording import estimate, plain, sentence, spans
from ovcf.vocabulary import Cleft, Modality, ShapeOnRadiograph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.assessment.findings.finding import Finding
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen

    Cite = Callable[[Iterable[str]], list[str]]

#: The question that each kind of finding answers, in the order of the table.
QUESTIONS: dict[type, str] = {
    kinds.RecencySign: "Recent?",
    kinds.SqGrade: "Shape and grade",
    kinds.ReadersGrade: "Grade as readers give it",
    kinds.Morphometry: "Deformed beyond normal?",
    kinds.RadiographShape: "Radiograph signs",
    kinds.T2Signal: "T2 pattern",
    kinds.EdemaLevel: "Edema level",
    kinds.EdemaBesideEndplates: "Edema beside endplates",
    kinds.CleftSign: "Cleft",
    kinds.PosteriorWall: "Posterior wall",
    kinds.Endplates: "Endplates",
    kinds.OfSuggestion: "OF class",
    kinds.DoubtfulNeighbour: "Neighbours",
    CementedBody: "Cemented vertebra",
    kinds.PublishedClass: "",
    kinds.BoneQuality: "Bone quality (VBQ)",
    kinds.SpineGrades: "All levels",
}
_ORDER = list(QUESTIONS)
_SIGNS = {
    ShapeOnRadiograph.WEDGE: "front over 3\u00a0mm lower than back",
    ShapeOnRadiograph.SHORT: "20% shorter than a neighbour",
}
_ONE_SIDE = {"superior": "upper", "inferior": "lower", "none": "neither"}
_SIDES = {(True, True): "both", (True, False): "upper", (False, True): "lower", (False, False): "neither"}
_PRESENT = {True: "present", False: "absent", None: "cannot be told"}
#: Words of the core that say too little alone.
_VALUES = {"unknown": "cannot be told", "none": "none seen", "reader must decide": "the reader must decide"}


def findings_table(seen: Seen, cite: Cite) -> list[Block]:
    """The table; nothing where nothing was read."""
    by_question: dict[str, list[Finding]] = {}
    own = [f for f in seen.assessment.findings if f.level == seen.index or f.level is None]
    own.sort(key=lambda f: _ORDER.index(type(f.data)) if type(f.data) in QUESTIONS else len(_ORDER))
    for f in own:
        if isinstance(f.data, OVER_TIME):
            continue
        by_question.setdefault(_question(f), []).append(f)
    if not by_question:
        return []
    columns = [
        column("Question", width=1.1),
        column("Reading", width=1.25),
        column("Probability", width=1.35),
        column("Based on", width=2.6),
    ]
    return [table(columns, [_row(q, found, seen, cite) for q, found in by_question.items()], style="findings")]


def _question(f: Finding) -> str:
    if isinstance(f.data, kinds.PublishedClass):
        return say("{system} ({version})", system=f.data.system, version=f.data.version)
    return QUESTIONS.get(type(f.data), f.name)


def _row(question: str, found: Sequence[Finding], seen: Seen, cite: Cite) -> list[Text]:
    first = _first(found, seen)
    refs = cited(cite(id_ for f in found for id_ in f.evidence))
    if isinstance(first.data, kinds.RadiographShape):
        return [said(bold(question)), *_signs(found, seen), said("Signs of the teaching case", refs)]
    return [said(bold(question)), _reading(first), _probability(first), said(_based_on(first, found, seen), refs)]


def _first(found: Sequence[Finding], seen: Seen) -> Finding:
    """The reader's before that on the radiograph, that before the one on MRI; else the order of the record."""

    def order(f: Finding) -> int:
        source = seen.source_of(f.image)
        if f.by_reader:
            return 0
        return 1 if source is None or source.modality is Modality.RADIOGRAPH else 2

    return min(found, key=order)


def _reading(f: Finding) -> Text:
    top = max((p for _, p in f.probability), default=1.0)
    whole = isinstance(f.data, kinds.ReadersGrade)  # says its probability itself
    doubt = top < CERTAIN_ENOUGH and len(f.probability) > 1 and not whole
    by = soft(" (the reader)") if f.by_reader else ""
    return said(plain(_words(f)), by, hold(", uncertain") if doubt else "")


def _words(f: Finding) -> str:
    match f.data:
        case kinds.SpineGrades(graded=graded, fractured=fractured):
            which = say("{fractured} fractured", fractured=spans(fractured)) if fractured else "none fractured"
            span = spans([level for level, _ in graded])
            return (
                say("{which} of {graded} graded ({span})", which=which, graded=len(graded), span=span)
                if graded
                else "none graded"
            )
        case kinds.SqGrade():
            return say("Genant {f}", f=f.value)
        case kinds.Endplates(superior=bool() as superior, inferior=bool() as inferior):
            return say("{sides} depressed", sides=_SIDES[superior, inferior])
        case kinds.EdemaBesideEndplates(superior=superior, inferior=inferior):
            return _SIDES[superior, inferior]
        case kinds.CleftSign(cleft=Cleft.NONE):
            return "none seen"
    return _VALUES.get(f.value, f.value)


def _signs(found: Sequence[Finding], seen: Seen) -> list[Text]:
    """The signs of a fracture on a radiograph in one row: what each says, and how probable it is."""
    read, sure = [], []
    for sign, words in _SIGNS.items():
        same = [f for f in found if isinstance(f.data, kinds.RadiographShape) and f.data.sign is sign]
        if same and isinstance((data := _first(same, seen).data), kinds.RadiographShape):
            read.append(say("{words}: {present}", words=words, present=_PRESENT[data.present]))
            sure.append("not estimated" if data.probability is None else estimate(data.probability))
    words = joined("; ", read)
    return [said(capital(words)), said(joined("; ", sure))]


def _probability(f: Finding) -> Text:
    if not f.probability:
        return said(soft("not estimated"))
    if len(f.probability) == 1:
        return said(estimate(f.probability[0][1]))
    words = _ONE_SIDE if isinstance(f.data, kinds.Endplates | kinds.EdemaBesideEndplates) else _VALUES
    named = [(words.get(name, name), p) for name, p in f.probability if p >= MIN_SAID]
    return said(chart(charts.shares_bar(named), 30, ""), " ", likely(named))


def _based_on(first: Finding, found: Sequence[Finding], seen: Seen) -> str:
    words = based_on(first, seen)
    if not words:
        words = joined("; ", (plain(r) for r in first.reasons if r and r not in (NOT_SEEN, CHOICE)))
    parts = [_on(first, seen), sentence(words) if words else ""]
    if isinstance(first.data, kinds.OfSuggestion):
        parts.append("Follows from endplates and wall; enters no score. OF5 cannot be seen in the bodies: exclude it.")
    return joined(" ", (part for part in (*parts, _elsewhere(first, found, seen)) if part))


def _on(first: Finding, seen: Seen) -> str:
    source = seen.source_of(first.image) if isinstance(first.data, kinds.SqGrade) else None
    return "" if source is None or first.by_reader else say("Heights on {source}.", source=image_words(source))


def _elsewhere(first: Finding, found: Sequence[Finding], seen: Seen) -> str:
    """The same question on other images."""
    lines = []
    for f in found:
        source = seen.source_of(f.image)
        if f is first or f.id != first.id or source is None or f.image == first.image:
            continue
        single = len(f.probability) == 1
        words = (
            say("{f}, {probability}", f=f.value, probability=estimate(f.probability[0][1]))
            if single
            else likely(f.probability)
        )
        lines.append(say("On {source}: {value}.", source=image_words(source), value=words or _words(f)))
    return joined(" ", dict.fromkeys(lines))
