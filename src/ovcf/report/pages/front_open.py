"""Page one where no vertebra is chosen: a doubted level, nothing fractured, nothing measured, several that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import capital, say
from ovcf.measures.shape.body_heights import WEDGE_RATIO
from ovcf.measures.signal.recent_fracture import FLUID_HIGH
from ovcf.plain_text import listed
from ovcf.render.advice import not_recorded_of_urgent
from ovcf.render.blocks import (
    band,
    bold,
    cited,
    column,
    figures,
    heading,
    hold,
    in_words,
    paragraph,
    said,
    soft,
    split,
    table,
)
from ovcf.render.rows.withheld_rows import withheld_rows
from ovcf.render.seen import SURELY_SOUND, modality_words
from ovcf.render.words.score_words import item_name
from ovcf.render.words.values import value_text, with_interval
from ovcf.render.words.wording import estimate, plain, sentence, share, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ovcf.assessment.result import LevelQuestion
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen
    from ovcf.report.figure import Figure

    Cite = Callable[[Iterable[str]], list[str]]

_MAX_QUESTION_PICTURES = 2


def is_to_choose(seen: Seen) -> bool:
    """Whether a vertebra is suggested of which no reader has said a word."""
    said = {*seen.assessment.undecided}
    open_ = [f.level for f in (*seen.looks_fractured, *seen.unclear) if f.level not in said]
    return bool(open_) and not seen.assessment.declined


def choose_band(seen: Seen) -> list[Block]:
    """Asks which vertebra is to be assessed."""
    levels = spans([f.level for f in (*seen.looks_fractured, *seen.unclear) if f.level is not None])
    return [
        band(
            "hold",
            "Which vertebra is fractured?",
            said(
                say(
                    "Suggested: {levels}. Name the fractured vertebra in the clinical data, field “index "
                    "level”, and assess again. A suggestion is not a finding; nothing is scored before a "
                    "reader has chosen.",
                    levels=levels,
                )
            ),
        )
    ]


def level_question(seen: Seen, pictures: Sequence[Figure]) -> list[Block]:
    """The question, numbered pictures, answers to tick, and what they change."""
    blocks: list[Block] = []
    at = [i for i, f in enumerate(pictures) if f.place == "question"][:_MAX_QUESTION_PICTURES]
    for q in seen.assessment.questions[:1]:
        title, lines = _asked(q)
        blocks.append(band("hold", title, *lines))
        answers: list[Block] = [heading("Your answer", level=3), {"kind": "pick", "items": _answers(q)}]
        if len(seen.assessment.questions) > 1:
            which = ("the radiograph" if q.film == 1 else q.image) if q.on_radiograph else "the MRI"
            note = say(
                "Each picture counts its own bodies. These numbers are those of {which}: say which you mean.",
                which=which,
            )
            answers.append(paragraph(note, small=True))
        answers += [
            heading("What settles it", level=3),
            paragraph(
                "Count down from C2 on a localizer of the whole spine. Otherwise: the last rib, the iliolumbar "
                "ligament (L5), the shape of the lumbosacral disc.",
                small=True,
            ),
        ]
        blocks.append(
            split([figures(at, len(at))], answers, (0.75 * max(len(at), 1) + 0.25, 1.0)) if at else answers[1]
        )
    return blocks


def _asked(q: LevelQuestion) -> tuple[str, list[Text]]:
    last = len(q.bodies)
    ways = listed([say("{to} (probability {p})", to=to, p=estimate(p)) for _, to, p in q.likely[:3]]).replace(
        " and ", " or "
    )
    lines = [
        said(
            say(
                "{last} vertebral bodies were found on {image} and numbered from the head down. Number "
                "{last} is {ways}. Below {asked} the level is a question, not assumed.",
                last=last,
                image=plain(q.image),
                ways=ways,
                asked=share(q.asked),
            )
        )
    ]
    return say("One question first: which vertebra is number {last}?", last=last), lines


def _answers(q: LevelQuestion) -> list[dict[str, str]]:
    last = len(q.bodies)
    items = [
        {
            "title": in_words(say("{last} is {to}", last=last, to=to)),
            "text": in_words(
                say("1 to {last} are {first} to {to}; probability {p}.", last=last, first=first, to=to, p=estimate(p))
            ),
        }
        for first, to, p in q.likely[:3]
    ]
    return [*items, {"title": in_words("Number ____ is ____"), "text": in_words("Any one body you are sure of.")}]


def depends(cite: Cite) -> list[Block]:
    """What the answer changes."""
    rows = [
        [said(bold("Shape and signal of each body")), said("no: they belong to the numbered body, whatever its name")],
        [
            said(bold("Grade, height loss, fracture")),
            said("yes: normal shape and neighbours are looked up by level; nothing is graded before"),
        ],
        [
            said(bold("NASOVCF")),
            said("yes: T11 to L2 only; the T-score must leave out the fractured vertebra.", cited(cite(["han-2025"]))),
        ],
        [said(bold("Treatment at a level")), said("yes: the wrong level could be treated. Confirm it before.")],
    ]
    return [
        heading("What depends on the answer"),
        table([column("", width=1), column("", width=2)], rows, style="bare"),
    ]


def levels_table(seen: Seen) -> list[Block]:
    """Level by level: the grade and its probability, shape, signal, or why it could not be graded."""
    if seen.grades is None:
        return []
    why = {u.level: u.reason for u in seen.grades.ungraded if u.level is not None}
    levels = sorted({level for level, _ in seen.grades.graded} | set(why), key=lambda level: level.rank)
    suspected, unclear = ({f.level for f in found} for found in (seen.looks_fractured, seen.unclear))
    rows = []
    for level in levels:
        grade = seen.grade_of(level)
        if level in why or grade is None:
            rows.append(
                [said(bold(level.value)), said(hold("not graded")), [], [], said(soft(plain(why.get(level, ""))))]
            )
            continue
        p = dict(grade.probability).get(grade.grade)
        ratio, edema = seen.measured(WEDGE_RATIO.id, level), seen.measured(FLUID_HIGH.id, level)
        if grade.grade:
            sign = say("grade {grade}{shape}", grade=grade.grade, shape=", " + grade.shape if grade.shape else "")
        elif level in suspected:
            sign = "looks fractured by other signs: see above"
        else:
            sign = "marrow signal not clear: see above" if level in unclear else "no sign of a fracture"
        rows.append(
            [
                said(bold(level.value)),
                said(say("{grade}", grade=grade.grade), soft(say(" ({p})", p=estimate(p)) if p is not None else "")),
                said(with_interval(ratio) if ratio else "–"),
                said(value_text(edema) if edema else "–"),
                said(sign),
            ]
        )
    columns = [
        column("Level"),
        column("Genant grade (probability)"),
        column("Anterior / posterior height"),
        column("STIR high"),
        column("Reading", width=1),
    ]
    return [heading("Level by level"), table(columns, rows, style="plain")]


def not_excluded(seen: Seen) -> list[Block]:
    """What "no fracture found" does not say."""
    assert seen.grades is not None
    rows = []
    open_ = [u.level for u in seen.grades.ungraded if u.level is not None]
    if open_:
        rows.append([said(bold(spans(open_))), said("Look yourself, or repeat with a larger field of view.")])
    rows.append(
        [
            said(bold("Levels outside the picture")),
            said("Not assessed. Pain or tenderness elsewhere needs its own image."),
        ]
    )
    fluid = any(m.method.id == FLUID_HIGH.id for m in seen.assessment.measurements)
    edema = (
        "Seen only as marrow edema: no level reads as recent."
        if fluid
        else "Not excluded: fluid-sensitive MRI was not given."
    )
    rows.append([said(bold("A fracture without loss of height")), said(edema)])
    if mild := seen.mild_not_excluded:
        text = say("The heights alone do not exclude it (grade 0 in less than {sure:.0%}).", sure=SURELY_SOUND)
        rows.append([said(bold(say("A mild fracture of {mild}", mild=spans(mild)))), said(text)])
    open_urgent = not_recorded_of_urgent(seen)
    if open_urgent:
        words = listed(open_urgent)
        rows.append([said(bold(capital(words))), said("Not recorded.")])
    return [
        heading("What this does not exclude"),
        table([column("", width=1), column("", width=2)], rows, style="bare"),
    ]


def needed(seen: Seen) -> list[Block]:
    """What is needed first, where nothing could be measured."""
    rows = []
    given = {modality_words(s) for s in seen.sources}
    have = {s.role for s in seen.assessment.series}
    if not have and not given:
        rows.append(
            [said(bold("Images")), said("A lateral radiograph, standing if possible, or MRI with T1, T2 and STIR.")]
        )
    if seen.index is None:
        rows.append(
            [said(bold("The fractured vertebra")), said("Name it in the clinical data once an image shows it.")]
        )
    rows += [[said(bold(what)), said(sentence(why), " ", helps)] for what, why, helps in withheld_rows(seen)]
    if seen.score is not None and seen.score.missing:
        missing = listed(list(map(item_name, seen.score.missing)))
        rows.append([said(bold("For NASOVCF")), said(say("{missing}: not recorded.", missing=missing))])
    return (
        [heading("What is needed"), table([column("", width=1), column("", width=2.4)], rows, style="bare")]
        if rows
        else []
    )
