"""The appendix: all levels, definitions and data, references, provenance."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ovcf.guidance.evidence import Mark, load_evidence
from ovcf.language.worded import capital, in_clauses, joined, say
from ovcf.measures.shape.body_heights import ANTERIOR_HEIGHT, POSTERIOR_HEIGHT, WEDGE_RATIO
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.recent_fracture import FLUID_HIGH, T1_LOW
from ovcf.render.blocks import bold, cited, column, figures, heading, in_words, paragraph, said, soft, table
from ovcf.render.seen import image_words
from ovcf.render.words.names import name_of
from ovcf.render.words.values import digits_of, half_interval, of_whole_spine
from ovcf.render.words.wording import day, decimal, estimate, moment, plain, sentence, size_of, spans
from ovcf.report.pages.inside import details
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Reference
    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement
    from ovcf.render.blocks import Block, Run, Text
    from ovcf.render.seen import Seen
    from ovcf.render.sources import Sources
    from ovcf.report.figure import Figure

_UNITS = {
    "_years": " years",
    "_percent": "%",
    "_deg": "°",
    "_hu": " HU",
    "_mg_per_day": " mg per day",
    "t_score": "",
    "weeks_since_onset": " weeks",
    "_mm": "\u00a0mm",
}
_ACRONYMS = {"vhl", "vas", "odi", "qct", "asa", "frax", "mof", "mfi5", "t2", "mri", "stir", "joabpeq", "sq", "vbq"}
_SHOWN_ELSEWHERE = {"patient_id", "notes", "visit_date", "age_years", "sex"}
_MAX_SOURCES = 2
_IN_A_ROW, _MAX_IN_A_ROW = 5, 6
#: How a source was checked, behind "Checked:".
_CHECKED: dict[str, str] = {
    Mark.SECONDARY: "abstract or secondary page",
    Mark.UNVERIFIED: "not yet",
    Mark.DERIVED: "derived here",
    Mark.PROJECT: "rule of this project",
}
_BY_PERSON = " (named by a person)"


def appendix(seen: Seen, pictures: Sequence[Figure], sources: Sources) -> list[Block]:
    """The blocks of the appendix; references are numbered as the report has cited them."""
    blocks = [*_levels(seen), *_definitions(seen, sources), *_images(seen, pictures)]
    entries = [
        {"number": number, "citation": r.citation, "doi": r.doi, "mark": in_words(_checked(r))}
        for number, r in sources.listed
    ]
    if entries:
        blocks += [heading("Appendix C. References"), {"kind": "references", "entries": entries}]
    return [*blocks, *_provenance(seen)]


def _checked(reference: Reference) -> str:
    """How it was checked; of what was read, which part of it was at hand: an abstract is no full text."""
    entry = load_evidence().get(reference.id)
    if reference.mark is Mark.READ:
        return say("read ({where})", where=entry.where) if entry else "read"
    return _CHECKED.get(reference.mark, reference.mark)


def _levels(seen: Seen) -> list[Block]:
    """One row per level, radiograph before MRI; the only table with ±, which is half of the 95% interval."""
    own = [m for m in seen.assessment.measurements if m.levels and not of_whole_spine(m) and m.index_level]
    levels = sorted({m.index_level for m in own if m.index_level}, key=lambda level: level.rank)
    if len(levels) < 2:
        return []
    by = {(m.index_level, m.method.id, m.source.modality, m.source.posture): m for m in reversed(own)}
    columns, groups = _columns(own)
    rows = []
    for level in levels:
        cells: list[Text] = [said(bold(level.value))]
        for method, source, _ in columns:
            if method == "grade":
                cells.append(_grade(seen, level))
                continue
            m = by.get((level, method, source.modality, source.posture))
            cells.append(said("–") if m is None else _cell(m))
        rows.append(cells)
    heads = [column("Level"), *(column(label, align="right") for _, _, label in columns)]
    block = table(heads, rows, style="levels", group=[{"label": "", "span": 1}, *groups])
    return [heading("Appendix A. All levels", soft("value ± half of the 95% interval")), block, *_not_graded(seen)]


def _columns(own: Sequence[Measurement]) -> tuple[list[tuple[str, Source, str]], list[Run]]:
    """(method, image, heading) of each column, and how many columns each image has."""
    kinds: dict[tuple[str, str], Source] = {}
    for m in sorted(own, key=lambda m: m.source.modality.value != "radiograph"):
        kinds.setdefault((m.source.modality.value, m.source.posture.value), m.source)
    columns: list[tuple[str, Source, str]] = []
    groups: list[Run] = []
    in_mm = signal = False
    for i, source in enumerate(list(kinds.values())[:_MAX_SOURCES]):
        methods = {(m.method.id, m.unit) for m in own if _same(m.source, source)}
        ids = {id_ for id_, _ in methods}
        chosen: list[tuple[str, Source, str]] = []
        if i == 0:
            chosen += [("grade", source, "Genant grade"), (WEDGE_RATIO.id, source, "Anterior / posterior")]
        if not in_mm and (ANTERIOR_HEIGHT.id, Unit.MM) in methods:
            in_mm = True
            chosen += [(ANTERIOR_HEIGHT.id, source, "Anterior, mm"), (POSTERIOR_HEIGHT.id, source, "Posterior, mm")]
        chosen += [
            (VERTEBRAL_HEIGHT_LOSS.id, source, "Height loss, %"),
            (LOCAL_KYPHOSIS_ANGLE.id, source, "Kyphosis, °"),
        ]
        if not signal and T1_LOW.id in ids | {FLUID_HIGH.id} & ids:
            signal = True
            chosen += [(T1_LOW.id, source, "T1 low, %"), (FLUID_HIGH.id, source, "STIR high, %")]
        chosen = [c for c in chosen if c[0] == "grade" or c[0] in ids]
        columns += chosen
        words = image_words(source)
        groups += [{"label": capital(words), "span": len(chosen)}] if chosen else []
    return columns, groups


def _same(a: Source, b: Source) -> bool:
    return (a.modality, a.posture) == (b.modality, b.posture)


def _cell(m: Measurement) -> Text:
    return said(decimal(m.value, digits_of(m)), soft(say(" {half_interval}", half_interval=half_interval(m))))


def _grade(seen: Seen, level: Level) -> Text:
    grade = seen.grade_of(level)
    if grade is None:
        return said("–")
    p = dict(grade.probability).get(grade.grade)
    return said(str(grade.grade), soft(say(" ({p})", p=estimate(p)) if p is not None else ""))


def _not_graded(seen: Seen) -> list[Block]:
    if seen.grades is None or not seen.grades.ungraded:
        return []
    words = joined(
        "; ",
        (
            say("{value}: {reason}", value=u.level or "a body without a name", reason=plain(u.reason))
            for u in seen.grades.ungraded
        ),
    )
    graded = spans([level for level, _ in seen.grades.graded])
    return [
        paragraph(soft(say("Graded: {value}. Not graded: {words}.", value=graded or "none", words=words)), small=True)
    ]


def _definitions(seen: Seen, sources: Sources) -> list[Block]:
    """How each measurement is defined, what was entered, and what was not."""
    measured = {m.method.id: m for m in seen.assessment.measurements}
    parts: Text = []
    for m in measured.values():
        label, definition = name_of(m, None).label, _readable(m.method.definition)
        parts += said(
            " " if parts else "",
            bold(say("{label}:", label=label)),
            say(" {definition}", definition=definition),
            cited(sources.cite(m.method.evidence)),
            ".",
        )
    blocks: list[Block] = [paragraph(parts, small=True)] if parts else []
    facts = list(_facts(seen.assessment.case))
    if facts:
        words = in_clauses(say("{label} {value}", label=label, value=value) for label, value in facts)
        blocks.append(paragraph(bold("Entered:"), say(" {words}. All else: not recorded.", words=words), small=True))
    if seen.assessment.case.notes:
        blocks.append(paragraph(bold("Notes:"), " " + joined(" ", map(plain, seen.assessment.case.notes)), small=True))
    return [heading("Appendix B. Definitions, data and images"), *blocks] if blocks or seen.assessment.series else []


def _readable(definition: str) -> str:
    return definition.replace("100 x ", "100 × ").replace(" - ", " − ")


def _images(seen: Seen, pictures: Sequence[Figure]) -> list[Block]:
    rows = [
        say(
            "{role}{by_person}: {description}, {size_of}",
            role=s.role,
            by_person=_BY_PERSON if s.overridden else "",
            description=plain(s.description),
            size_of=size_of(s.size, s.spacing_mm),
        )
        for s in seen.assessment.series
    ]
    blocks: list[Block] = (
        [paragraph(bold("Images:"), say(" {join}.", join=joined("; ", rows)), small=True)] if rows else []
    )
    shown = [*details(pictures)[1], *(i for i, f in enumerate(pictures) if f.place == "appendix")]
    row = len(shown) if len(shown) <= _MAX_IN_A_ROW else _IN_A_ROW
    return [*blocks, *(figures(shown[i : i + row], row) for i in range(0, len(shown), max(row, 1)))]


def _facts(case: object) -> Iterator[tuple[str, str]]:
    """Every clinical fact that was given, under the name of its field."""
    for f in fields(case):  # type: ignore[arg-type]  # the case and its parts are dataclasses
        value = getattr(case, f.name)
        if is_dataclass(value):
            yield from _facts(value)
        elif value not in (None, "", ()) and f.name not in _SHOWN_ELSEWHERE:
            unit = next((unit for end, unit in _UNITS.items() if f.name.endswith(end)), "")
            yield _label(f.name), _words(value) + unit


def _label(field: str) -> str:
    """``vhl_percent`` as ``VHL``, ``index_level`` as ``index level``: the unit stands behind the value."""
    name = re.sub("_(years|percent|deg|hu|mg_per_day|mm)$", "", field).replace("t_score", "T-score")
    return " ".join(word.upper() if word in _ACRONYMS else word for word in name.split("_"))


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return joined(", ", (_words(v) for v in value))
    if is_dataclass(value):
        return "(" + in_clauses(say("{label} {said}", label=label, said=said_) for label, said_ in _facts(value)) + ")"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "−")
    text = str(value.value if isinstance(value, Enum) else value)
    return day(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else plain(text)


def _provenance(seen: Seen) -> list[Block]:
    a = seen.assessment
    p = a.provenance
    placed = list(dict.fromkeys(plain(s.placed_by) for s in seen.sources))
    by = say(" Points by: {join}.", join=joined("; ", placed)) if placed else ""
    made = say(
        "{software}, made {created_at}.{by} {column} assumed. Schema {schema_version}.",
        software=p.software,
        created_at=moment(p.created_at),
        by=by,
        column=a.column,
        schema_version=a.schema_version,
    )
    lines = [say("{made} The data file beside this report holds the full record.", made=made)]
    if p.inputs:
        lines.append("SHA-256 of what was read: " + joined(", ", (digest for _, digest in p.inputs)) + ".")
    if p.parameters:
        lines.append(
            "Parameters: "
            + joined("; ", (say("{name} {value}", name=name, value=value) for name, value in p.parameters))
            + "."
        )
    blocks = [heading("Appendix D. Provenance"), *(paragraph(plain(line), small=True) for line in lines)]
    if a.notes:
        blocks.append(
            paragraph(
                bold("Notes of the software:"), " " + joined(" ", (sentence(plain(n)) for n in a.notes)), small=True
            )
        )
    return blocks
